"""Importance: the share of the differences that each param carries, at equal epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final
from weakref import WeakKeyDictionary

from tunesmith import rng
from tunesmith.history import History
from tunesmith.search.advise.judged import ENOUGH, Judged, after, highest, judged
from tunesmith.search.advise.proportion import percents
from tunesmith.search.advise.region import good_region, whole_space
from tunesmith.search.advise.shares import Shares, shares
from tunesmith.search.propose.axes import Axes, axes_of
from tunesmith.search.propose.ranges import Ranges
from tunesmith.study import Advice, Study, Topic

NOTHING: Final = 0.02
"""A param that carries no more than this share of the differences does not matter."""
SURELY: Final = 0.05
"""One that carries more than this does. What may be either cannot be told."""
NAMED: Final = 3
"""So many params that matter are named, the most important first."""
SCATTERED: Final = 3
"""Of the trials of a search that closes in, one in so many stands for the whole space."""
MOST_SCATTERED: Final = 1000
"""And no more than so many, of which a model sees a tenth: each is looked for among all trials."""
FEWEST: Final = 8
"""With fewer trials than this on a rung there is nothing to say."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The shares in a part of the space."""

    name: str
    where: str
    """Such as "over the whole space after 9 epochs"."""
    shares: Shares

    def carried(self, at: int) -> str:
        """Say what the param at `at` carries here."""
        here = self.shares
        return (
            f"{100 * here.share[at]:.0f} % (95 % interval {percents(here.low[at], here.high[at])}) "
            f"{self.where}"
        )

    def figures(self, at: int) -> dict[str, float]:
        """Return the same as numbers."""
        here = self.shares
        ends = {"": here.share, "_low": here.low, "_high": here.high}
        return {f"{self.name}{end}": float(value[at]) for end, value in ends.items()}


_KEPT: WeakKeyDictionary[History, tuple[int, tuple[Region, ...]]] = WeakKeyDictionary()


def importance(study: Study, history: History) -> tuple[Advice, ...]:
    """Return which params matter and which do not, and of which it cannot be told.

    Over the whole space on the rung with most trials, and within the good region on the longest
    that has enough trials in it.
    """
    axes, rungs = axes_of(study.space), judged(study, history)
    widest = max(rungs, key=len, default=None)
    if widest is None or widest.usable < FEWEST or not (axes.options != 1).any():
        return ()
    if widest.usable < ENOUGH:
        return (_too_few(study, widest),)
    return _said(axes, regions(study, history), len(widest))


def regions(study: Study, history: History) -> tuple[Region, ...]:
    """Return what can be told of the shares over the whole space and within the good region.

    Empty where too few trials can be compared, or where no model can tell them apart. It is kept
    as long as the history does not change.
    """
    kept = _KEPT.get(history)
    if kept is None or kept[0] != history.version:
        kept = _KEPT[history] = history.version, _told(study, history)
    return kept[1]


def _told(study: Study, history: History) -> tuple[Region, ...]:
    axes, rungs = axes_of(study.space), judged(study, history)
    widest = max(rungs, key=len, default=None)
    if widest is None or widest.usable < ENOUGH or not (axes.options != 1).any():
        return ()
    # a search that has no rounds does not close in
    few = max(ENOUGH, min(MOST_SCATTERED, len(widest) // SCATTERED))
    few = few if history.rounds else len(widest)
    spread = widest.scattered(few)
    found = [_region(study, "whole", "over the whole space", spread, whole_space(axes, history))]
    longest = highest(rungs)
    ranges = None if longest is None else good_region(axes, history, longest)
    if ranges is not None:
        inside = highest([rung.among(ranges.holds(rung.points)) for rung in rungs])
        found.append(_region(study, "good", "within the good region", inside, ranges))
    return tuple(region for region in found if region is not None)


def _region(
    study: Study, name: str, where: str, rung: Judged | None, ranges: Ranges
) -> Region | None:
    """Return what a rung tells of the shares within ranges; None if it tells nothing."""
    if rung is None:
        return None
    chance = rng.stream(study.seed, "advice", "importance", name)
    told = shares(axes_of(study.space), rung, ranges, chance)
    if told is None:
        return None
    return Region(name=name, where=f"{where}{after(study, rung.epochs)}", shares=told)


def _said(axes: Axes, found: Sequence[Region], trials: int) -> tuple[Advice, ...]:
    """Return advice on every param that is searched, from the regions that tell something."""
    matter: list[Advice] = []
    idle: list[Advice] = []
    unknown: list[str] = []
    for at, name in enumerate(axes.space):
        if axes.options[at] == 1:
            continue
        most = max((region.shares.high[at] for region in found), default=1.0)
        told = [region for region in found if region.shares.low[at] >= SURELY]
        if most <= NOTHING:
            idle.append(_idle(name, at, found, float(most)))
        elif told:
            matter.append(_matters(name, at, told))
        else:
            unknown.append(name)
    matter.sort(key=lambda advice: -advice.figures["most"])
    return (*idle, *matter[:NAMED], *([_unknown(unknown, trials)] if unknown else []))


def _idle(name: str, at: int, found: Sequence[Region], most: float) -> Advice:
    where = " and ".join(region.where for region in found)
    if any(region.name == "good" for region in found):
        then = "leave it out of the search"
    else:
        then = "within the good region it cannot be told yet"
    return Advice(
        kind=Topic.IMPORTANCE,
        param=name,
        text=(
            f"{name} does not matter {where}: it carries at most {100 * most:.1f} % of the "
            f"differences between configs (upper end of the 95 % interval); {then}"
        ),
        figures=_figures(at, found),
    )


def _matters(name: str, at: int, told: Sequence[Region]) -> Advice:
    shares = " and ".join(region.carried(at) for region in told)
    return Advice(
        kind=Topic.IMPORTANCE,
        param=name,
        text=f"{name} matters: of the differences between configs it carries {shares}",
        figures=_figures(at, told),
    )


def _figures(at: int, found: Sequence[Region]) -> Mapping[str, float]:
    shares = [region.figures(at) for region in found]
    most = max(float(region.shares.share[at]) for region in found)
    return MappingProxyType({"most": most} | {k: v for here in shares for k, v in here.items()})


def _unknown(names: Sequence[str], trials: int) -> Advice:
    more = ", ".join(names[:-1])
    named = f"{more} and {names[-1]}" if more else names[0]
    return Advice(
        kind=Topic.IMPORTANCE,
        param="" if more else names[0],
        text=(
            f"cannot tell whether {named} matter{'' if more else 's'}: after {trials} trials "
            f"the share of the differences may be less than {100 * NOTHING:.0f} %, or more than "
            f"{100 * SURELY:.0f} %"
        ),
        figures=MappingProxyType({"trials": float(trials)}),
        certain=False,
    )


def _too_few(study: Study, rung: Judged) -> Advice:
    return Advice(
        kind=Topic.IMPORTANCE,
        text=(
            f"cannot tell which params matter: {rung.usable} trials gave a finite "
            f"loss{after(study, rung.epochs)}, and it takes {ENOUGH}"
        ),
        figures=MappingProxyType({"trials": float(rung.usable)}),
        certain=False,
    )
