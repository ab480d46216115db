"""The answers to a study: its trials in order, what was decided between them, and the best."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, final, overload

from tunesmith.amendment import Amendment, holds, seen_from
from tunesmith.digest import digest_of
from tunesmith.errors import NothingFound
from tunesmith.leaders import Leaders
from tunesmith.rungs import standing
from tunesmith.study import Advice, Recommendation, Round, Study
from tunesmith.tables import curve_columns, trial_columns
from tunesmith.text import plural
from tunesmith.trial import Config, Measurement, Origin, State, Trial

if TYPE_CHECKING:
    import polars as pl


@final
class Trials(Sequence[Trial]):
    """The trials of a study in order of number; a view that cannot be changed."""

    __slots__ = ("_list",)

    def __init__(self, trials: list[Trial]) -> None:
        self._list = trials

    @overload
    def __getitem__(self, index: int) -> Trial: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trial]: ...
    def __getitem__(self, index: int | slice) -> Trial | list[Trial]:
        return self._list[index]

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._list)

    def __repr__(self) -> str:
        return f"<{plural(len(self._list), 'trial')}>"


class Ending(NamedTuple):
    """That a trial came to the end of the epochs it was given, or went wrong on the way."""

    number: int
    epochs: int
    """How many it had been given, in all."""


OUTSIDE = "outside the ranges as they were amended"
"""Why a trial is not promoted any more."""

Pieces = tuple[Advice, ...]
"""What is advised, the most useful first."""


@final
class History:
    """The answers to a study so far. Trials are frozen; the loop alone appends.

    `version` counts the changes, so that what is derived from a history can be kept with it.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.given = 0
        """How many trials no search proposed: given by hand, or anchors."""
        self.finished = ""
        """Why the study is over; "" while it is not."""
        self.recommendation: Recommendation | None = None
        """What the search recommends; None while it runs, and if it leaves that to us."""
        self.advice: Pieces = ()
        """What the search says of the results; () while it runs."""
        self.version = 0
        self.rounds: tuple[Round, ...] = ()
        """The rounds of a search that has rounds, in order."""
        self.amendments: tuple[Amendment, ...] = ()
        """What was changed of the study between its runs, in order."""
        self.queued: tuple[Config, ...] = ()
        """Configs given by hand that no trial was begun with yet."""
        self.outside: frozenset[int] = frozenset()
        """The trials that an amended space no longer holds: they count for nothing any more."""
        self.epochs = 0
        """Epochs spent: trained, or given to running trials; 1 at least for one that went wrong."""
        self.endings: list[Ending] = []
        """Of all trials, again after each promotion, in the order they came."""
        self._trials: list[Trial] = []
        self._running: dict[int, None] = {}
        self._leaders = Leaders(study)
        self._set_aside: tuple[int, ...] = ()
        """The trials that were paused when the study was over."""

    @property
    def trials(self) -> Trials:
        """All trials, in order of their number."""
        return Trials(self._trials)

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the trials that are being trained."""
        return tuple(self._running)

    @property
    def has_best(self) -> bool:
        """Whether any trial gave a finite loss."""
        return self._leaders.first is not None

    @property
    def best(self) -> Trial:
        """The first trial of the config that the search recommends.

        While it runs, and where it recommends none: the config with the smallest loss, as the mean
        over its trainings, at the most epochs any trial has reached.

        Raises NothingFound if no trial has a finite loss.
        """
        first = self._leaders.first
        if first is None:
            raise NothingFound(_nothing_found(self.study, self._trials))
        if self.recommendation is not None:
            return self._trials[self.recommendation.number]
        return self._trials[first]

    def ranked(self) -> list[Trial]:
        """Return the trials that could be recommended, the recommended one first, then the best."""
        chosen = None if self.recommendation is None else self.recommendation.number
        numbers = self._leaders.ranked()
        return [self._trials[n] for n in sorted(numbers, key=lambda number: number != chosen)]

    @property
    def digest(self) -> str:
        """SHA-256 over every trial's config, measurements, state and reason; no times."""
        return digest_of(self._trials)

    def to_polars(self, *, curves: bool = False) -> "pl.DataFrame":
        """Return a table with a row for each trial, or with `curves` for each epoch measured.

        Its columns are the number, state and such of a trial, then `config.NAME` for each param
        (null where it is not active) and `metric.NAME` for each metric, as it was last measured;
        with `curves` the number, the epoch and the metrics alone.
        """
        import polars as pl

        columns = curve_columns(self._trials) if curves else trial_columns(self.study, self._trials)
        return pl.DataFrame(
            [pl.Series(c.name, c.values, getattr(pl, c.kind), strict=True) for c in columns]
        )

    def start(
        self,
        config: Config,
        epochs: int,
        origin: Origin = Origin.ANYWHERE,
        opened: Round | None = None,
    ) -> Trial:
        """Append a new, running trial, the first of the round it `opened` if it did."""
        self.rounds += () if opened is None else (opened,)
        self.given += origin in (Origin.GIVEN, Origin.ANCHOR)
        if origin is Origin.GIVEN and self.queued[:1] == (config,):
            self.queued = self.queued[1:]
        trial = Trial(
            number=len(self._trials),
            config=config,
            epochs=epochs,
            round=max(0, len(self.rounds) - 1),
            origin=origin,
        )
        self._trials.append(trial)
        self._running[trial.number] = None
        self.epochs += epochs
        self.version += 1
        return trial

    def promote(self, number: int, epochs: int, *, audit: bool = False) -> Trial:
        """Let a paused trial run on, to `epochs` in all; for an `audit` only, or for its merit."""
        before = self._trials[number]
        trial = replace(before, epochs=epochs, state=State.RUNNING, reason="", audited=audit)
        self._trials[number] = trial
        self._running[number] = None
        self.epochs += epochs - before.epochs_trained
        self.version += 1
        return trial

    def end(
        self,
        number: int,
        state: State,
        measurements: Sequence[Measurement],
        reason: str = "",
        seconds: float = 0.0,
    ) -> Trial:
        """Take what came of a running trial; epochs measured before keep their first value.

        One that is done with less than a full training is paused: it may be promoted.
        """
        before = self._trials[number]
        if state is State.DONE and before.epochs < self.study.epochs:
            state = State.PAUSED
        if number in self.outside and state is State.PAUSED:
            state, reason = State.STOPPED, OUTSIDE
        news = tuple(m for m in measurements if m.epoch > before.epochs_trained)
        trial = replace(
            before,
            state=state,
            measurements=before.measurements + news,
            reason=reason,
            seconds=before.seconds + seconds,
        )
        self._trials[number] = trial
        del self._running[number]
        self.endings.append(Ending(number, before.epochs))
        # One at least for what went wrong: a function that always fails must not run for ever.
        self.epochs -= trial.epochs - max(int(state.bad), trial.epochs_trained)
        self.version += 1
        if number not in self.outside:
            self._leaders.judge(trial)
        return trial

    def finish(
        self, reason: str, recommendation: Recommendation | None = None, advice: Pieces = ()
    ) -> None:
        """Take that the study is over; what is paused is stopped, each with its reason."""
        self.finished, self.recommendation, self.advice = reason, recommendation, advice
        stood = standing(self.study, self._trials)
        self._set_aside = tuple(stood)
        for number, why in stood.items():
            self._trials[number] = replace(self._trials[number], state=State.STOPPED, reason=why)
        self.version += 1

    def amend(self, amended: Amendment) -> None:
        """Take a change of the study: what was finished goes on, who was paused may rise."""
        before, self.study = self.study.space, amended.study
        self.amendments += (amended,)
        self.queued += amended.given
        self.finished, self.recommendation, self.advice = "", None, ()
        for number in self._set_aside:
            self._trials[number] = replace(self._trials[number], state=State.PAUSED, reason="")
        self._set_aside = ()
        if amended.moved:
            self.rounds = tuple(seen_from(r, before, self.study.space) for r in self.rounds)
            self._draw_the_line()
        self.version += 1

    def _draw_the_line(self) -> None:
        """Know which trials the space no longer holds, and let the others alone compete."""
        self._leaders = Leaders(self.study)
        space = self.study.space
        self.outside = frozenset(t.number for t in self._trials if not holds(space, t.config))
        for trial in tuple(self._trials):
            if trial.number not in self.outside:
                self._leaders.judge(trial)
            elif trial.state is State.PAUSED:
                stopped = replace(trial, state=State.STOPPED, reason=OUTSIDE)
                self._trials[trial.number] = stopped


def _nothing_found(study: Study, trials: Sequence[Trial]) -> str:
    """Say that no trial has a finite loss, why, and what to do about it."""
    metric = study.metric
    said = f"none of the {len(trials):,} trials gave a finite {metric}"
    if len(trials) == 1:
        said = f"the only trial gave no finite {metric}"
    failed = [trial for trial in trials if trial.state.bad and trial.state is not State.DIVERGED]
    if trials and len(failed) == len(trials):
        return f"{said}: all of them failed, the first since {failed[0].reason}"
    return (
        f"{said}: either training diverged (lower the top of the learning rate's range), or "
        f"{metric} cannot be computed on the rows that judge (a single class, or values too large "
        "or too small for it); the reasons of the trials say more"
    )
