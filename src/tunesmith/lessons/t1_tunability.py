"""What tuning one hyperparameter alone gains, from the usual defaults.

Which matter most, is told by the notes as an order: first the learning rate; then momentum, hidden
units and mini-batch size; then layers and learning-rate decay; last Adam's beta1, beta2 and
epsilon. Here it is measured as tunability (Probst et al. 2019): on each of five data sets, one
hyperparameter is moved through its range and all others stay at their defaults. The value with the
smallest validation loss is taken, and judged by its test loss; the gain is the share of the
default's test loss that goes.

A gain depends on the default as much as on the hyperparameter: what begins at a good value has
little to gain. So it is also told what a careless choice costs: by how much the test loss grows, as
a geometric mean, over all values of the range.

All but the last three belong to gradient descent with momentum, those to Adam.

To change: DEFAULTS; PARAMS, their ranges; VALUES.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tunesmith.engine.network import Loss
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.schedules import Schedule, Shape
from tunesmith.lessons.data import (
    Rows,
    Table,
    breast_cancer,
    diabetes,
    friedman,
    images,
    wine,
)
from tunesmith.lessons.figures import bars
from tunesmith.lessons.intervals import above, doubt, mean_of, statistic_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, score, side_by_side, trained
from tunesmith.space import LOG, LOG1M, Float, Int

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]


class Tuned(NamedTuple):
    """A hyperparameter that is moved alone."""

    range: Float | Int
    tier: int
    """Its place in the notes' order; 1 comes first."""
    rule: Rule
    """The optimizer that it is tried with."""


PARAMS: Final[Mapping[str, Tuned]] = {
    "learning_rate": Tuned(Float(1e-4, 1.0, scale=LOG), 1, Rule.MOMENTUM),
    "momentum": Tuned(Float(0.5, 0.999, scale=LOG1M), 2, Rule.MOMENTUM),
    "units": Tuned(Int(4, 128, scale=LOG), 2, Rule.MOMENTUM),
    "batch_size": Tuned(Int(8, 256, scale=LOG), 2, Rule.MOMENTUM),
    "layers": Tuned(Int(1, 5), 3, Rule.MOMENTUM),
    "decay": Tuned(Float(0.01, 1.0, scale=LOG), 3, Rule.MOMENTUM),
    "beta1": Tuned(Float(0.5, 0.999, scale=LOG1M), 4, Rule.ADAM),
    "beta2": Tuned(Float(0.9, 0.9999, scale=LOG1M), 4, Rule.ADAM),
    "epsilon": Tuned(Float(1e-10, 1e-2, scale=LOG), 4, Rule.ADAM),
}
DEFAULTS: Final[Mapping[str, Any]] = {
    "momentum": 0.9,
    "units": 32,
    "batch_size": 64,
    "layers": 2,
    "decay": 0.0,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
}
RATES: Final = {Rule.MOMENTUM: 0.1, Rule.ADAM: 0.001}
"""The usual learning rates; 0.1 with v = beta v + (1 - beta) g is 0.01 where g is not scaled."""
VALUES, QUICK_VALUES = 9, 4
"""Values of each that are tried, evenly on its scale; the default is one more."""
SEEDS, QUICK_SEEDS = 5, 1
EPOCHS, QUICK_EPOCHS = 30, 10


def measure(setting: Setting) -> Findings:
    """Move each alone, on every data set."""
    tables = (images(setting), breast_cancer(), wine(), diabetes(), friedman())
    seeds, epochs = setting.of((SEEDS, EPOCHS), (QUICK_SEEDS, QUICK_EPOCHS))
    jobs = [
        (table, config, n)
        for table, name in product(tables, PARAMS)
        for config in configs(name, setting.of(VALUES, QUICK_VALUES))
        for n in range(seeds)
    ]
    losses = side_by_side(
        lambda job: judged(job[0], job[1], epochs, setting.seed, job[2]), jobs, setting
    )
    means = mean_losses(losses, len(tables), seeds)
    gains, costs = gained(means), cost(means)
    by_gain, by_cost = order(gains), order(costs)
    alike = tuple(
        correlation_number(f"rank correlation of the {what} with the notes' order", of)
        for what, of in (("gains", gains), ("costs", costs))
    )
    first = [ranked[0] == "learning_rate" for ranked in (by_gain, by_cost)]
    return Findings(
        numbers=(
            *(_number("gain", name, gains) for name in by_gain),
            *(_number("cost", name, costs) for name in by_cost),
            *alike,
        ),
        verdict=verdict(*first, *(above(number, 0) for number in alike)),
        sentence=f"By what tuning it alone gains, the order is {', '.join(by_gain)}; the rank "
        f"correlation with the notes' is {figures(alike[0].value)}{doubt(alike[0], 0)}. By what a "
        f"careless choice costs, it is {', '.join(by_cost)}; the correlation is "
        f"{figures(alike[1].value)}{doubt(alike[1], 0)}.",
        conditions=_conditions(tables, epochs, seeds),
        series={"gains": gains, "costs": costs},
    )


def _number(what: str, name: str, of: Array) -> Number:
    values = of[list(PARAMS).index(name)]
    return mean_of(f"{what}: {name} (tier {PARAMS[name].tier})", values, "%")


def _conditions(tables: tuple[Table, ...], epochs: int, seeds: int) -> str:
    names = ", ".join(table.name for table in tables)
    defaults = ", ".join(f"{name} {value:g}" for name, value in DEFAULTS.items())
    return (
        f"{names}; batch norm, {epochs} epochs, {seeds} seeds; defaults: learning rate "
        f"{RATES[Rule.MOMENTUM]} with momentum and {RATES[Rule.ADAM]} with Adam, {defaults}; "
        "intervals by bootstrap over data sets"
    )


def configs(name: str, values: int) -> list[dict[str, Any]]:
    """Return the defaults, then the same with each of so many values of one param."""
    param, _, rule = PARAMS[name]
    start = {**DEFAULTS, "learning_rate": RATES[rule], "rule": rule}
    return [start, *({**start, name: param.value(u)} for u in np.linspace(0, 1, values).tolist())]


def judged(
    table: Table, config: Mapping[str, Any], epochs: int, seed: int, number: int
) -> tuple[float, float]:
    """Return the loss of a config's network on validation and on test rows."""
    rule = Optimizer(
        rule=config["rule"],
        **{
            name: config[name]
            for name in ("learning_rate", "momentum", "beta1", "beta2", "epsilon")
        },
    )
    recipe = Recipe(
        loss=Loss.CROSS_ENTROPY if table.classes > 1 else Loss.SQUARED_ERROR,
        optimizer=rule,
        schedule=Schedule(shape=Shape.INVERSE, decay=config["decay"]),
        batch_size=config["batch_size"],
    )
    network = dense(table, (config["units"],) * config["layers"])
    training = trained(network, recipe, table.train, epochs, number, seed=seed)

    def loss(rows: Rows) -> float:
        if table.classes > 1:
            return score(training, rows).loss
        with np.errstate(all="ignore"):
            off = training.outputs(rows.x)[:, 0].astype(np.float64) - rows.y
        guess = float(np.mean(rows.y.astype(np.float64) ** 2))
        return min(float(np.mean(off * off)), guess) if np.isfinite(off).all() else guess

    return loss(table.valid), loss(table.test)


def mean_losses(losses: Sequence[tuple[float, float]], tables: int, seeds: int) -> Array:
    """Return the losses as means over seeds, [params, tables, 1 + values, 2]; defaults first."""
    shape = (tables, len(PARAMS), -1, seeds, 2)
    return np.asarray(np.array(losses).reshape(shape).mean(axis=3).swapaxes(0, 1))


def gained(means: Array) -> Array:
    """Return the percent of the default's test loss that goes, [params, tables]."""
    chosen = means[..., 0].argmin(axis=-1)[..., None]
    tuned = np.take_along_axis(means[..., 1], chosen, axis=-1)[..., 0]
    return np.asarray(100 * (1 - tuned / means[:, :, 0, 1]))


def cost(means: Array) -> Array:
    """Return by how many percent the test loss grows over the range, [params, tables]."""
    logs = np.log(means[:, :, 1:, 1] / means[:, :, :1, 1])
    return np.asarray(100 * np.expm1(logs.mean(axis=-1)))


def order(of: Array) -> list[str]:
    """Return the params, the one with the largest mean first; of [params, tables]."""
    names = list(PARAMS)
    return [names[at] for at in np.argsort(-of.mean(axis=1), kind="stable")]


def correlation_number(name: str, of: Array) -> Number:
    """Return the correlation with the notes' order, resampled over tables."""
    tiers = [tuned.tier for tuned in PARAMS.values()]
    tables = np.arange(of.shape[1], dtype=np.float64)
    return statistic_of(name, tables, lambda t: correlation(t.astype(np.int64), of, tiers))


def correlation(tables: NDArray[np.int64], gains: Array, tiers: list[int]) -> Any:
    """Return Spearman's correlation of the order of gains [params, tables] with the notes' tiers.

    tables [.., R]: those over which gains are averaged; 1 where a higher tier always gains more.
    """
    mean = np.moveaxis(gains[:, tables].mean(axis=-1), 0, -1)  # [.., params]
    measured, told = rankdata(mean, axis=-1), rankdata([-tier for tier in tiers])
    measured, told = measured - measured.mean(axis=-1, keepdims=True), told - told.mean()
    lengths = np.sqrt((measured**2).sum(axis=-1) * (told**2).sum())
    return np.asarray(measured @ told / np.maximum(lengths, 1e-12))


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw gain and cost of each, the largest on top, and every data set."""
    words = {"gain": "test loss that goes (%)", "cost": "test loss that comes (%)"}
    alike = findings.numbers[-2:]
    for axes, what, number in zip(figure.subplots(1, 2), words, alike, strict=True):
        shown = [n for n in findings.numbers if n.name.startswith(f"{what}: ")]
        values = findings.series[f"{what}s"]
        for place, name in enumerate(order(values)):
            of = values[list(PARAMS).index(name)]
            axes.plot(of, [place] * len(of), "|", color="#999999", markersize=9)
        names = [n.name.split(": ")[1].replace("tier ", "") for n in shown]
        bars(axes, names, *([getattr(n, at) for n in shown] for at in ("value", "low", "high")))
        axes.axvline(0, color="#999999", linestyle="--", linewidth=0.8)
        axes.set_xlabel(words[what])
        done = "tuned alone" if what == "gain" else "chosen carelessly"
        axes.set_title(f"{done}: correlation with\nthe notes' tiers {number.value:.2f}")
