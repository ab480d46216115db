"""Diverged: a value above or below which trials diverge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Final, TypeGuard, final

from tunesmith.history import History
from tunesmith.search.advise.proportion import Proportion
from tunesmith.space import Choice
from tunesmith.study import Advice, Study, Topic
from tunesmith.trial import State, Trial

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
    splits = [
        split
        for name, param in study.space.items()
        if not isinstance(param, Choice)
        for above in (True, False)
        for split in _splits(name, trials, above=above)
    ]
    if not splits:
        return None
    best = min(splits, key=lambda split: split.chance)
    apart = best.beyond.low > best.within.high
    return best if apart and best.chance * len(splits) < UNLIKELY else None


def _splits(name: str, trials: Sequence[Trial], *, above: bool) -> list[Split]:
    """Return the splits where what lies beyond diverges more often, from the end inwards."""
    rows = sorted(
        ((float(v), t.state is State.DIVERGED) for t in trials if _number(v := t.config.get(name))),
        reverse=above,
    )
    groups = [
        (value, [bad for _, bad in group]) for value, group in groupby(rows, lambda row: row[0])
    ]
    bad, lost, count, found = sum(diverged for _, diverged in rows), 0, 0, []
    for (value, here), (following, after) in pairwise(groups):
        lost, count = lost + sum(here), count + len(here)
        # elsewhere a split is never the clearest
        if lost >= FEWEST and sum(here) * len(after) > sum(after) * len(here):
            found.append(
                Split(
                    param=name,
                    above=above,
                    value=between(value, following),
                    beyond=Proportion(count=lost, of=count),
                    within=Proportion(count=bad - lost, of=len(rows) - count),
                    chance=by_chance(lost, count, bad, len(rows)),
                )
            )
    return found


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
