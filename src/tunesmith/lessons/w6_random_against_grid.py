"""A grid and a random search with the same number of trials.

A grid of 25 trials over two hyperparameters tries 5 values of each; 25 random trials try 25 values
of each. Where only one of the two matters, four fifths of the grid's trials repeat what is known.

First on functions of two params, whose best place is drawn anew in every repeat: one where a single
param matters, and one where both matter alike. Then on real networks: the learning rate, which
matters, and Adam's epsilon, which hardly does, as in the notes. In each repeat the ranges are moved
by a random part of a grid step, so that no grid is lucky in where its points fall. The best network
is chosen by validation rows and judged on test rows.

To change: TRIALS, WEIGHTS (how much each param of a function matters), RANGES.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.recipe import Recipe
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.figures import STYLES
from tunesmith.lessons.intervals import above, doubt, mean_of, times_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, score, side_by_side, trained

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

TRIALS, QUICK_TRIALS = (9, 25, 64), (9, 25)
REPEATS, QUICK_REPEATS = 50, 8
FUNCTION_REPEATS, QUICK_FUNCTION_REPEATS = 1000, 200
WEIGHTS: Final = {"one param matters": (1.0, 0.0), "both matter": (1.0, 1.0)}
"""How steeply a function rises along each param, away from its best place."""
RANGES: Final = ((-4.0, 0.0), (-8.0, -1.0))
"""Powers of ten: the learning rate, and Adam's epsilon."""
EPOCHS: Final = 8
HIDDEN: Final = (24,)
ARMS: Final = ("grid", "random")


def measure(setting: Setting) -> Findings:
    """Compare both searches on functions, then on networks."""
    trials = setting.of(TRIALS, QUICK_TRIALS)
    table, repeats = images(setting), setting.of(REPEATS, QUICK_REPEATS)
    often = setting.of(FUNCTION_REPEATS, QUICK_FUNCTION_REPEATS)
    functions = {name: on_function(weights, trials, often) for name, weights in WEIGHTS.items()}
    networks = on_networks(table, trials, repeats, setting)
    gains = tuple(
        times_of(f"networks, {n} trials: gain of random", np.log(found[0] / found[1]))
        for n, found in zip(trials, networks, strict=True)
    )
    single = _regret_numbers("one param matters", functions["one param matters"], trials)
    double = _regret_numbers("both matter", functions["both matter"], trials)
    in_functions = all(a.value > b.value for a, b in zip(single[::2], single[1::2], strict=True))
    better = [above(gain, 1) for gain in gains]
    return Findings(
        numbers=(*_distinct(trials), *single, *double, *_losses(networks, trials), *gains),
        verdict=verdict(in_functions, *better),
        sentence=f"With {trials[0]} trials random search finds a loss {figures(gains[0].value)} "
        f"times smaller than the grid's on networks{doubt(gains[0], 1)}; with {trials[-1]} trials "
        f"{figures(gains[-1].value)} times{doubt(gains[-1], 1)}; on functions of which one param "
        f"matters it comes {figures(single[0].value / single[1].value)} times closer with "
        f"{trials[0]} trials, and {figures(double[0].value / double[1].value)} times where both "
        "matter.",
        conditions=f"functions: distance from the best place, {often} repeats; "
        f"networks: {table.name}, {HIDDEN[0]} relu units with batch norm, Adam, {EPOCHS} epochs, "
        f"learning rate over 4 decades, epsilon over 7, {repeats} repeats; "
        "intervals by bootstrap over repeats",
        series={"trials": np.array(trials), "networks": np.array(networks)}
        | {name: np.array(regrets) for name, regrets in functions.items()},
    )


def places(arm: str, trials: int, chance: np.random.Generator) -> Array:
    """Return where a search looks, [trials, 2] in [0, 1]."""
    if arm == "random":
        return chance.random((trials, 2))
    side = round(trials**0.5)
    line = np.linspace(0, 1, side)
    return np.array([(a, b) for a in line for b in line])


def on_function(weights: tuple[float, float], trials: tuple[int, ...], repeats: int) -> list[Array]:
    """Return how far from the best place the best trial is, [2, repeats] for each of `trials`."""
    found = []
    for n in trials:
        regrets = np.empty((2, repeats))
        for repeat in range(repeats):
            chance = rng.stream(0, "function", repeat)
            best = chance.random(2)
            for at, arm in enumerate(ARMS):
                steps = np.abs(places(arm, n, chance) - best) * weights
                regrets[at, repeat] = np.hypot(*steps.T).min()
        found.append(regrets)
    return found


def on_networks(
    table: Table, trials: tuple[int, ...], repeats: int, setting: Setting
) -> list[Array]:
    """Return the test loss of the best network, [2, repeats] for each of `trials`."""
    jobs = [(n, repeat, arm) for n in trials for repeat in range(repeats) for arm in ARMS]

    def search(job: tuple[int, int, str]) -> float:
        n, repeat, arm = job
        chance = rng.stream(setting.seed, "search", n, repeat)
        moved = (chance.random(2) - 0.5) / (round(n**0.5) - 1)  # the same for both
        units = places(arm, n, chance) + moved
        scores = []
        for trial, unit in enumerate(units):
            rate, epsilon = (
                10 ** (low + u * (high - low)) for u, (low, high) in zip(unit, RANGES, strict=True)
            )
            training = trained(
                dense(table, HIDDEN),
                Recipe(optimizer=Optimizer(learning_rate=rate, epsilon=epsilon), batch_size=32),
                table.train,
                EPOCHS,
                "search",
                repeat,
                trial,
                seed=setting.seed,
            )
            scores.append((score(training, table.valid).loss, score(training, table.test).loss))
        return min(scores)[1]

    found = iter(side_by_side(search, jobs, setting))
    return [np.array([[next(found) for _ in ARMS] for _ in range(repeats)]).T for _ in trials]


def _distinct(trials: tuple[int, ...]) -> tuple[Number, ...]:
    """Return how many values of each param are tried, counted."""
    chance = rng.stream(0, "distinct")
    return tuple(
        Number(
            name=f"{n} trials: distinct values of a param, {arm}",
            value=float(len(np.unique(places(arm, n, chance)[:, 0]))),
        )
        for n in trials
        for arm in ARMS
    )


def _regret_numbers(name: str, regrets: list[Array], trials: tuple[int, ...]) -> tuple[Number, ...]:
    return tuple(
        mean_of(f"function, {name}, {n} trials: distance, {arm}", found[at])
        for n, found in zip(trials, regrets, strict=True)
        for at, arm in enumerate(ARMS)
    )


def _losses(networks: list[Array], trials: tuple[int, ...]) -> tuple[Number, ...]:
    return tuple(
        mean_of(f"networks, {n} trials: loss, {arm}", found[at], "nats")
        for n, found in zip(trials, networks, strict=True)
        for at, arm in enumerate(ARMS)
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw what both find against the number of trials."""
    trials = findings.series["trials"]
    titles = {
        "one param matters": "one param matters",
        "both matter": "both matter alike",
        "networks": "networks on images",
    }
    for axes, name in zip(figure.subplots(1, 3), titles, strict=True):
        for at, arm in enumerate(ARMS):
            values = findings.series[name][:, at]
            ends = [mean_of("", found) for found in values]
            middle = [n.value for n in ends]
            errors = [
                [n.value - (n.low or 0) for n in ends],
                [(n.high or 0) - n.value for n in ends],
            ]
            axes.errorbar(trials, middle, yerr=errors, label=arm, capsize=3, **STYLES[at])
        axes.set_title(titles[name])
        axes.set_xscale("log")
        axes.set_xticks(trials, [str(n) for n in trials])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.set_xlabel("trials")
    left, _, right = figure.axes
    left.set_ylabel("distance to the best place")
    right.set_ylabel("test loss of the best (nats)")
    left.legend()
