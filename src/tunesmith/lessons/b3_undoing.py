"""Gamma and beta can undo the normalisation, and are learned.

By hand: z is 2, 4, 4 and 10, of mean 5 and deviation 3 (see B2). With gamma = 3 and beta = 5,
z_tilde = 3 z_norm + 5 is 2, 4, 4 and 10 again.

Then networks are trained with every optimizer there is, and how far gamma and beta have moved from
1 and 0 shows that all of them learn both.

To change: Z; EPOCHS.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.reference import batch_norm
from tunesmith.engine.train import Training
from tunesmith.lessons.b2_transform import CLOSE, EPSILON, Z
from tunesmith.lessons.data import images
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, side_by_side, trained

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EPOCHS: Final = 10
UNITS: Final = 32
RATES: Final = {
    Rule.SGD: 0.1,
    Rule.MOMENTUM: 0.1,
    Rule.NESTEROV: 0.1,
    Rule.RMSPROP: 1e-3,
    Rule.ADAM: 1e-3,
    Rule.ADAMW: 1e-3,
}
"""A learning rate for each optimizer."""


def measure(setting: Setting) -> Findings:
    """Undo a normalisation, then let every optimizer learn gamma and beta."""
    z = np.array(Z)[:, None]
    gamma, beta = np.sqrt(z.var(axis=0) + EPSILON), z.mean(axis=0)
    back, _, _, _ = batch_norm(z, gamma, beta, EPSILON)
    apart = float(np.abs(back - z).max().round(12))
    table = images(setting)

    def learn(rule: Rule) -> Training:
        recipe = Recipe(optimizer=Optimizer(rule=rule, learning_rate=RATES[rule]))
        return trained(dense(table, (UNITS,)), recipe, table.train, EPOCHS, seed=setting.seed)

    gammas, betas = zip(*map(learned, side_by_side(learn, list(RATES), setting)), strict=True)
    moved = [
        min(np.abs(g - 1).mean(), np.abs(b).mean()) for g, b in zip(gammas, betas, strict=True)
    ]
    return Findings(
        numbers=(
            Number(name="gamma that undoes", value=float(gamma[0])),
            Number(name="beta that undoes", value=float(beta[0])),
            *(
                Number(name=f"z again, row {n}", value=float(v))
                for n, v in enumerate(back[:, 0], 1)
            ),
            Number(name="largest difference from z", value=apart),
            *_moved("gamma from 1", [np.abs(g - 1).mean() for g in gammas]),
            *_moved("beta from 0", [np.abs(b).mean() for b in betas]),
        ),
        verdict=verdict(apart < CLOSE and min(moved) > CLOSE),
        sentence=f"Gamma {figures(float(gamma[0]))} and beta {figures(float(beta[0]))} give z back "
        f"to within {figures(apart)}; of the {len(RATES)} optimizers "
        f"{sum(m > CLOSE for m in moved)} move both gamma and beta.",
        conditions=f"{table.name}; {UNITS} relu units, {EPOCHS} epochs in batches of 64; one "
        "training for each optimizer; moved: the mean distance over units",
        series={"gammas": np.array(gammas), "betas": np.array(betas)},
    )


def learned(training: Training) -> tuple[np.ndarray, np.ndarray]:
    """Return gamma and beta [UNITS] of the first layer."""
    layer = training.network.layers[0]
    gamma, beta = (training.weights[at : at + layer.units] for at in (layer.gamma, layer.beta))
    return gamma.copy(), beta.copy()


def _moved(what: str, distances: list[float]) -> tuple[Number, ...]:
    return tuple(
        Number(name=f"{rule.value}: {what}", value=float(distance))
        for rule, distance in zip(RATES, distances, strict=True)
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the learned gammas and betas of every optimizer."""
    names = [rule.value for rule in RATES]
    for axes, what, start in zip(figure.subplots(1, 2), ("gammas", "betas"), (1, 0), strict=True):
        axes.axvline(start, color="#999999", linestyle="--")
        for place, values in enumerate(findings.series[what]):
            axes.plot(values, [place] * len(values), "|", color="#1b6ca8", markersize=12)
        axes.set_yticks(range(len(names)), names if what == "gammas" else [])
        axes.invert_yaxis()
        axes.set_xlabel(f"{what[:-1]} of each unit after {EPOCHS} epochs")
        axes.set_title(f"every optimizer moves {what[:-1]} from {start}")
