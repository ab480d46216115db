"""The noise of batch statistics, and what it does.

A mini-batch has another mean and another deviation than all rows have. So batch norm adds noise,
through the mean, and multiplies by noise, through the deviation; dropout only multiplies.

First the noise itself: batches of 8 to 512 rows are drawn from the training rows of trained
networks, and it is counted by how many deviations their means are off, and by what share their
deviations. Statistics of n rows are off by about 1 / sqrt(n): a slope of -1/2 between logarithms.

Then what it does to the gap between the loss on test rows and on those trained on. Batches of 8
also mean more steps, and steps of another kind. So networks are trained twice over: with
mini-batches of each size, and with mini-batches of one size in which so many rows share their
statistics (ghost batch norm, Hoffer et al. 2017). The second differs in nothing but the noise.

Last, units of the hidden layers are held at 0, and the accuracy is asked again (Morcos et al. 2018,
Luo et al. 2019), for networks trained with batch norm, with dropout, and with neither: a network
whose units do not rely on single earlier ones loses less.

To change: GROUPS; SHARE, that of dropout; HIDDEN.
"""

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.reference import ACTIVATIONS, add_bias, linear
from tunesmith.engine.train import Training
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.figures import STYLES
from tunesmith.lessons.glass import forward, parts
from tunesmith.lessons.intervals import above, doubt, mean_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, score, side_by_side, trained, with_momentum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

SIZES: Final = (8, 16, 32, 64, 128, 256, 512)
"""Rows of a batch whose statistics are compared with those of all rows."""
DRAWS: Final = 100
"""Batches drawn of each size, for each network."""
GROUPS: Final = (8, 32, 128, 256)
"""Rows that share statistics while training."""
WHOLE: Final = 256
"""Rows of the mini-batches in which groups share statistics."""
HIDDEN: Final = (64, 64)
RATE: Final = 0.1
EPOCHS, QUICK_EPOCHS = 40, 10
SEEDS, QUICK_SEEDS = 30, 4
SHARE: Final = 0.2
"""Of units that dropout holds at 0."""
HELD: Final = tuple(n / 10 for n in range(10))
"""Shares of units held at 0 in the end."""
ARMS: Final = ("batch norm", "dropout", "neither")


def measure(setting: Setting) -> Findings:
    """Count the noise, the gaps, and what is lost without units."""
    table, seeds = images(setting), range(setting.of(SEEDS, QUICK_SEEDS))
    epochs = setting.of(EPOCHS, QUICK_EPOCHS)
    alone = side_by_side(
        lambda job: without_units(table, job[0], job[1], epochs, setting.seed),
        list(product(ARMS, seeds)),
        setting,
    )
    curves = np.array([curve for curve, _ in alone]).reshape(len(ARMS), len(seeds), len(HELD))
    noise = np.array([n for _, n in alone if n is not None])  # [seeds, 2, sizes]
    jobs = list(product((True, False), GROUPS, seeds))
    found = side_by_side(
        lambda job: gap(table, job[0], job[1], job[2], epochs, setting.seed), jobs, setting
    )
    gaps = np.array(found).reshape(2, len(GROUPS), len(seeds))
    slopes = tuple(
        mean_of(f"slope of the {what} noise on batch size", slope(noise[:, at]))
        for at, what in enumerate(("added", "multiplied"))
    )
    grows = tuple(
        mean_of(f"gap at {GROUPS[-1]} less gap at {GROUPS[0]}, {what}", of[-1] - of[0], "nats")
        for what, of in zip(("rows sharing", "mini-batch"), gaps, strict=True)
    )
    kept = tuple(
        mean_of(f"accuracy kept, {arm}", 100 * of.mean(axis=-1), "%")
        for arm, of in zip(ARMS, curves, strict=True)
    )
    more = tuple(
        mean_of(f"{arm} keeps more than neither", 100 * (of - curves[2]).mean(axis=-1), "points")
        for arm, of in zip(ARMS[:2], curves, strict=False)
    )
    return Findings(
        numbers=(*_noise_numbers(noise), *slopes, *_gap_numbers(gaps), *grows, *kept, *more),
        verdict=verdict(
            all(-0.6 < n.value < -0.4 for n in slopes), above(grows[0], 0), above(more[0], 0)
        ),
        sentence=_sentence(slopes, grows, more),
        conditions=_conditions(table.name, epochs, len(seeds)),
        series={"noise": noise, "gaps": gaps, "curves": curves},
    )


def _sentence(
    slopes: tuple[Number, ...], grows: tuple[Number, ...], more: tuple[Number, ...]
) -> str:
    """Say what the noise does."""
    gap, normed, dropped = grows[0].value, more[0].value, more[1].value
    return (
        f"The noise falls with slopes {figures(slopes[0].value)} (added) and "
        f"{figures(slopes[1].value)} (multiplied); with {GROUPS[-1]} rows sharing statistics the "
        f"gap is {figures(abs(gap))} nats {'larger' if gap > 0 else 'smaller'} than with "
        f"{GROUPS[0]}; without units batch norm keeps {figures(abs(normed))} points "
        f"{'more' if normed > 0 else 'less'} accuracy than neither{doubt(more[0], 0)}; dropout "
        f"{figures(abs(dropped))} {'more' if dropped > 0 else 'less'}{doubt(more[1], 0)}."
    )


def _conditions(name: str, epochs: int, seeds: int) -> str:
    return (
        f"{name}; layers of {' and '.join(map(str, HIDDEN))} relu units, momentum with learning "
        f"rate {RATE}, {epochs} epochs, {seeds} seeds; noise: {DRAWS} batches of each size, drawn "
        f"with replacement; gap: test loss less training loss; accuracy kept: mean over 0 to "
        f"{100 * HELD[-1]:.0f} % of units held at 0, dropout {SHARE}; intervals by bootstrap over "
        "seeds"
    )


def without_units(
    table: Table, arm: str, number: int, epochs: int, seed: int
) -> tuple[Array, Array | None]:
    """Return the accuracy for each of HELD, and with batch norm the noise [2, sizes]."""
    network = dense(
        table,
        HIDDEN,
        batch_norm=arm == "batch norm",
        dropout=SHARE if arm == "dropout" else 0.0,
    )
    recipe = with_momentum(RATE)
    training = trained(network, recipe, table.train, epochs, arm, number, seed=seed)
    curve = ablation(training, table, rng.stream(seed, "held", number))
    if arm != "batch norm":
        return curve, None
    return curve, noise_of(training, table, rng.stream(seed, "batches", number))


def ablation(training: Training, table: Table, chance: np.random.Generator) -> Array:
    """Return the test accuracy with each of HELD of every hidden layer's units at 0."""
    plain = replace(training.network, batch_norm=False, dropout=0.0)
    layers = parts(plain, training.folded().astype(np.float64))
    activation, _ = ACTIVATIONS[plain.activation]
    ranks = [chance.permutation(units) / units for units in plain.hidden]
    right = []
    for share in HELD:
        a: NDArray[np.floating] = table.test.x
        for number, layer in enumerate(layers):
            a = add_bias(linear(a, layer.w), np.asarray(layer.bias))
            if number < len(ranks):
                a = activation(a) * (ranks[number] >= share)
        right.append(np.mean(a.argmax(axis=1) == table.test.y))
    return np.array(right)


def noise_of(training: Training, table: Table, chance: np.random.Generator) -> Array:
    """Return how far off the statistics of batches are, [2, sizes]: means, deviations.

    The root of the mean square over batches and units, means in deviations of their unit.
    """
    network, x = training.network, table.train.x.astype(np.float64)
    layers = parts(network, training.weights.astype(np.float64))[:1]
    everything = forward(network, layers, x)[0]
    deviation = np.sqrt(everything.variance)
    live = deviation > 1e-3
    z, off = everything.z[:, live], np.empty((2, len(SIZES)))
    mean, deviation = everything.mean[live], deviation[live]
    for at, size in enumerate(SIZES):
        batches = z[chance.integers(0, len(z), (DRAWS, size))]  # [DRAWS, size, H]
        off[0, at] = np.sqrt((((batches.mean(axis=1) - mean) / deviation) ** 2).mean())
        off[1, at] = np.sqrt(((batches.std(axis=1) / deviation - 1) ** 2).mean())
    return off


def slope(noise: Array) -> Array:
    """Return the slope between logarithms of batch size and noise; noise [seeds, sizes]."""
    x = np.log(SIZES) - np.log(SIZES).mean()
    return np.asarray(np.log(noise) @ x / (x @ x))


def gap(table: Table, ghost: bool, rows: int, number: int, epochs: int, seed: int) -> float:
    """Return test loss less training loss, where so many rows share statistics."""
    network = replace(dense(table, HIDDEN), bn_group=rows if ghost else None)
    recipe = with_momentum(RATE, batch_size=WHOLE if ghost else rows)
    training = trained(network, recipe, table.train, epochs, "gap", number, seed=seed)
    return score(training, table.test).loss - score(training, table.train).loss


def _noise_numbers(noise: Array) -> tuple[Number, ...]:
    dropout = (SHARE / (1 - SHARE)) ** 0.5
    measured = (
        mean_of(f"{what} noise at {SIZES[at]} rows", noise[:, k, at])
        for k, what in enumerate(("added", "multiplied"))
        for at in (0, -1)
    )
    return (
        *measured,
        Number(name="added noise of dropout", value=0.0),
        Number(name=f"multiplied noise of dropout {SHARE}", value=dropout),
    )


def _gap_numbers(gaps: Array) -> tuple[Number, ...]:
    return tuple(
        mean_of(f"gap, {what} {rows}", values, "nats")
        for what, of in zip(("rows sharing", "mini-batch"), gaps, strict=True)
        for rows, values in zip(GROUPS, of, strict=True)
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the noise, the gaps and the ablation curves."""
    left, middle, right = figure.subplots(1, 3)
    noise = findings.series["noise"].mean(axis=0)
    for at, what in enumerate(("added", "multiplied")):
        left.plot(SIZES, noise[at], label=what, **STYLES[at])
    left.axhline((SHARE / (1 - SHARE)) ** 0.5, color="#777777", linestyle=":")
    left.text(SIZES[0], (SHARE / (1 - SHARE)) ** 0.5 * 1.05, f"dropout {SHARE}", fontsize=8)
    left.set_yscale("log")
    left.set_yticks([0.03, 0.1, 0.3], ["0.03", "0.1", "0.3"])
    _sized(left, (8, 32, 128, 512))
    left.set_xlabel("rows of a batch")
    left.set_ylabel("noise (deviations, share)")
    first = findings["slope of the added noise on batch size"]
    left.set_title(f"noise falls with slope {first:.2f}")
    left.legend()
    for at, what in enumerate(("rows sharing statistics", "mini-batch")):
        numbers = [mean_of("", values) for values in findings.series["gaps"][at]]
        ends = [[n.value - (n.low or 0), (n.high or 0) - n.value] for n in numbers]
        values = [n.value for n in numbers]
        middle.errorbar(GROUPS, values, np.transpose(ends), label=what, capsize=3, **STYLES[at])
    _sized(middle, GROUPS)
    middle.set_xlabel("rows")
    middle.set_ylabel("test less training loss (nats)")
    grows = findings[f"gap at {GROUPS[-1]} less gap at {GROUPS[0]}, rows sharing"]
    middle.set_title(f"gap {'grows' if grows > 0 else 'falls'} with rows sharing")
    middle.margins(y=0.35)
    middle.legend(loc="lower right", fontsize=8)
    for at, arm in enumerate(ARMS):
        curve = 100 * findings.series["curves"][at].mean(axis=0)
        right.plot([100 * share for share in HELD], curve, label=arm, **STYLES[at])
    right.set_xlabel("units held at 0 (%)")
    right.set_ylabel("test accuracy (%)")
    right.set_title("what is left without units")
    right.legend(loc="lower left", fontsize=8)


def _sized(axes: "Axes", sizes: tuple[int, ...]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
