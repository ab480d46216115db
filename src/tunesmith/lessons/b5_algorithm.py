"""One step of training with batch norm: forward, backward, update, by hand and compiled.

For every mini-batch: forward, with z replaced by z_tilde in each hidden layer, by the statistics of
this very mini-batch; backward for dW, dgamma and dbeta; then each is moved against its slope. By
hand, with the batch of B2 (z_norm is -1, -1/3, -1/3 and 5/3, gamma 2, beta 1) and slopes 1, 0, 0
and 0 by z_tilde: dgamma is the sum of slope times z_norm, -1; dbeta is the sum of the slopes, 1.
With a learning rate of 0.1, gamma becomes 2.1 and beta 0.9.

Then a whole network takes steps of gradient descent, once by the readable reference and once by the
compiled engine, and the weights are compared.

To change: HIDDEN, STEPS.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.reference import batch_norm, batch_norm_backward, sgd
from tunesmith.engine.train import Training
from tunesmith.lessons.b2_transform import BETA, EPSILON, GAMMA, Z
from tunesmith.lessons.b4_no_bias import SLOPES
from tunesmith.lessons.data import images
from tunesmith.lessons.glass import descend, gradient, parts
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RATE: Final = 0.1
HIDDEN: Final = (20, 20)
STEPS: Final = 20
ROWS: Final = 60
"""Of the one mini-batch that is learned."""
CLOSE: Final = 1e-3
"""What float32 may add up to, relative to how far the weights moved."""


def measure(setting: Setting) -> Findings:
    """Take one step by hand, then many by both."""
    gamma, beta = np.array([GAMMA]), np.array([BETA])
    _, z_norm, _, variance = batch_norm(np.array(Z)[:, None], gamma, beta, EPSILON)
    _, dgamma, dbeta = batch_norm_backward(
        np.array(SLOPES)[:, None], z_norm, gamma, variance, EPSILON
    )
    losses, moved, apart = both_ways(setting)
    return Findings(
        numbers=(
            Number(name="dgamma", value=float(dgamma[0])),
            Number(name="dbeta", value=float(dbeta[0])),
            Number(
                name="gamma after the step", value=float(sgd(gamma, dgamma, learning_rate=RATE)[0])
            ),
            Number(
                name="beta after the step", value=float(sgd(beta, dbeta, learning_rate=RATE)[0])
            ),
            Number(name="loss before the steps", value=float(losses[0, 0]), unit="nats"),
            Number(name="loss after the steps", value=float(losses[-1, 0]), unit="nats"),
            Number(name="weights moved by", value=moved),
            Number(name="reference and compiled differ by", value=apart),
        ),
        verdict=verdict(apart < CLOSE * moved and losses[-1, 0] < losses[0, 0]),
        sentence=f"After {STEPS} steps the loss has fallen from {figures(float(losses[0, 0]))} to "
        f"{figures(float(losses[-1, 0]))}, and the compiled weights are those of the reference to "
        f"{figures(apart)}, having moved by {figures(moved)}.",
        conditions=f"{images(setting).name}; layers of {' and '.join(map(str, HIDDEN))} relu "
        f"units, one batch of {ROWS} rows, gradient descent with learning rate {RATE}; distances "
        "are the largest over all weights",
        series={"losses": losses},
    )


def both_ways(setting: Setting) -> tuple[np.ndarray, float, float]:
    """Train twice; return both losses [STEPS, 2], how far weights moved, how far they differ."""
    table = images(setting)
    x, y = table.train.x[:ROWS], table.train.y[:ROWS]
    network = dense(table, HIDDEN)
    recipe = Recipe(optimizer=Optimizer(rule=Rule.SGD, learning_rate=RATE), batch_size=ROWS)
    training = Training(network, recipe, x, y, seed=setting.seed)
    start = training.weights.astype(np.float64)
    weights = start.copy()
    layers = parts(network, weights)
    losses = np.empty((STEPS, 2))
    for step in range(STEPS):
        loss, slopes = gradient(network, layers, x.astype(np.float64), y)
        descend(layers, slopes, RATE)
        losses[step] = loss, training.train_epoch()  # the one batch is an epoch
    moved, apart = (np.abs(training.weights - other).max() for other in (start, weights))
    return losses, float(moved), float(apart)


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the loss of both over the steps."""
    axes = figure.subplots()
    losses = findings.series["losses"]
    axes.plot(losses[:, 0], color="#1b6ca8", linewidth=4, alpha=0.4, label="reference in NumPy")
    axes.plot(losses[:, 1], "s--", color="#d1495b", label="compiled engine")
    axes.set_xlabel("step")
    axes.set_ylabel("loss of the mini-batch (nats)")
    axes.set_xticks(range(0, STEPS, 5))
    axes.set_ylim(bottom=0)
    axes.set_title("the algorithm by hand and compiled: the same steps")
    axes.legend()
