"""Ask and tell: a study for people with a loop of their own."""

import math
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Self, final

from tunesmith.errors import ObjectiveError, StudyError
from tunesmith.executors.attempt import numbers
from tunesmith.executors.protocol import Outcome
from tunesmith.history import History
from tunesmith.ledger import replayed
from tunesmith.number import as_count, as_whole, one_line, shown
from tunesmith.search.protocol import Search, budget_end
from tunesmith.search.settings import read_search
from tunesmith.space import Space
from tunesmith.space.params import Value
from tunesmith.store.event import Draft
from tunesmith.study import Action, Finish, Start, Study
from tunesmith.trial import Config, Measurement, Origin, State, Trial
from tunesmith.tuning import opened, read_goal, search_settings

Metrics = float | Mapping[str, float]
"""The value of the study's metric, or several metrics by name."""


@final
class AskTell:
    """A study that is asked for trials, and told what came of them.

        with ts.AskTell(space, trials=50, store="mine.study") as asking:
            while not asking.history.finished:
                trial = asking.ask()
                asking.tell(trial.number, train(trial.config, trial.epochs))

    Any number of trials may be out at once, and be told in any order; the search sees what was
    told, when it was told. A store that exists goes on if it asks the same question, and trials
    that were asked and never told are asked again first. For one thread at a time. The arguments
    are those of tune(), without an objective and with `trials` as the one budget.
    Raises StudyError for a question that cannot be asked, or differs from the stored one;
    FileError for a store that cannot be written; StoreBusy if another process runs it.
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        metric: str = "loss",
        goal: Literal["min", "max"] = "min",
        search: Search | None = None,
        epochs: int = 1,
        store: str | Path | None = None,
        seed: int = 0,
        amend: bool = False,
    ) -> None:
        study = Study(
            space=space,
            metric=metric,
            goal=read_goal(goal),
            search=search_settings(search, halving=(as_count(epochs) or 1) > 1),
            seed=seed,
            epochs=epochs,
            trials=trials,
        )
        self._search = read_search(study.search)
        with ExitStack() as undo:
            self._store = undo.enter_context(opened(store, study, amend=amend))
            undo.callback(self._store.close)  # one in memory too
            self._ledger = replayed(self._store.replay())
            self._take()
            self._opened = undo.pop_all()
        self._again = [trial.number for trial in self.out]
        self._next: Action | None = None
        """What the search answered to the history as it is, where it was asked."""
        self._began = time.monotonic() - self._ledger.seconds
        self._asked_at: dict[int, float] = {}

    @property
    def history(self) -> History:
        """All trials so far; its `finished` says why the study is over, "" while it is not."""
        return self._ledger.history

    @property
    def out(self) -> list[Trial]:
        """The trials that were asked and not told, in order of their number."""
        return self._ledger.unanswered()

    def ask(self) -> Trial:
        """Return the next trial to train, to its `epochs`: a new one, or one that goes on.

        Raises StudyError when there are no more, and when one that is out must be told first.
        """
        trial = self._asked_before() or self._decided()
        self._asked_at[trial.number] = time.monotonic()
        return trial

    def tell(self, number: int, metrics: Metrics) -> Trial:
        """Take what was measured of a trial after its `epochs`; return it as it stands now.

        Where the study's metric is no finite number, the trial diverged. Telling the same again
        changes nothing. Raises StudyError for a trial that was not asked, or was told something
        else; ObjectiveError where the study's metric is missing or a metric is no number.
        """
        trial = self._asked(number)
        return self._end(trial, *_judged(self.history.study.metric, trial.epochs, metrics))

    def fail(self, number: int, reason: str) -> Trial:
        """Take that a trial could not be trained, and why; return it as it stands now.

        Raises StudyError for a trial that was not asked, or was told something else.
        """
        return self._end(self._asked(number), State.FAILED, one_line(reason))

    def add(self, config: Mapping[str, Value], metrics: Metrics) -> Trial:
        """Take a full training that was made elsewhere; it counts as one of the study's trials.

        Raises SpaceError for a config outside the space, StudyError when the study is over,
        ObjectiveError as `tell` does.
        """
        study = self.history.study
        start = Start(Config(study.space.check(config)), study.epochs, Origin.GIVEN)
        judged = _judged(study.metric, study.epochs, metrics)
        end = self.history.finished or budget_end(study, self.history)
        if end:
            raise _over(end)
        draft = self._ledger.decide(start)
        return self._end(self.history.trials[-1], *judged, draft=draft)

    def enqueue(self, config: Mapping[str, Value]) -> None:
        """Let a config be asked before any that the search proposes; raises what `add` does."""
        study, end = self.history.study, self.history.finished
        given = Config(study.space.check(config))
        if end or (end := budget_end(study, self.history)):
            raise _over(end)
        self._keep(self._ledger.amend(study, (given,)))
        self._next = None

    def close(self) -> None:
        """Let go of the store; what is out stays to be asked again."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _asked_before(self) -> Trial | None:
        """Return a trial that an earlier run asked and nobody told."""
        while self._again:
            trial = self.history.trials[self._again.pop(0)]
            if not trial.state.ended:
                return trial
        return None

    def _decided(self) -> Trial:
        """Return the trial that the search wants trained next."""
        if self.history.finished:
            raise _over(self.history.finished)
        action = self._answer()
        draft = self._ledger.decide(action)
        if draft is None:
            *more, last = [str(trial.number) for trial in self.out]
            one = f"one of trials {', '.join(more)} and {last}" if more else f"trial {last}"
            raise StudyError(f"no more can be asked before {one} is told: tell it first")
        self._keep(draft)
        self._next = None
        if draft.trial is None:
            raise _over(self.history.finished)
        return self.history.trials[draft.trial]

    def _answer(self) -> Action:
        if self._next is None:
            self._next = self._search.next(self.history.study, self.history)
        return self._next

    def _end(
        self,
        trial: Trial,
        state: State,
        reason: str,
        measured: tuple[Measurement, ...] = (),
        *,
        draft: Draft | None = None,
    ) -> Trial:
        """Store what came of a trial, after `draft`, and the end of the study if this was it."""
        if trial.state.ended:
            _check_same(trial, state, reason, measured)
            self._keep()
            return trial
        now = time.monotonic()
        outcome = Outcome(
            number=trial.number,
            state=state,
            measurements=measured,
            reason=reason,
            seconds=round(now - self._asked_at.pop(trial.number, now), 3),
        )
        told = self._ledger.tell(outcome, round(now - self._began, 3))
        self._next = None
        self._take()
        self._keep(*filter(None, [draft, told]))  # first, since a search may raise
        # With a trial out, no search finishes; with none, it may, and its answer is kept for ask.
        if not self.history.running and isinstance(self._answer(), Finish):
            self._keep(*filter(None, [self._ledger.decide(self._answer())]))
        return self.history.trials[trial.number]

    def _keep(self, *drafts: Draft) -> None:
        """Store events. Where that fails, memory is ahead of the file: go on from that alone."""
        try:
            self._store.append(*drafts)
        except BaseException:
            self.close()
            raise

    def _take(self) -> None:
        """See what came in virtual time, where the study was begun by a loop of ours."""
        while self._ledger.take():
            pass

    def _asked(self, number: int) -> Trial:
        trials, asked = self.history.trials, as_whole(number)
        if asked is None or not 0 <= asked < len(trials):
            known = f"from 0 to {len(trials) - 1}" if trials else "none yet: ask first"
            raise StudyError(f"no trial {shown(number)} was asked; the numbers are {known}")
        return trials[asked]


def _judged(
    metric: str, epochs: int, metrics: Metrics
) -> tuple[State, str, tuple[Measurement, ...]]:
    """Return the state, reason and measurement that `metrics` after so many epochs make."""
    given = metrics if isinstance(metrics, Mapping) else {metric: metrics}
    told = numbers(given)
    if metric not in told:
        raise ObjectiveError(
            f"the study's metric {metric!r} is not among what was told "
            f"({', '.join(told) or 'nothing'}): tell it too"
        )
    measured = (Measurement(epochs, told),)
    if math.isfinite(told[metric]):
        return State.DONE, "", measured
    return State.DIVERGED, f"{metric} was {told[metric]} after epoch {epochs}", measured


def _over(reason: str) -> StudyError:
    return StudyError(f"this study is over ({reason}): begin another one with more trials")


def _check_same(trial: Trial, state: State, reason: str, measured: tuple[Measurement, ...]) -> None:
    """Refuse another result for a trial that was told already; NaN is the same as NaN."""
    last = trial.measurements[len(trial.measurements) - len(measured) :]
    # Whether one that was told as done waits or was stopped, its ladder has said since.
    done = trial.state in (State.PAUSED, State.STOPPED)
    was = _words(State.DONE, "", last) if done else _words(trial.state, trial.reason, last)
    now = _words(state, reason, measured)
    if was != now:
        raise StudyError(
            f"trial {trial.number} was told as {was} and cannot be told as {now}: "
            "the first stays; add its config once more if it was trained again"
        )


def _words(state: State, reason: str, measured: tuple[Measurement, ...]) -> str:
    numbers = [f"{name}={value!r}" for m in measured for name, value in sorted(m.metrics.items())]
    return " ".join(filter(None, [state.value, f"({reason})" if reason else "", *numbers]))
