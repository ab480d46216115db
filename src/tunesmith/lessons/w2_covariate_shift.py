"""Covariate shift: of data, and of what a deep layer is given.

A classifier of images learns one kind and meets another: tinted ones, which normalising by their
own mean and deviation brings back, and inverted ones, which it does not; they need retraining.

A deep layer meets the same whenever the weights before it change. Three layers of 100 sigmoids, as
in Ioffe and Szegedy 2015 (arXiv 1502.03167), are watched while they train, with batch norm and
without: how far the distribution of what each deep sigmoid is applied to moves from epoch to epoch;
by how many degrees the deep layer's gradient turns when the layers before it take their step; and
how the changes of the first and of the deep layer's weights go together.

The explanation is disputed. Santurkar et al. 2018 (arXiv 1805.11604) add noise after batch norm, so
that distributions move in every step more than they would without it, and training hardly suffers.
They hold that batch norm makes the loss smoother instead. The same is done here.

To change: in w2_moving_layers.py RATE, HIDDEN and the noise; in w2_kinds_of_data.py the kinds.
"""

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.lessons.data import images
from tunesmith.lessons.figures import STYLES, bars
from tunesmith.lessons.intervals import above, below, mean_of
from tunesmith.lessons.lesson import Findings, Number, Setting, Verdict, figures, verdict
from tunesmith.lessons.networks import side_by_side
from tunesmith.lessons.w2_kinds_of_data import CASES, accuracies
from tunesmith.lessons.w2_moving_layers import ARMS, BATCH, HIDDEN, RATE, Course, follow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

EPOCHS, QUICK_EPOCHS = 100, 15
SEEDS, QUICK_SEEDS = 6, 2
CLASSIFIERS, QUICK_CLASSIFIERS = 20, 4
MUCH: Final = 10.0
"""Noise that moves the inputs so many times more than batch norm alone undoes its steadiness."""
SAID: Final = {
    True: "that steadier inputs are why batch norm helps is disputed, as by Santurkar et al. 2018",
    False: "the objection of Santurkar et al. 2018 does not show here",
}
"""What the noise says of the explanation, by whether it disputes it."""
NEARLY: Final = 0.5
"""The share of batch norm's lead in loss that is left where training hardly suffers."""


def measure(setting: Setting) -> Findings:
    """Meet another kind of data, then watch a deep layer."""
    table, epochs = images(setting), setting.of(EPOCHS, QUICK_EPOCHS)
    runs, seeds = setting.of(CLASSIFIERS, QUICK_CLASSIFIERS), setting.of(SEEDS, QUICK_SEEDS)
    right = np.array(
        side_by_side(lambda n: accuracies(table, setting.seed, n), list(range(runs)), setting)
    )
    jobs = list(product(ARMS, range(seeds)))
    watched = side_by_side(
        lambda job: follow(table, job[0], epochs, setting.seed, job[1]), jobs, setting
    )
    courses = {arm: watched[n * seeds : (n + 1) * seeds] for n, arm in enumerate(ARMS)}
    kinds = [
        mean_of(f"accuracy, {case}", 100 * of, "%") for case, of in zip(CASES, right.T, strict=True)
    ]
    seen = _seen(courses)
    return Findings(
        numbers=(*kinds, *seen.values()),
        verdict=(judged := _verdict(kinds, seen)),
        sentence=_sentence(kinds, seen, disputed=judged is Verdict.DISPUTED),
        conditions=f"{table.name}; classifiers: 32 relu units, {runs} of them; layers: "
        f"{' and '.join(map(str, HIDDEN))} sigmoids, gradient descent with learning rate {RATE}, "
        f"batches of {BATCH}, {epochs} epochs, {seeds} seeds; distances over all epochs, in "
        "deviations, on rows not trained on; intervals by bootstrap over trainings",
        series={
            "moved": np.array([[c.moved.cumsum() for c in courses[arm]] for arm in ARMS]),
            "loss": np.array([[c.loss for c in courses[arm]] for arm in ARMS]),
        },
    )


def _seen(courses: dict[str, list[Course]]) -> dict[str, Number]:
    """Return what was seen of the deep layer."""
    plain, normed, noisy = (courses[arm] for arm in ARMS)
    kept = [
        (a.loss.mean() - c.loss.mean()) / (a.loss.mean() - b.loss.mean())
        for a, b, c in zip(plain, normed, noisy, strict=True)
    ]
    numbers = {
        f"{what}, {arm}": mean_of(f"{what}, {arm}", [of(course) for course in courses[arm]], unit)
        for what, unit, of in (
            ("sigmoid inputs moved", "deviations", lambda c: float(c.moved.sum())),
            ("z before batch norm moved", "deviations", lambda c: c.moved_before),
            ("gradient turned", "degrees", lambda c: float(c.angles.mean())),
            ("front and back change together", "", lambda c: c.together),
            ("training loss, mean over epochs", "nats", lambda c: float(c.loss.mean())),
        )
        for arm in ARMS
        if arm != ARMS[2] or what in ("sigmoid inputs moved", "training loss, mean over epochs")
    }
    lead = mean_of("share of batch norm's lead in loss that is left with noise", kept)
    return numbers | {"kept": lead}


def _verdict(kinds: list[Number], seen: dict[str, Number]) -> Verdict:
    """Judge each part; disputed where training hardly suffers from inputs that move."""
    noisy, steady = (seen[f"sigmoid inputs moved, {arm}"] for arm in (ARMS[2], ARMS[1]))
    if above(noisy, MUCH * steady.value) and above(seen["kept"], NEARLY):
        return Verdict.DISPUTED
    return verdict(
        below(kinds[1], kinds[2].value),
        below(kinds[4], kinds[5].value),
        _differs(seen, "sigmoid inputs moved", ARMS[0], ARMS[1]),
        _differs(seen, "gradient turned", ARMS[0], ARMS[1]),
        _differs(seen, "front and back change together", ARMS[0], ARMS[1]),
    )


def _differs(seen: dict[str, Number], what: str, more: str, less: str) -> bool:
    """Return whether one arm's interval lies wholly above another's."""
    return above(seen[f"{what}, {more}"], seen[f"{what}, {less}"].high or 0)


def _sentence(kinds: list[Number], seen: dict[str, Number], *, disputed: bool) -> str:
    moved, turned, together = (
        [seen[f"{what}, {arm}"].value for arm in (ARMS[1], ARMS[0])]
        for what in ("sigmoid inputs moved", "gradient turned", "front and back change together")
    )
    noisy = seen[f"sigmoid inputs moved, {ARMS[2]}"].value
    left = f"{figures(100 * seen['kept'].value)} % of batch norm's lead in loss is left"
    return (
        f"Normalising brings tinted images from {figures(kinds[1].value)} to "
        f"{figures(kinds[2].value)} % accuracy, inverted ones need retraining "
        f"({figures(kinds[4].value)} to {figures(kinds[5].value)} %). A deep layer's inputs move "
        f"{figures(moved[0])} deviations with batch norm and {figures(moved[1])} without; its "
        f"gradient turns {'less' if turned[0] < turned[1] else 'more'} ({figures(turned[0])} and "
        f"{figures(turned[1])} degrees), and front and back layers change "
        f"{'less' if together[0] < together[1] else 'more'} together (correlation "
        f"{figures(together[0])} and {figures(together[1])}). With noise after batch norm the "
        f"inputs move {figures(noisy)} deviations, and {left}: {SAID[disputed]}."
    )


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the accuracies, the movement and the loss."""
    left, middle, right = figure.subplots(1, 3)
    numbers = findings.numbers[: len(CASES)]
    names = [case.replace(", ", "\n") for case in CASES]
    bars(left, names, *([getattr(n, at) for n in numbers] for at in ("value", "low", "high")))
    left.set_xlim(0, 100)
    left.set_xlabel("accuracy (%)")
    left.set_title("images of another kind")
    for axes, what, words in (
        (middle, "moved", "distance moved so far (deviations)"),
        (right, "loss", "training loss (nats)"),
    ):
        for n, arm in enumerate(ARMS):
            values = findings.series[what][n].mean(axis=0)
            look = STYLES[(1, 0, 2)[n]] | {"markevery": max(1, len(values) // 8)}
            axes.plot(np.arange(1, len(values) + 1), values, label=arm, **look)
        axes.set_yscale("log")
        axes.set_xlabel("epochs")
        axes.set_ylabel(words)
    noisy, steady = (findings[f"sigmoid inputs moved, {arm}"] for arm in (ARMS[2], ARMS[1]))
    middle.set_title(f"noise: {noisy / steady:.0f} times the movement,")
    right.set_title("and hardly another loss")
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower right", ncols=3)
