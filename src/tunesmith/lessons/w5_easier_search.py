"""Which share of a space trains well, with batch norm and without.

Configs are drawn at random: learning rate, layers, units, and how large the first weights are. Each
is trained twice on each data set, once with batch norm; nothing else differs. Counted are those
whose test accuracy is 95 % or more of the best that any config reached, with or without. The larger
that share, the sooner a search is done.

A network also depends less on the choice if the good learning rate is the same whatever the
architecture. For each depth the good rate is the mean logarithm of the rates of the tenth of its
configs with the smallest test loss; how far these lie apart over the depths is told in decades.

To change: SPACE; NEAR, how good is good enough; ACTIVATION.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.network import Activation
from tunesmith.lessons.data import Table, breast_cancer, images, wine
from tunesmith.lessons.intervals import above, below, doubt, share_of, statistic_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import Score, dense, score, side_by_side, trained, with_momentum
from tunesmith.space import LOG, Float, Int, Space

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

CONFIGS, QUICK_CONFIGS = 500, 60
SPACE: Final = Space(
    learning_rate=Float(1e-4, 1.0, scale=LOG),
    layers=Int(1, 6),
    units=Int(8, 64, scale=LOG),
    spread=Float(0.1, 10.0, scale=LOG),
)
"""`spread` multiplies the usual deviation of the first weights."""
NEAR: Final = 0.95
"""The share of the best accuracy that counts as training well."""
STEPS, QUICK_STEPS = 500, 200
"""That each network takes, about, whatever the rows of its data set."""
BATCH: Final = 32
ACTIVATION: Final = Activation.RELU
ARMS: Final = ("without", "with")
BEST: Final = 0.1
"""The share of a depth's configs whose learning rates count as good."""


def measure(setting: Setting) -> Findings:
    """Train every config twice on every data set."""
    tables = (images(setting), breast_cancer(), wine())
    count, steps = setting.of((CONFIGS, STEPS), (QUICK_CONFIGS, QUICK_STEPS))
    configs = [SPACE.draw(rng.stream(setting.seed, "config", n)) for n in range(count)]
    jobs = list(product(tables, (False, True), range(count)))

    def judge(job: tuple[Table, bool, int]) -> Score:
        table, batch_norm, number = job
        return judged(table, configs[number], batch_norm, steps, setting.seed, number)

    scores = np.array(side_by_side(judge, jobs, setting)).reshape(len(tables), 2, count, 2)
    losses, right = scores[..., 0], scores[..., 1]
    shares = tuple(
        share_of(f"{table.name}: train well {arm}", int(np.sum(of[a] >= NEAR * of.max())), count)
        for table, of in zip(tables, right, strict=True)
        for a, arm in enumerate(ARMS)
    )
    chosen = {name: np.array([config[name] for config in configs]) for name in SPACE}
    apart = tuple(
        distance(f"{table.name}: good rates apart {arm}", of[a], chosen, apart_in)
        for table, of in zip(tables, losses, strict=True)
        for a, arm in enumerate(ARMS)
    )
    larger = [
        with_it.low is not None and below(without, with_it.low)
        for without, with_it in zip(shares[::2], shares[1::2], strict=True)
    ]
    closer = distance("good rates closer with batch norm", losses, chosen, closer_in)
    return Findings(
        numbers=(*shares, *apart, closer),
        verdict=verdict(*larger, above(closer, 0)),
        sentence=_sentence(tables, shares, closer),
        conditions=f"{count} configs: learning rate 0.0001 to 1, 1 to 6 layers, 8 to 64 units, "
        f"first weights 0.1 to 10 times as large as usual; {ACTIVATION.value}, momentum 0.9, about "
        f"{steps} steps with batches of {BATCH}; shares with Wilson's intervals, distances by "
        "bootstrap over configs",
        series={"right": right, **chosen},
    )


def judged(
    table: Table,
    config: Mapping[str, Any],
    batch_norm: bool,
    steps: int,
    seed: int,
    number: int,
) -> Score:
    """Return how good a config's network is on test rows."""
    network = dense(
        table,
        (config["units"],) * config["layers"],
        batch_norm=batch_norm,
        activation=ACTIVATION,
    )
    training = trained(
        network,
        with_momentum(config["learning_rate"], batch_size=BATCH),
        table.train,
        max(1, steps * BATCH // len(table.train.x)),
        "config",
        number,
        seed=seed,
        spread=config["spread"],
    )
    return score(training, table.test)


Measure = Callable[[Array, Array, Array, Array], Array]
"""Of how often each config counts [R, configs], losses, learning rates and depths; gives [R]."""


def distance(name: str, losses: Array, chosen: Mapping[str, Array], measure: Measure) -> Number:
    """Return what `measure` makes of all configs, in decades, with the interval of resamples."""
    rates, depths = np.log10(chosen["learning_rate"]), chosen["layers"]

    def of(sample: Array) -> Array:
        rows = np.atleast_2d(sample.astype(np.int64))
        counts = np.array([np.bincount(row, minlength=len(rates)) for row in rows], dtype=float)
        return measure(counts, losses, rates, depths).reshape(sample.shape[:-1])

    return statistic_of(name, np.arange(len(rates), dtype=np.float64), of, "decades")


def apart_in(counts: Array, losses: Array, rates: Array, depths: Array) -> Array:
    """Return the deviation over depths of the mean logarithm of the best configs' rates."""
    good = []
    for depth in np.unique(depths):
        here = np.flatnonzero(depths == depth)
        order = here[np.argsort(losses[here])]
        count = counts[:, order]
        best = np.maximum(1, np.round(BEST * count.sum(axis=1)))[:, None]
        taken = np.clip(best - (count.cumsum(axis=1) - count), 0, count)
        there = taken.sum(axis=1)
        good.append(np.where(there > 0, taken @ rates[order] / np.maximum(there, 1), np.nan))
    return np.asarray(np.nanstd(good, axis=0))


def closer_in(counts: Array, losses: Array, rates: Array, depths: Array) -> Array:
    """Return by how much less they lie apart with batch norm; losses [tables, 2, configs]."""
    return np.asarray(
        np.mean(
            [
                apart_in(counts, without, rates, depths) - apart_in(counts, with_it, rates, depths)
                for without, with_it in losses
            ],
            axis=0,
        )
    )


def _sentence(tables: tuple[Table, ...], shares: tuple[Number, ...], closer: Number) -> str:
    parts = [
        f"on {table.name} {figures(with_it.value)} % and {figures(without.value)} %"
        for table, without, with_it in zip(tables, shares[::2], shares[1::2], strict=True)
    ]
    return (
        f"The share of configs that train well, with and without batch norm: {', '.join(parts)}; "
        f"the good learning rates of different depths lie {figures(abs(closer.value))} decades "
        f"{'closer' if closer.value > 0 else 'further apart'} with it{doubt(closer, 0)}."
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw every config on the first data set by its learning rate, and the shares of all."""
    left, middle, right = figure.subplots(1, 3)
    accuracies = findings.series["right"][0]
    shares = [n for n in findings.numbers if "train well" in n.name]
    for a, (axes, arm) in enumerate(zip((left, middle), ARMS, strict=True)):
        axes.scatter(
            findings.series["learning_rate"],
            100 * accuracies[a],
            s=10,
            c=findings.series["layers"],
            cmap="viridis",
        )
        axes.axhline(100 * NEAR * accuracies.max(), color="#d1495b", linestyle="--")
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_ylim(0, 102)
        axes.set_title(f"{arm} batch norm:\n{shares[a].value:.0f} % train well")
    left.set_ylabel("test accuracy of a config (%)")
    figure.colorbar(middle.collections[0], ax=middle, label="layers")
    names = [n.name.split(":")[0] for n in shares[::2]]
    for a, (arm, shift) in enumerate(zip(ARMS, (-0.2, 0.2), strict=True)):
        of = shares[a::2]
        values = np.array([n.value for n in of])
        ends = [values - [n.low or 0 for n in of], [n.high or 0 for n in of] - values]
        places = np.arange(len(of)) + shift
        look = {"color": "#1b6ca8" if a else "#bbbbbb", "width": 0.38, "capsize": 3}
        right.bar(places, values, yerr=ends, label=f"{arm} batch norm", **look)
    right.set_xticks(range(len(names)), [name.replace(" ", "\n") for name in names])
    right.set_xlabel("data set")
    right.margins(y=0.4)
    right.set_title("on three data sets")
    right.set_ylabel("configs that train well (%)")
    right.legend()
