"""Coarse to fine against one flat random search, at the same number of trainings.

Flat: every trial is drawn from the whole space. By hand: half of the trials are; then the ranges
close in on the best four of them, and the other half is drawn there, more densely. Then the search
of this project, in rounds, without its model and with it.

All train real networks on the images, equally many in each repeat. What a search recommends is
trained again with seeds it has not seen, and judged on test rows: the best value that a search has
seen owes a part to luck, and the more so the more it has seen.

To change: TRIALS; SPACE; KEPT, how many of the first round the second closes in on.
"""

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.executors.attempt import Attempt
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.figures import bars
from tunesmith.lessons.intervals import above, doubt, mean_of, times_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import Score, dense, score, side_by_side, trained, with_momentum
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.protocol import Search
from tunesmith.space import LOG, LOG1M, Float, Int, Space
from tunesmith.tuning import tune

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
Config = Mapping[str, Any]
Judge = Callable[[Config, int], float]
"""The validation loss of a config, trained as the trial of that number."""

SPACE: Final = Space(
    learning_rate=Float(1e-4, 1.0, scale=LOG),
    momentum=Float(0.9, 0.999, scale=LOG1M),
    units=Int(8, 64, scale=LOG),
    layers=Int(1, 4),
    batch_size=Int(16, 256, scale=LOG),
)
TRIALS, QUICK_TRIALS = 32, 16
REPEATS, QUICK_REPEATS = 50, 5
EPOCHS: Final = 8
KEPT: Final = 4
"""Trials of the first round that the second closes in on."""
AGAIN: Final = 5
"""Trainings that judge what a search recommends."""
ARMS: Final = ("flat random", "two rounds by hand", "CoarseToFine, no model", "CoarseToFine")
WORDS: Final = ("two rounds by hand", "CoarseToFine without its model", "CoarseToFine with it")


def measure(setting: Setting) -> Findings:
    """Search in all four ways, many times over."""
    table, trials = images(setting), setting.of(TRIALS, QUICK_TRIALS)
    repeats = setting.of(REPEATS, QUICK_REPEATS)

    def search(job: tuple[str, int]) -> float:
        arm, repeat = job
        return found(table, arm, trials, setting.seed, repeat)

    jobs = list(product(ARMS, range(repeats)))
    losses = np.array(side_by_side(search, jobs, setting)).reshape(len(ARMS), repeats)
    gains = tuple(
        times_of(f"{arm}: gain over flat", np.log(losses[0] / of))
        for arm, of in zip(ARMS[1:], losses[1:], strict=True)
    )
    return Findings(
        numbers=(
            *(mean_of(f"{arm}: test loss", of) for arm, of in zip(ARMS, losses, strict=True)),
            *gains,
        ),
        verdict=verdict(*(above(gain, 1) for gain in gains)),
        sentence=f"Against flat random search the test loss is smaller by {_told(gains)}.",
        conditions=f"{table.name}; {len(SPACE)} params: {', '.join(SPACE)}; {EPOCHS} epochs with "
        f"batch norm; {trials} trainings in each search, {repeats} searches of each kind; what is "
        f"recommended is trained {AGAIN} times more; intervals by bootstrap over searches",
        series={"losses": losses},
    )


def found(table: Table, arm: str, trials: int, seed: int, repeat: int) -> float:
    """Return the mean test loss of what one search recommends, trained with new seeds."""

    def judge(config: Config, number: int) -> float:
        return network_score(table, config, seed, "trial", repeat, number)[0].loss

    study = int(rng.stream(seed, "study", repeat).integers(2**31))
    match arm:
        case "flat random":
            best = in_rounds((trials,), judge, rng.stream(seed, "configs", repeat))
        case "two rounds by hand":
            halves = (trials - trials // 2, trials // 2)
            best = in_rounds(halves, judge, rng.stream(seed, "configs", repeat))
        case "CoarseToFine, no model":
            best = by_search(CoarseToFine(model=None, stop_early=False), judge, trials, study)
        case _:
            best = by_search(CoarseToFine(stop_early=False), judge, trials, study)
    again = [network_score(table, best, seed, "again", repeat, n)[1].loss for n in range(AGAIN)]
    return math.fsum(again) / AGAIN


def in_rounds(rounds: tuple[int, ...], judge: Judge, chance: np.random.Generator) -> Config:
    """Return the best config of random rounds, each in the ranges of the best before it."""
    low, high = np.zeros(len(SPACE)), np.ones(len(SPACE))
    seen: list[tuple[float, int, Array]] = []
    for count in rounds:
        for units in low + (high - low) * chance.random((count, len(SPACE))):
            seen.append((judge(SPACE.decode(units), len(seen)), len(seen), units))
        best = np.array([units for _, _, units in sorted(seen)[:KEPT]])
        low, high = best.min(axis=0), best.max(axis=0)
    return SPACE.decode(min(seen)[2])


def by_search(search: Search, judge: Judge, trials: int, seed: int) -> Config:
    """Return what a search of this project recommends."""

    def objective(attempt: Attempt) -> float:
        return judge(attempt, attempt.number)

    return tune(objective, SPACE, search=search, trials=trials, seed=seed).best.config


def network_score(table: Table, config: Config, seed: int, *path: int | str) -> tuple[Score, Score]:
    """Train a config's network; return how good it is on validation and on test rows."""
    training = trained(
        dense(table, (config["units"],) * config["layers"]),
        with_momentum(config["learning_rate"], config["momentum"], config["batch_size"]),
        table.train,
        EPOCHS,
        *path,
        seed=seed,
    )
    return score(training, table.valid), score(training, table.test)


def _told(gains: tuple[Number, ...]) -> str:
    """Say what each way gains over the flat one."""
    return "; ".join(
        f"{figures(gain.value)} times with {words}{doubt(gain, 1)}"
        for gain, words in zip(gains, WORDS, strict=True)
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw what each way finds, and each repeat beside it."""
    axes = figure.subplots()
    numbers = findings.numbers[: len(ARMS)]
    for place, losses in enumerate(findings.series["losses"]):
        axes.plot(losses, [place + 0.22] * len(losses), "|", color="#999999", markersize=6)
    bars(
        axes,
        list(ARMS),
        *([getattr(number, at) for number in numbers] for at in ("value", "low", "high")),
    )
    axes.set_xlabel(
        "test loss of what is recommended (nats); mean with interval, each search below"
    )
    axes.set_title(
        f"two rounds by hand: {findings.numbers[4].value:.2f} times smaller loss than flat, "
        f"CoarseToFine: {findings.numbers[6].value:.2f} times"
    )
