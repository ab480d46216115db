"""The loop: ask the search, store the decision, run the task, record the outcome."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import final

from tunesmith.errors import ObjectiveError, TunesmithError
from tunesmith.executors.attempt import fault
from tunesmith.executors.checkpoint import TRIAL_FOLDER, as_it_was, copy_failure
from tunesmith.executors.protocol import Executor, Outcome, Task
from tunesmith.history import History
from tunesmith.ledger import replayed, virtual_slots
from tunesmith.search.settings import read_search
from tunesmith.store.batch import Batch
from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store
from tunesmith.study import Study
from tunesmith.trial import State, Trial

AHEAD = 2
"""Tasks given out per real worker when the search is blind, so that no worker waits for us."""

COMMIT_SECONDS = 0.05
"""A result that took less, and arrives within this time after the last commit, waits for the next
commit, at most as long again. A crash takes nothing but such quick results. They are computed
again, and are the same: what a promoted trial has saved is not touched before they are stored."""

FIRST = 3
"""So many trials that fail in the same way at the start of a study are a fault, not bad luck."""

TRACE_STORED = 8192
"""Characters of a traceback that are stored, its end."""


@final
class Driver:
    """Runs one study: decides, stores, submits, takes what comes."""

    def __init__(
        self, study: Study, executor: Executor, store: Store | MemoryStore, folder: Path
    ) -> None:
        self.search = read_search(study.search)
        self.blind = virtual_slots(study) is None
        self.ledger = replayed(store.replay())
        self._executor, self._folder = executor, folder
        self._began = time.monotonic() - self.ledger.seconds
        self._running = 0
        self._cut_short: list[Outcome] = []
        self._failed: deque[Outcome] = deque()
        """Outcomes of trials that could not be given out."""
        self._batch = Batch(store, lambda: COMMIT_SECONDS)
        self._written_at = time.monotonic()
        self._hopeful = not same_fault(self.ledger.history)
        self._faults = {fault(t.reason) for t in self.ledger.history.trials if t.state.bad}
        self._submit(self.ledger.unanswered(), again=True)

    def step(self, timeout: float | None) -> None:
        """Wait for an outcome, take it, decide what follows, store both.

        Raises ObjectiveError, and stores nothing, if the first trials have turned out to fail all
        in the same way.
        """
        drafts, trace, seconds = [], "", 0.0
        if self._running:
            outcome = self._next_outcome(timeout)
            if outcome is None:
                return
            if outcome.interrupted:
                self._cut_short.append(outcome)
                return
            drafts.append(self._arrive(outcome))
            trace, seconds = outcome.trace, outcome.seconds
        decisions, trials = self._decide()
        if self._hopeful and (reason := same_fault(self.ledger.history)):
            raise _hopeless(reason, trace)
        # One transaction: a result and the decisions that follow from it.
        self._batch.add(*drafts, *decisions)
        since = time.monotonic() - self._written_at
        ended = not self._running + len(trials)
        if max(since, seconds) >= COMMIT_SECONDS or ended or any(map(self._has_saved, trials)):
            self.write()
        self._submit(trials)
        self._batch.write_soon()

    def write(self) -> None:
        """Store what is not stored yet."""
        self._batch.write()
        self._written_at = time.monotonic()

    def close(self) -> None:
        """Store what is not stored yet; nothing more is to come."""
        self._batch.close()

    def end(self, reason: str) -> None:
        """Stop what runs, record how far it came, and finish the study."""
        ends = *self._cut_short, *self._failed, *self._executor.stop()
        drafts = [self._arrive(outcome) for outcome in ends]
        for trial in self.ledger.unanswered():
            never = Outcome(number=trial.number, state=State.STOPPED, reason=f"{reason} before it")
            drafts.append(self._arrive(never))
        while self.ledger.take():
            pass
        history = self.ledger.history
        finish = self.search.finish(history.study, history, reason)
        self._batch.add(*drafts, *filter(None, [self.ledger.decide(finish)]))
        self.write()

    def interrupt(self) -> None:
        """Stop what runs and store what is complete; the rest is trained again on resume."""
        stopped = *self._failed, *self._executor.stop()
        complete = [outcome for outcome in stopped if not outcome.interrupted]
        self._batch.add(*map(self._arrive, complete))
        self.write()

    def _decide(self) -> tuple[list[Draft], list[Trial]]:
        """Ask the search whenever a worker is free; return the events and the trials to train.

        Outcomes are taken one at a time, each only when nothing more can be decided before it:
        so what the search sees does not depend on which of them happen to have arrived.
        """
        ledger, history = self.ledger, self.ledger.history
        drafts: list[Draft] = []
        trials: list[Trial] = []
        while not history.finished:
            draft = None
            if self._room(len(trials)):
                draft = ledger.decide(self.search.next(history.study, history))
            if draft is not None:
                drafts.append(draft)
                if draft.trial is not None:
                    trials.append(history.trials[draft.trial])
            elif not ledger.take():
                break
        return drafts, trials

    def _room(self, decided: int) -> bool:
        if self.blind:
            return self._running + decided < AHEAD * self._executor.workers
        history = self.ledger.history
        at_once = self.search.at_once(history.study, history)
        return self.ledger.free and len(history.running) < at_once

    def _arrive(self, outcome: Outcome) -> Draft:
        self._running -= 1
        if outcome.trace:
            outcome = replace(outcome, trace=self._news(outcome))
        return self.ledger.arrive(outcome, round(time.monotonic() - self._began, 3))

    def _news(self, outcome: Outcome) -> str:
        """Return the end of a failure's traceback if none like it was stored; "" otherwise."""
        kind = fault(outcome.reason)
        known = kind in self._faults
        self._faults.add(kind)
        return "" if known else outcome.trace[-TRACE_STORED:]

    def _next_outcome(self, timeout: float | None) -> Outcome | None:
        return self._failed.popleft() if self._failed else self._executor.next_outcome(timeout)

    def _has_saved(self, trial: Trial) -> bool:
        """Say whether a trial goes on from a checkpoint.

        To give it out changes what lies beside the store: a copy of the checkpoint takes the place
        of an earlier one, and the training overwrites it. Nothing there may be ahead of the store.
        """
        return trial.epochs_trained > 0 and self._folder_of(trial).exists()

    def _folder_of(self, trial: Trial) -> Path:
        return self._folder / f"{TRIAL_FOLDER}{trial.number}"

    def _submit(self, trials: list[Trial], *, again: bool = False) -> None:
        """Give trials out; one whose folder cannot be prepared has failed, it alone."""
        self._running += len(trials)
        for trial in trials:
            folder = self._folder_of(trial)
            try:
                as_it_was(folder, trial.epochs_trained, again=again)
            except TunesmithError:
                raise
            except OSError as error:
                reason = copy_failure(error, folder)
                self._failed.append(Outcome(number=trial.number, state=State.FAILED, reason=reason))
                continue
            self._executor.submit(
                Task(
                    number=trial.number,
                    config=trial.config,
                    trained=trial.epochs_trained,
                    epochs=trial.epochs,
                    metric=self.ledger.history.study.metric,
                    folder=folder,
                )
            )


def drive(
    study: Study,
    executor: Executor,
    store: Store | MemoryStore,
    folder: Path,
    *,
    deadline: Callable[[History], float] = lambda _: math.inf,
    watch: Callable[[History], None] = lambda _: None,
) -> History:
    """Run a study from wherever its store says it is to its end; return its history.

    `deadline` gives a moment of time.monotonic(), and is asked before every step: what runs then
    is stopped at its next epoch, and recorded as stopped. `watch` is called after every step. On
    KeyboardInterrupt every outcome that has arrived is stored before it is raised again.
    """
    driver = Driver(study, executor, store, folder)
    history = driver.ledger.history
    try:
        while not history.finished:
            left = deadline(history) - time.monotonic()
            if left <= 0:
                driver.end("the time was up")
                break
            driver.step(None if left == math.inf else left)
            watch(history)
    except KeyboardInterrupt:
        driver.interrupt()
        raise
    finally:
        driver.close()
    watch(history)
    return history


def same_fault(history: History) -> str:
    """Return the reason if the first trials have all failed in the same way; "" if not.

    It goes by their numbers, not by who ends first, so that it is the same in every run.
    """
    first = history.trials[:FIRST]
    failed = [t for t in first if t.state in (State.FAILED, State.CRASHED)]
    if len(failed) < FIRST or len({fault(t.reason) for t in failed}) > 1:
        return ""
    return failed[0].reason


def _hopeless(reason: str, trace: str) -> ObjectiveError:
    error = ObjectiveError(
        f"the first {FIRST} trials all failed in the same way ({reason}): mend the training "
        "function, and the same call goes on"
    )
    if trace:
        error.add_note(trace)
    return error
