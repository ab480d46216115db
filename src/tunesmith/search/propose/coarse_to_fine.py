"""Coarse to fine: over the whole space first, then ever more closely where it pays."""

import math
from collections.abc import Container
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, Literal, final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.blas import briefly_one_blas_thread
from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.search.ladder.full import Full
from tunesmith.search.ladder.standings import complete
from tunesmith.search.propose.axes import Axes, axes_of
from tunesmith.search.propose.candidates import anywhere, every, keys, untried
from tunesmith.search.propose.confirm import TIED, too_close
from tunesmith.search.propose.evidence import longest, seen
from tunesmith.search.propose.forecast import Seen, forecast
from tunesmith.search.propose.plain import around
from tunesmith.search.propose.proposal import ANYWHERE, NO_GAIN, SMALL, Proposal, propose
from tunesmith.search.propose.quasi_random import BLOCK, sobol_block
from tunesmith.search.propose.ranges import Ranges, ends
from tunesmith.search.propose.rounds import (
    FIRST,
    Stage,
    amended_stage,
    elites,
    first_stage,
    next_stage,
    round_at,
)
from tunesmith.search.protocol import Ladder, Search
from tunesmith.study import Recommendation, Round, Start, Study
from tunesmith.trial import Config, Origin, Trial

Floats = NDArray[np.float64]

ENOUGH: Final = 2
"""Trials that must have ended before anything can be learned from them."""
SEARCHED: Final = 0.5
"""Share of the budget before which no config is trained a second time."""
UNPLANNED: Final = 3 * FIRST
"""The same in trials, where the budget is a time."""
MISLED: Final = 1 / 3
"""Share of the trials drawn from the whole space where they are first trained for a short time:
what is promising then is not always what is good in the end."""
LAST: Final = 40
"""So many full trainings before the end of a budget, a choice that waits for more to be known is
worth more than one made at once. Earlier it is not: what the other slots try meanwhile explores."""
SURE: Final = 48
"""Full trainings before which nobody can say that going on is not worth it."""
REPEATED: Final = 8
"""Second trainings of a config before which what two trainings differ by is a guess."""
LOOKED: Final = 16
"""Whether going on is worth it is asked once in so many trials."""
NOTHING_MORE: Final = (
    "going on is not worth it: another training is expected to gain less than a thousandth of what "
    "two trainings of one config differ by"
)
DRAWS: Final = 64
"""New places looked for where the quasi-random one was tried already."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CoarseToFine(Search):
    """Search the whole space first, then in rounds where the best lie, moving few params at a time.

    `model="gp"`: a Gaussian process over all trials ranks the candidates of each round, and says
    when training one of the best again, with another seed, is worth more than a new config: what
    is recommended is then not one lucky seed; where second trainings come out alike to the last
    digit, no more are made. `model=None`: the plain form, round the best trials.

    Each round has its ranges and the reason for them; a few trials in a hundred are drawn from the
    whole space whatever the round. Where the best crowd an end of a range, it is widened, as far
    as the param's limits. The last trainings of a budget of full ones use half of the slots, so
    that each is chosen with more known.

    `stop_early`: with a model, the study may end in the second half of its budget, where another
    training is expected to gain next to nothing against the noise between trainings. That has to
    be measured first: configs were trained again, unless the ladder is one that never does so.
    """

    name: ClassVar[str] = "coarse_to_fine"
    looks_back: ClassVar[bool] = True
    ladder: Ladder = Full()
    model: Literal["gp"] | None = "gp"
    stop_early: bool = True

    def __post_init__(self) -> None:
        if self.model not in ("gp", None):
            raise StudyError(f"model must be 'gp' or None, got {self.model!r}")
        if not isinstance(self.stop_early, bool):
            raise StudyError(f"stop_early must be True or False, got {self.stop_early!r}")

    def propose(self, study: Study, history: History, epochs: int) -> Start | None:
        """Return the next trial; None if every config was tried."""
        axes = axes_of(study.space)
        with briefly_one_blas_thread():
            known = seen(axes, history)
            opened = self._opened(study, history, axes, known)
            now = opened or history.rounds[-1]
            short = epochs < study.epochs
            found = self._found(study, history, axes, known, _stage(now), short=short)
        if found is None:
            return None
        return Start(Config(axes.decode(found.point)), epochs, found.origin, opened)

    def at_once(self, study: Study, history: History, /) -> int:
        """Return the slots; half of them near the end of a budget of full trainings."""
        first_round = len(history.trials) - len(study.anchors) < FIRST
        if first_round or self.ladder.looks_back or _left(study, history) > LAST:
            return study.slots
        return (study.slots + 1) // 2

    def enough(self, study: Study, history: History, /) -> str:
        """Say that going on is not worth it, judged by full trainings alone; "" while it is."""
        number = len(history.trials)
        if not self.stop_early or self.model is None or not history.rounds or number % LOOKED:
            return ""
        axes = axes_of(study.space)
        known = longest(axes, history)
        early = not _searched(study, history) or len(known.losses) < SURE
        guessed = not self.ladder.looks_back and _repeated(known) < REPEATED
        if early or guessed or not complete(study, history):
            return ""
        stage, chance = _stage(history.rounds[-1]), rng.stream(study.seed, "gain", number)
        with briefly_one_blas_thread():
            best = propose(axes, known, stage, chance, again=not known.exact)
        return NOTHING_MORE if best is not None and best.gain < NO_GAIN else ""

    def recommend(self, study: Study, history: History, /) -> Recommendation | None:
        """Return the config with the best expected loss; the smallest of those it may be."""
        axes = axes_of(study.space)
        known = longest(axes, history)
        if self.model is None or not np.isfinite(known.losses).any() or len(known.losses) < ENOUGH:
            return None
        with briefly_one_blas_thread():
            expected = forecast(axes, known)
            close, tied = too_close(expected), too_close(expected, TIED)
        trials: dict[bytes, list[int]] = {}
        for trial in history.trials:
            if trial.number in history.outside:
                continue
            trials.setdefault(keys(axes.encode(trial.config)[None])[0], []).append(trial.number)
        numbers = [trials[key] for key in keys(close)]
        epochs = max((t.epochs_trained for t in history.trials if study.usable(t)), default=0)
        usable = [n for n in numbers if any(_judged(study, history.trials[k], epochs) for k in n)]
        if not usable:
            return None
        even = frozenset(keys(tied))
        leading = [
            n for k, n in zip(keys(close), numbers, strict=True) if k in even and n in usable
        ]
        leading = leading or usable[:1]
        chosen = min(leading, key=lambda n: study.size(history.trials[n[0]].config))
        others = tuple(n[0] for n in usable if n is not chosen)
        return Recommendation(
            number=next(n for n in chosen if _judged(study, history.trials[n], epochs)),
            trainings=tuple(chosen),
            close=others,
            reason=_reason(chosen, others, first=chosen is usable[0]),
        )

    def _opened(self, study: Study, history: History, axes: Axes, known: Seen) -> Round | None:
        """Return the round that the next trial opens, if it opens one."""
        number, rounds = len(history.trials), history.rounds
        if not rounds:
            return _round(axes, first_stage(axes), 0, number)
        before = rounds[-1]
        if since := [a for a in history.amendments if a.moved and a.first > before.first]:
            stage = amended_stage(axes, _stage(before), since)
            return _round(axes, stage, before.number + 1, number)
        before_any = len(study.anchors)  # rounds are of what is drawn
        if round_at(number - before_any) <= round_at(before.first - before_any):
            return None
        if len(known.losses) < ENOUGH:
            return None
        chance = rng.stream(study.seed, "round", before.number + 1)
        if self.model is None:
            best, model = elites(known.points, known.losses), None
        else:
            expected = forecast(axes, known)
            best, model = expected.points[: max(3, len(known.losses) // 8)], expected.model
        stage = next_stage(axes, _stage(before), best, model, chance)
        return _round(axes, stage, before.number + 1, number)

    def _found(
        self,
        study: Study,
        history: History,
        axes: Axes,
        known: Seen,
        stage: Stage,
        *,
        short: bool,
    ) -> Proposal | None:
        number = len(history.trials)
        chance = rng.stream(study.seed, "trial", number, "config")
        drawn = number - len(study.anchors)
        if drawn < FIRST or len(known.losses) < ENOUGH:
            return _even(study, axes, known, drawn, chance)
        if short and chance.random() < MISLED:
            return _new(axes, stage.whole, known.trained, chance)
        if self.model is not None:
            return propose(
                axes, known, stage, chance, again=not short and _may_repeat(study, history, known)
            )
        taken = known.trained
        best = elites(known.points, known.losses)
        if chance.random() >= ANYWHERE:
            point = around(axes, stage.ranges, best, number, taken, chance)
            if point is not None:
                return Proposal(point=point, origin=Origin.RANGES)
        point = around(axes, stage.whole, best, number, taken, chance)
        return _new(axes, stage.whole, taken, chance) if point is None else _anywhere(point)


def _even(
    study: Study, axes: Axes, known: Seen, number: int, chance: np.random.Generator
) -> Proposal | None:
    """Return a point of the quasi-random sequence, or another where that was tried already."""
    block, place = divmod(number, BLOCK)
    unit = sobol_block(study.seed, len(study.space), block)[place]
    point: Floats = axes.rounded(unit[None])
    taken = known.trained
    if len(untried(point, taken)):
        return Proposal(point=point[0], origin=Origin.RANGES)
    return _new(axes, first_stage(axes).whole, taken, chance)


def _new(
    axes: Axes, whole: Ranges, taken: Container[bytes], chance: np.random.Generator
) -> Proposal | None:
    """Return a point of the whole space that was not tried; None if there is none."""
    places = anywhere(axes, whole, DRAWS, chance)
    if axes.size() <= SMALL:
        places = chance.permutation(every(axes))
    new = untried(places[whole.holds(places)], taken)
    return _anywhere(new[0]) if len(new) else None


def _anywhere(point: Floats) -> Proposal:
    return Proposal(point=point, origin=Origin.ANYWHERE)


def _searched(study: Study, history: History) -> bool:
    """Return whether enough is spent on new configs that one may be trained again."""
    if study.trials is not None:
        return len(history.trials) >= SEARCHED * study.trials
    if study.total_epochs is not None:
        return history.epochs >= SEARCHED * study.total_epochs
    return len(history.trials) >= UNPLANNED


def _may_repeat(study: Study, history: History, known: Seen) -> bool:
    """Return whether a config may be trained again: late enough, and it may come out otherwise."""
    return not known.exact and _searched(study, history)


def _repeated(known: Seen) -> int:
    """Return how many trainings were of a config that had been trained before."""
    return sum(known.trained.values()) - len(known.trained)


def _left(study: Study, history: History) -> float:
    """Return how many full trainings are left; infinite where the budget is a time."""
    trials = math.inf if study.trials is None else study.trials - len(history.trials)
    epochs = math.inf if study.total_epochs is None else study.total_epochs - history.epochs
    return min(trials, epochs / study.epochs)


def _judged(study: Study, trial: Trial, epochs: int) -> bool:
    """Return whether a trial that was trained for so many epochs could be recommended."""
    return study.usable(trial) and trial.epochs_trained == epochs


def _round(axes: Axes, stage: Stage, number: int, first: int) -> Round:
    """Return a stage as a study keeps it."""
    return Round(
        number=number,
        first=first,
        low=tuple(stage.ranges.low.tolist()),
        high=tuple(stage.ranges.high.tolist()),
        whole_low=tuple(stage.whole.low.tolist()),
        whole_high=tuple(stage.whole.high.tolist()),
        ranges=MappingProxyType(ends(axes, stage.ranges)),
        reason=stage.reason,
    )


def _stage(kept: Round) -> Stage:
    """Return the stage that `_round` was given."""
    return Stage(
        ranges=Ranges(low=np.array(kept.low), high=np.array(kept.high)),
        whole=Ranges(low=np.array(kept.whole_low), high=np.array(kept.whole_high)),
        reason=kept.reason,
    )


def _reason(chosen: list[int], others: tuple[int, ...], *, first: bool) -> str:
    """Say why this config, such as "the best expected loss, over 3 trainings"."""
    times = f"over {len(chosen)} training{'s' if len(chosen) > 1 else ''}"
    if not others:
        return f"the best expected loss, {times}"
    rest = f"{len(others)} other{'s' if len(others) > 1 else ''} too close to tell apart"
    why = "the best expected loss" if first else "the smallest network of those with the best loss"
    return f"{why}, {times}; {rest}"
