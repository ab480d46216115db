"""Gain: whether more trials would probably help."""

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.arithmetic import median, scaled
from tunesmith.history import History
from tunesmith.search.advise.judged import Judged, after, highest, judged
from tunesmith.search.advise.modelled import MODELLED, modelled
from tunesmith.search.advise.region import whole_space
from tunesmith.search.propose.acquisition import log_improvement
from tunesmith.search.propose.axes import Axes, axes_of
from tunesmith.search.propose.candidates import anywhere, keys, near, untried
from tunesmith.search.propose.ranges import Ranges
from tunesmith.study import Advice, Study, Topic

Floats = NDArray[np.float64]

ENOUGH: Final = 24
"""With fewer trials nobody can tell,"""
FEWEST: Final = 8
"""and with fewer than this it is not said."""
CANDIDATES: Final = 256
"""New configs that are looked at in the whole space, and as many near the best."""
BEST: Final = 4
"""So many of the best trials are drawn round."""
WORTH: Final = 1.0
"""More trials would help where the next is expected to gain so many times the noise or more,"""
WORTHLESS: Final = 0.25
"""and would not where it is so many times or less,"""
KNOWN: Final = 0.5
"""and the best is known to within so many times the noise."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What the next trial promises; all in units of the metric."""

    gain: float
    """The expected improvement by the most promising new config; 0 if all were tried."""
    noise: float
    """The deviation between trainings of one config."""
    unsure: float
    """The deviation of what the best config is expected to give."""

    @property
    def helps(self) -> bool | None:
        """Whether more trials would probably help; None if that cannot be told."""
        if self.gain >= WORTH * self.noise:
            return True
        known = self.unsure <= KNOWN * self.noise
        return False if known and self.gain <= WORTHLESS * self.noise else None


def gain(study: Study, history: History) -> tuple[Advice, ...]:
    """Return whether more trials would probably help: what the next promises, beside the noise."""
    axes, rungs = axes_of(study.space), judged(study, history)
    if not (axes.options != 1).any():
        return ()  # there is no other config
    rung = highest(rungs, ENOUGH)
    if rung is None:
        most = max((rung.usable for rung in rungs), default=0)
        return (_too_few(most),) if most >= FEWEST else ()
    chance = rng.stream(study.seed, "advice", "gain")
    ahead = prospect(axes, rung, whole_space(axes, history), chance)
    if not math.isfinite(ahead.gain + ahead.noise + ahead.unsure):
        return (_too_large(study),)
    said = {
        True: "more trials would probably help",
        False: "more trials would probably not help",
        None: "cannot tell whether more trials would help",
    }[ahead.helps]
    return (
        Advice(
            kind=Topic.GAIN,
            text=(
                f"{said}: the next one is expected to gain {ahead.gain:.2g} of "
                f"{study.metric}{after(study, rung.epochs)}, trainings of one config differ by "
                f"{ahead.noise:.2g}, and the best is known to within {ahead.unsure:.2g} "
                "(one deviation each)"
            ),
            figures=MappingProxyType(
                {"gain": ahead.gain, "noise": ahead.noise, "unsure": ahead.unsure}
            ),
            certain=ahead.helps is not None,
        ),
    )


def prospect(axes: Axes, rung: Judged, whole: Ranges, chance: np.random.Generator) -> Prospect:
    """Return what a model of the trials of a rung promises of new configs in `whole`.

    Losses above the middle one count as that: how bad they are says nothing of what is to gain.
    """
    seen = rung.thinned(MODELLED)
    middle = median(rung.losses[np.isfinite(rung.losses)])
    losses, exponent = scaled(np.minimum(seen.losses, middle))
    unit = float(losses.std()) or 1.0
    model = modelled(axes, seen.points, (losses - losses.mean()) / unit)
    mean, deviation = model.at_trials()
    places = np.concatenate(
        [
            anywhere(axes, whole, CANDIDATES, chance),
            near(axes, whole, rung.points[:BEST], CANDIDATES, chance),
        ]
    )
    new = untried(places, frozenset(keys(rung.points)))
    logs = log_improvement(*model.predict(new), float(mean.min())) if len(new) else np.empty(0)
    found = (
        float(np.exp(logs).max(initial=0.0)),
        math.sqrt(model.variance * model.smoothness.noise),
        float(deviation[mean.argmin()]),
    )
    with np.errstate(over="ignore"):  # more than a float can hold is infinite
        gain, noise, unsure = np.ldexp(unit * np.array(found), exponent).tolist()
    return Prospect(gain=gain, noise=noise, unsure=unsure)


def _too_large(study: Study) -> Advice:
    return Advice(
        kind=Topic.GAIN,
        text=(
            "cannot tell whether more trials would help: the values of "
            f"{study.metric} differ by more than a float can hold"
        ),
        figures=MappingProxyType({}),
        certain=False,
    )


def _too_few(trials: int) -> Advice:
    return Advice(
        kind=Topic.GAIN,
        text=(
            f"cannot tell whether more trials would help: {trials} gave a finite loss, and it "
            f"takes {ENOUGH} after the same number of epochs"
        ),
        figures=MappingProxyType({"trials": float(trials)}),
        certain=False,
    )
