"""Test time: running averages stand in for the statistics that a single example does not have.

By hand, two mini-batches have means 5 and 7, and the old average counts 0.9: the running average
goes from 0 to 0.5 and to 0.9 * 0.5 + 0.1 * 7 = 1.15. It began at 0, so it is divided by 1 - 0.9^2 =
0.19, and is 6.05.

Networks are trained, and after each epoch the running averages are compared with the exact
statistics of all training rows under the same weights: by how many deviations the means are off,
and by what share the deviations. Then every test image is given alone and in a batch with all
others: at test time its outputs must not depend on who is beside it, and with a batch's own
statistics they do.

To change: DECAY, the weight of the old average; RATE, since averages lag behind weights that move
fast.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.reference import corrected, running_average
from tunesmith.engine.train import Training
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.figures import STYLES
from tunesmith.lessons.glass import forward, parts
from tunesmith.lessons.intervals import mean_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, score, side_by_side, with_momentum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.floating]

DECAY: Final = 0.9
MEANS: Final = (5.0, 7.0)
"""Of the two mini-batches that are averaged by hand."""
HIDDEN: Final = (32, 32)
RATE: Final = 0.1
EPOCHS: Final = 20
TRAININGS, QUICK_TRAININGS = 20, 4
CLOSE: Final = 0.25
"""Deviations by which running means may be off at the end of training."""


def measure(setting: Setting) -> Findings:
    """Train, compare the averages, then look at single images."""
    table = images(setting)
    seeds = list(range(setting.of(TRAININGS, QUICK_TRAININGS)))
    runs = side_by_side(lambda n: follow(table, setting.seed, n), seeds, setting)
    off = np.array([lag for lag, _ in runs])  # [trainings, EPOCHS, 2]
    alone, beside, accuracies = np.array([single for _, single in runs]).T
    by_two = by_hand()
    numbers = (
        Number(name="running average of 5 and 7", value=by_two[0]),
        Number(name="the same, corrected", value=by_two[1]),
        mean_of("means off after the first epoch", off[:, 0, 0], "deviations"),
        mean_of("means off after the last epoch", off[:, -1, 0], "deviations"),
        mean_of("deviations off after the last epoch", 100 * off[:, -1, 1], "%"),
        mean_of("one image alone or among others: outputs differ", alone),
        mean_of("the same with a batch's own statistics", beside),
        mean_of("accuracy, one image at a time", 100 * accuracies, "%"),
    )
    ends = numbers[3].value < CLOSE and numbers[5].value == 0
    return Findings(
        numbers=numbers,
        verdict=verdict(ends),
        sentence=f"At the end the running means are off by {figures(numbers[3].value)} deviations "
        f"and an image alone gets {'the very' if numbers[5].value == 0 else 'not the'} outputs it "
        f"gets among others; with a batch's own statistics they move by "
        f"{figures(numbers[6].value)}.",
        conditions=f"{table.name}; layers of {' and '.join(map(str, HIDDEN))} relu units, batches "
        f"of 32, momentum with learning rate {RATE}, decay {DECAY}, {len(seeds)} trainings of "
        f"{EPOCHS} epochs; intervals by bootstrap over trainings",
        series={"off": off},
    )


def by_hand() -> tuple[float, float]:
    """Return the running average of MEANS, and the same corrected for its start at 0."""
    average: Array = np.zeros(1)
    for mean in MEANS:
        average = running_average(average, np.array([mean]), DECAY)
    mended, _ = corrected(average, average, DECAY, len(MEANS))
    return float(average[0]), float(mended[0])


def follow(table: Table, seed: int, number: int) -> tuple[Array, tuple[float, float, float]]:
    """Train; return how far off the averages are [EPOCHS, 2], and what single images get."""
    network = dense(table, HIDDEN)
    recipe = with_momentum(RATE)
    training = Training(network, recipe, *table.train, seed=seed, path=("training", number))
    off: Array = np.empty((EPOCHS, 2))
    for epoch in range(EPOCHS):
        training.train_epoch()
        mean, variance = training.statistics()
        exact_mean, exact_variance = training.exact_statistics()
        deviation = np.sqrt(exact_variance) + 1e-6
        off[epoch, 0] = np.abs((mean - exact_mean) / deviation).mean()
        off[epoch, 1] = np.abs(np.sqrt(variance) / deviation - 1).mean()
    x = table.test.x
    together = training.outputs(x)
    alone = np.concatenate([training.outputs(x[n : n + 1]) for n in range(len(x))])
    layers = parts(network, training.weights)
    halves = [forward(network, layers, half)[-1].y for half in (x, x[: len(x) // 2])]
    moved = float(np.abs(halves[0][: len(x) // 2] - halves[1]).mean())
    right = score(training, table.test).accuracy
    return off, (float(np.abs(alone - together).max()), moved, right)


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw how far off the averages are, epoch by epoch."""
    axes = figure.subplots()
    off = findings.series["off"].mean(axis=0)
    epochs = np.arange(1, len(off) + 1)
    axes.plot(epochs, off[:, 0], label="means, in deviations of their unit", **STYLES[0])
    axes.plot(epochs, off[:, 1], label="deviations, as a share", **STYLES[1])
    axes.set_ylim(bottom=0)
    axes.set_xticks(epochs[4::5])
    axes.set_xlabel("epochs")
    axes.set_ylabel("running averages off by")
    axes.set_title(
        f"running averages end {figures(float(off[-1, 0]))} deviations from the exact means"
    )
    axes.legend()
