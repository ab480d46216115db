"""Diverged: a value above or below which trials diverge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeGuard, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.history import History
from tunesmith.search.advise.proportion import Proportion
from tunesmith.space import Choice
from tunesmith.study import Advice, Study, Topic
from tunesmith.trial import State, Trial

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
Bools = NDArray[np.bool_]

FEWEST: Final = 3
"""Trials that diverged beyond a value, at least."""
UNLIKELY: Final = 0.01
"""So rarely would chance divide the trials as well, over all values that were looked at."""
MOST: Final = 2
"""Pieces of advice: what remains may well be chance."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Trials on either side of a value."""

    param: str
    above: bool
    """Whether the trials beyond it have larger values."""
    value: float
    beyond: Proportion
    """Of the trials beyond it, those that diverged."""
    within: Proportion
    chance: float
    """How probable as clear a split is by chance, over all splits that were looked at."""


def diverged(study: Study, history: History) -> tuple[Advice, ...]:
    """Return the values beyond which trials diverge, the clearest first.

    A second one is looked for only among the trials that keep to the first.
    """
    there = [t for t in history.trials if t.number not in history.outside]
    trials = [t for t in there if t.state is State.DIVERGED or study.usable(t)]
    found: list[Advice] = []
    while len(found) < MOST:
        split = best_split(study, trials)
        if split is None:
            break
        found.append(_advice(split))
        trials = [trial for trial in trials if not _beyond(trial, split)]
    return tuple(found)


def best_split(study: Study, trials: Sequence[Trial]) -> Split | None:
    """Return the clearest split of `trials` by a value of one param; None if it may be chance."""
    gone = np.array([trial.state is State.DIVERGED for trial in trials], dtype=np.bool_)
    if gone.sum() < FEWEST:
        return None
    splits = [
        split
        for name, param in study.space.items()
        if not isinstance(param, Choice)
        for split in _splits(name, trials, gone)
    ]
    if not splits:
        return None
    best = min(splits, key=lambda split: split.chance)
    apart = best.beyond.low > best.within.high
    return best if apart and best.chance * len(splits) < UNLIKELY else None


def _splits(name: str, trials: Sequence[Trial], gone: Bools) -> list[Split]:
    """Return the splits where what lies beyond a value diverges more often, from both ends.

    `gone` [N] says which of the trials diverged.
    """
    at = [n for n, trial in enumerate(trials) if _number(trial.config.get(name))]
    values, places = np.unique([trials[n].config[name] for n in at], return_inverse=True)
    here = np.bincount(places, minlength=len(values))
    lost = np.bincount(places, weights=gone[at], minlength=len(values)).astype(np.intp)
    return [
        *_beyond_each(name, values[::-1], here[::-1], lost[::-1], above=True),
        *_beyond_each(name, values, here, lost, above=False),
    ]


def _beyond_each(
    name: str, values: Floats, here: Whole, lost: Whole, *, above: bool
) -> list[Split]:
    """Return the splits between neighbouring `values` [V], of which the first lie beyond.

    `here` [V] trials have each of them, `lost` [V] of these diverged.
    """
    drawn, beyond = here.cumsum(), lost.cumsum()
    total, bad = int(here.sum()), int(lost.sum())
    # elsewhere a split is never the clearest
    steeper = lost[:-1] * here[1:] > lost[1:] * here[:-1]
    return [
        Split(
            param=name,
            above=above,
            value=between(float(values[at]), float(values[at + 1])),
            beyond=Proportion(count=int(beyond[at]), of=int(drawn[at])),
            within=Proportion(count=bad - int(beyond[at]), of=total - int(drawn[at])),
            chance=by_chance(int(beyond[at]), int(drawn[at]), bad, total),
        )
        for at in np.flatnonzero(steeper & (beyond[:-1] >= FEWEST))
    ]


def by_chance(lost: int, drawn: int, bad: int, total: int) -> float:
    """Return how probable it is that of `drawn` trials out of `total` `lost` or more are bad.

    `bad` of all are. This is Fisher's exact test, one-sided; each term follows from the one before.
    """
    term = _log_comb(bad, lost) + _log_comb(total - bad, drawn - lost) - _log_comb(total, drawn)
    terms = [term]
    for k in range(lost, min(bad, drawn)):
        term += math.log((bad - k) * (drawn - k) / ((k + 1) * (total - bad - drawn + k + 1)))
        terms.append(term)
    largest = max(terms)  # the first may be too small for a float
    return min(1.0, math.exp(largest) * math.fsum(math.exp(term - largest) for term in terms))


def _log_comb(n: int, k: int) -> float:
    """Return the logarithm of the ways to choose k of n, which may have thousands of digits."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def between(one: float, other: float) -> float:
    """Return the number with the fewest digits between two."""
    low, high = sorted((one, other))
    middle = math.sqrt(low * high) if low > 0 else (low + high) / 2
    short = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    return next((number for number in short if low < number < high), middle)


def _beyond(trial: Trial, split: Split) -> bool:
    value = trial.config.get(split.param)
    return _number(value) and (float(value) > split.value) == split.above


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _advice(split: Split) -> Advice:
    side, other, end = ("above", "below", "top") if split.above else ("below", "above", "bottom")
    return Advice(
        kind=Topic.DIVERGED,
        param=split.param,
        text=(
            f"{split.param} {side} {split.value:g}: {split.beyond} diverged, "
            f"{other} it {split.within}; move the {end} of its range to {split.value:g}"
        ),
        figures=MappingProxyType(
            {
                "value": split.value,
                "beyond": split.beyond.share,
                "beyond_low": split.beyond.low,
                "beyond_high": split.beyond.high,
                "within": split.within.share,
                "within_low": split.within.low,
                "within_high": split.within.high,
            }
        ),
    )
