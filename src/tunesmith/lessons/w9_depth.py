"""How many steps a network needs, the deeper it is.

Networks of 1 to 10 hidden layers learn the images until their training loss has come down to a
given value: with nothing normalised, with only the input normalised, and with the input and every
hidden layer normalised. Sigmoids, as in Ioffe and Szegedy 2015, and relu, which lets slopes through
better.

Each has its own best learning rate: every network is trained with several, and the fastest counts.
So it is not a rate that suits one of them that decides. What does not come down within the epochs
it has, counts as the steps it was given.

To change: GOAL, the loss to come down to; RATES; DEPTHS.
"""

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Activation
from tunesmith.engine.recipe import batch_count
from tunesmith.engine.train import Training
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.figures import STYLES
from tunesmith.lessons.intervals import above, mean_of, times_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, side_by_side, with_momentum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

DEPTHS, QUICK_DEPTHS = (1, 2, 3, 4, 6, 8, 10), (1, 3, 8)
ARMS: Final = ("nothing", "input", "batch norm")
"""What is normalised; batch norm normalises the input too."""
ACTIVATIONS: Final = (Activation.SIGMOID, Activation.RELU)
UNITS: Final = 32
RATES: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
GOAL: Final = 0.5
"""Training loss, in nats; a guess has 2.3."""
EPOCHS, QUICK_EPOCHS = 60, 25
SEEDS, QUICK_SEEDS = 5, 2
BATCH: Final = 32


def measure(setting: Setting) -> Findings:
    """Train every depth in every way, and count steps."""
    table, depths = images(setting), setting.of(DEPTHS, QUICK_DEPTHS)
    epochs, seeds = setting.of(EPOCHS, QUICK_EPOCHS), range(setting.of(SEEDS, QUICK_SEEDS))
    jobs = list(product(ACTIVATIONS, ARMS, depths, seeds, RATES))

    def count(job: tuple[Activation, str, int, int, float]) -> int:
        return steps(table, *job[:3], epochs, job[4], (setting.seed, job[3]))

    shape = (len(ACTIVATIONS), len(ARMS), len(depths), len(seeds), len(RATES))
    counted = np.array(side_by_side(count, jobs, setting), dtype=np.float64).reshape(shape)
    fastest = counted.min(axis=-1)  # [activation, arm, depth, seed]
    gains = tuple(
        gain(f"{kind.value}, {depths[at]} layers: batch norm against {ARMS[arm]} only", of, arm, at)
        for kind, of in zip(ACTIVATIONS, fastest, strict=True)
        for arm, at in ((1, 0), (1, -1))
    )
    helped = tuple(
        times_of(
            f"{kind.value}, {depths[at]} layers: input against nothing",
            np.log(of[0, at] / of[1, at]),
        )
        for kind, of in zip(ACTIVATIONS, fastest, strict=True)
        for at in (0, -1)
    )
    most = epochs * batch_count(len(table.train.x), BATCH, batch_norm=True)
    least = "at least " if fastest[0, 1, -1].max() == most else ""
    deep = [above(number, 1) for number in gains[1::2]]
    grows = [late.value > early.value for early, late in zip(gains[::2], gains[1::2], strict=True)]
    return Findings(
        numbers=(*_numbers(fastest, depths), *gains, *helped),
        verdict=verdict(*deep, *grows),
        sentence=f"With {depths[-1]} layers batch norm needs {least}{figures(gains[1].value)} "
        f"times fewer steps than normalising the input alone with sigmoids and "
        f"{figures(gains[3].value)} times with relu; with one layer {figures(gains[0].value)} "
        f"and {figures(gains[2].value)} times.",
        conditions=_conditions(table.name, most, len(seeds)),
        series={"depths": np.array(depths), "steps": fastest, "most": np.array(most)},
    )


def _conditions(name: str, most: int, seeds: int) -> str:
    return (
        f"{name}; layers of {UNITS} units, momentum, batches of {BATCH}, to a training loss of "
        f"{GOAL} at the best of {len(RATES)} learning rates from {RATES[0]} to {RATES[-1]:g}; at "
        f"most {most:,} steps, which stand for those that never came down; {seeds} seeds; "
        "intervals by bootstrap over seeds"
    )


def steps(
    table: Table,
    activation: Activation,
    arm: str,
    depth: int,
    epochs: int,
    rate: float,
    address: tuple[int, int],
) -> int:
    """Return the steps until an epoch's mean loss is down to GOAL, or all there are."""
    network = dense(table, (UNITS,) * depth, batch_norm=arm == "batch norm", activation=activation)
    x = table.given if arm == "nothing" else table.train.x
    recipe = with_momentum(rate, batch_size=BATCH)
    training = Training(network, recipe, x, table.train.y, seed=address[0], path=(address[1],))
    for _ in range(epochs):
        loss = training.train_epoch()
        if loss <= GOAL:
            return training.step
        if not np.isfinite(loss):
            break
    return epochs * batch_count(len(x), BATCH, batch_norm=True)


def gain(name: str, fastest: Array, arm: int, at: int) -> Number:
    """Return how many times fewer steps batch norm needs than an arm, at one depth."""
    return times_of(name, np.log(fastest[arm, at] / fastest[2, at]))


def _numbers(fastest: Array, depths: tuple[int, ...]) -> tuple[Number, ...]:
    """Return the mean steps of the shallowest and the deepest networks."""
    return tuple(
        mean_of(f"{kind.value}, {depths[at]} layers, {arm}", fastest[k, a, at], "steps")
        for k, kind in enumerate(ACTIVATIONS)
        for at in (0, len(depths) // 2, -1)
        for a, arm in enumerate(ARMS)
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the three curves, for each activation."""
    depths, most = findings.series["depths"], float(findings.series["most"])
    for k, (kind, axes) in enumerate(
        zip(ACTIVATIONS, figure.subplots(1, 2, sharey=True), strict=True)
    ):
        for a, arm in enumerate(ARMS):
            counted = findings.series["steps"][k, a]
            axes.plot(depths, np.exp(np.log(counted).mean(axis=1)), label=arm, **STYLES[2 - a])
        axes.axhline(most, color="#999999", linewidth=0.8)
        axes.set_yscale("log")
        axes.set_xticks(depths)
        axes.set_xlabel("hidden layers")
        last = [n for n in findings.numbers if "batch norm against" in n.name][2 * k + 1]
        axes.set_title(
            f"{kind.value}, {depths[-1]} layers: {figures(last.value)} times fewer steps\n"
            "by batch norm than by the input alone"
        )
    left, right = figure.axes
    left.set_ylabel("steps to the loss")
    left.set_ylim(top=1.6 * most)
    left.text(depths[0], 1.05 * most, f"not within {most:,.0f} steps", fontsize=8)
    right.legend(title="normalised")
