"""The loop: whatever the real workers do, the study is the same; whatever stops it, it goes on."""

import errno
import math
import time
from collections import deque
from dataclasses import replace
from queue import SimpleQueue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import adaptive
from tests.adaptive import BetterHalf, Watchful
from tests.waiting import PATIENCE

from tunesmith import driver
from tunesmith.driver import AHEAD, TRACE_STORED, drive
from tunesmith.errors import FileError, Interrupted, ObjectiveError, StoreError
from tunesmith.executors.attempt import run_with
from tunesmith.executors.local import LocalExecutor
from tunesmith.executors.protocol import Executor
from tunesmith.executors.threads import ThreadExecutor
from tunesmith.ledger import question, read_ledger, read_study
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.propose.quasi_random import SobolSearch
from tunesmith.search.propose.random import RandomSearch
from tunesmith.space import Float, Int, Space
from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore
from tunesmith.study import Study
from tunesmith.trial import State

SPACE = Space(x=Float(0.3, 2.7), n=Int(3, 17))
SEARCHES = {
    "random": RandomSearch(),
    "sobol": SobolSearch(),
    "watchful": Watchful(),
    "promoting": RandomSearch(ladder=BetterHalf()),
    "both": Watchful(ladder=BetterHalf()),
    "coarse": CoarseToFine(),
    "plain": CoarseToFine(model=None),
    "coarse promoting": CoarseToFine(ladder=BetterHalf()),
}


@pytest.fixture(autouse=True, scope="module")
def _known():
    with pytest.MonkeyPatch.context() as monkeypatch:
        adaptive.register(monkeypatch)
        yield


def study_of(name="random", **changes):
    question = {"space": SPACE, "search": SEARCHES[name].settings(), "seed": 3, "epochs": 5}
    return Study(**question | (changes or {"trials": 11}))


def bowl(attempt):
    """Train in a bowl with a hole: some configs diverge, some fail."""
    for epoch in attempt.epochs:
        if attempt["n"] == 13:
            raise ArithmeticError("n is 13")
        if attempt["x"] > 2.2 and epoch >= 2:
            attempt.record(loss=math.nan)
            return
        attempt.record(loss=(attempt["x"] - 1.3) ** 2 + attempt["n"] / (epoch + 7))


class Scripted(Executor):
    """Has `workers` tasks in hand, and lets a script say whose outcome comes next."""

    name = "scripted"

    def __init__(self, objective, workers=1, choose=lambda count: 0):
        self._run, self._workers, self._choose = run_with(objective), workers, choose
        self.waiting, self.submitted = deque(), []

    @property
    def workers(self):
        return self._workers

    def submit(self, task):
        self.waiting.append(task)
        self.submitted.append(task)

    def next_outcome(self, timeout=None):
        place = self._choose(min(self._workers, len(self.waiting)))
        task = self.waiting[place]
        del self.waiting[place]
        return self._run(task, lambda: False)

    def stop(self):
        self.waiting.clear()
        return []


def started(study):
    """Return a store that holds the question alone."""
    store = MemoryStore()
    store.append(question(study))
    return store


def driven(study, executor, folder, store=None, **more):
    with executor:
        return drive(study, executor, store or started(study), folder, **more)


def told(history):
    """Return all that a search decides, and what came of it."""
    places = [(trial.round, trial.origin) for trial in history.trials]
    chosen = history.recommendation
    return history.digest, places, history.rounds, chosen, history.finished


# --- same seed, same study ----------------------------------------------------------------------


@pytest.mark.parametrize("budget", [{"trials": 11}, {"total_epochs": 47}], ids=str)
@pytest.mark.parametrize("name", SEARCHES)
@settings(max_examples=15, deadline=None)
@given(data=st.data(), workers=st.integers(1, 5))
def test_the_order_of_arrival_changes_nothing(tmp_path_factory, name, budget, data, workers):
    """However many workers there are, and whoever of them ends first."""
    study, folder = study_of(name, **budget), tmp_path_factory.getbasetemp()
    alone = driven(study, Scripted(bowl), folder)
    script = Scripted(bowl, workers, lambda count: data.draw(st.integers(0, count - 1)))
    among = driven(study, script, folder)
    assert told(among) == told(alone)


def test_the_searches_here_are_worth_a_test(tmp_path):
    """Trials end in four states, some are promoted, and each search goes its own way."""
    answers = {name: driven(study_of(name), Scripted(bowl), tmp_path) for name in SEARCHES}
    states = {t.state for history in answers.values() for t in history.trials}
    assert states == {State.DONE, State.STOPPED, State.DIVERGED, State.FAILED}
    for name in ("coarse", "plain"):
        assert [opened.first for opened in answers[name].rounds] == [0, 8]
    assert answers["coarse"].recommendation is not None
    for name in ("promoting", "both", "coarse promoting"):
        assert {t.epochs for t in answers[name].trials} == {2, 5}
    assert len({history.digest for history in answers.values()}) == len(SEARCHES)


def test_the_number_of_virtual_workers_is_a_part_of_the_question(tmp_path):
    """A search that looks back sees less of the past with more of them."""
    one, two = (
        driven(study_of("watchful", trials=11, slots=n), Scripted(bowl), tmp_path) for n in (1, 3)
    )
    assert one.digest != two.digest


@pytest.mark.parametrize("name", ["random", "watchful"])
def test_the_seed_decides(tmp_path, name):
    """Another seed is another study."""
    made = [
        driven(study_of(name, trials=5, seed=n), Scripted(bowl), tmp_path).digest for n in (3, 3, 4)
    ]
    assert made[0] == made[1] != made[2]


# --- what is given to whom ----------------------------------------------------------------------


def test_a_task_says_what_to_train_and_where(tmp_path):
    """A promoted trial goes on in its own folder, from where it was."""
    executor = Scripted(bowl)
    history = driven(study_of("promoting"), executor, tmp_path)
    assert {task.number for task in executor.submitted} == set(range(11))
    for task in executor.submitted:
        assert task.config == history.trials[task.number].config
        assert (task.trained, task.epochs) in {(0, 2), (2, 5)}
        assert (task.metric, task.folder) == ("loss", tmp_path / f"trial-{task.number}")


def test_a_blind_search_keeps_every_worker_busy(tmp_path):
    """More tasks are given out than there are workers, but not all at once."""
    waiting = []
    executor = Scripted(bowl, 3, lambda count: waiting.append(len(executor.waiting)) or 0)
    driven(study_of("random", trials=23, slots=1), executor, tmp_path)
    assert set(waiting[:15]) == {3 * AHEAD}


def test_a_search_that_looks_back_has_its_slots_filled(tmp_path):
    """And no more than these, however many workers there are."""
    waiting = []
    executor = Scripted(bowl, 7, lambda count: waiting.append(len(executor.waiting)) or 0)
    driven(study_of("watchful", trials=23, slots=3), executor, tmp_path)
    assert max(waiting) == 3


def test_a_search_may_leave_slots_free(tmp_path):
    """It says how many trials may train at a time, whatever the slots and the workers."""
    waiting = []
    executor = Scripted(bowl, 7, lambda count: waiting.append(len(executor.waiting)) or 0)
    driven(study_of("coarse", trials=23, slots=6), executor, tmp_path)
    assert max(waiting) == 6
    assert set(waiting[-12:-3]) == {3}


def test_who_watches_sees_every_step(tmp_path):
    """After each outcome, and the end."""
    seen = []

    def watch(history):
        seen.append((sum(t.state.ended for t in history.trials), history.finished))

    driven(study_of("random", trials=7), Scripted(bowl), tmp_path, watch=watch)
    counts = [count for count, _ in seen]
    assert set(counts) == set(range(8))
    assert counts == sorted(counts)
    assert seen[-1] == (7, "all 7 trials were made")


# --- a training function that can only fail -----------------------------------------------------


def failing(*numbers, text="broken"):
    """Return an objective that fails in these trials, with a text of each."""

    def objective(attempt):
        if attempt.number in numbers:
            raise ValueError(f"{text} {attempt['x']}")
        bowl(attempt)

    return objective


@pytest.mark.parametrize("name", SEARCHES)
@settings(max_examples=10, deadline=None)
@given(data=st.data(), workers=st.integers(1, 5))
def test_three_equal_failures_stop_a_study(tmp_path_factory, name, data, workers):
    """Whoever of them ends first; the last to be seen is not stored, so that it is tried again."""
    study, folder = study_of(name), tmp_path_factory.getbasetemp()
    store = started(study)

    def script(objective):
        return Scripted(objective, workers, lambda n: data.draw(st.integers(0, n - 1)))

    for _ in range(2):
        with pytest.raises(ObjectiveError, match="the first 3 trials all failed in the same way"):
            driven(study, script(failing(0, 1, 2)), folder, store)
    mended = driven(study, script(failing()), folder, store)
    failed = [t.number for t in mended.trials[:3] if t.reason.startswith("ValueError: broken")]
    assert len(failed) == 2
    assert mended.finished == "all 11 trials were made"


@pytest.mark.parametrize("numbers", [(0, 1), (0, 2, 3, 4), (1, 2, 3, 4, 5)], ids=str)
def test_other_failures_do_not(tmp_path, numbers):
    """One of the first three that came through, and the function can do it."""
    history = driven(study_of("coarse"), Scripted(failing(*numbers)), tmp_path)
    reasons = [t.number for t in history.trials if t.reason.startswith("ValueError: broken")]
    assert reasons == list(numbers)


def test_three_failures_that_differ_do_not(tmp_path):
    """Their lines differ: perhaps the function can do it with another config."""

    def objective(attempt):
        if attempt.number == 0:
            raise ValueError("broken")
        if attempt.number < 3:
            raise ValueError("broken")
        bowl(attempt)

    history = driven(study_of(), Scripted(objective), tmp_path)
    assert len(history.trials) == 11


def test_one_traceback_of_each_kind_is_stored(tmp_path):
    """Trials 2, 5 and 6 fail in one line, 7 in another; a second run knows what was stored."""

    def objective(attempt):
        if attempt.number in (2, 5, 6):
            raise ValueError(f"too large: {attempt['x']}")
        if attempt.number == 7:
            raise KeyError("gone")
        bowl(attempt)

    study = study_of(trials=8)
    store = started(study)
    driven(study, Scripted(objective), tmp_path, store)
    kept = {e.trial: e.body["trace"] for e in store.replay() if "trace" in e.body}
    assert set(kept) == {2, 7}
    assert kept[2].startswith("Traceback (most recent call last):")
    assert "ValueError: too large" in kept[2]
    assert all(len(text) <= TRACE_STORED for text in kept.values())


# --- the end ------------------------------------------------------------------------------------


def slow(attempt):
    for epoch in attempt.epochs:
        time.sleep(0.004)
        attempt.record(loss=attempt["x"] + 1 / (epoch + 3))


def in_threads(objective):
    return ThreadExecutor(run_with(objective), 2)


def local(objective):
    return LocalExecutor(run_with(objective))


def soon_after_it_begins(seconds=0.12):
    """Return a deadline so many seconds after a trial was first given 4000 epochs."""
    ends = []

    def deadline(history):
        if not ends and any(trial.epochs == 4000 for trial in history.trials):
            ends.append(time.monotonic() + seconds)
        return ends[0] if ends else math.inf

    return deadline


@pytest.mark.parametrize("name", ["random", "watchful", "promoting"])
@pytest.mark.parametrize("executor", [local, in_threads])
def test_the_time_is_up(tmp_path, executor, name):
    """What runs is stopped at its next epoch and says so; what never ran says that.

    What was paused says how it stood.
    """
    study = study_of(name, minutes=1, epochs=4000)
    history = driven(study, executor(slow), tmp_path, deadline=soon_after_it_begins())
    assert (history.finished, history.running) == ("the time was up", ())
    assert {t.state for t in history.trials} <= {State.STOPPED, State.DONE}
    ended = [t for t in history.trials if t.state is State.STOPPED]
    stopped = [t for t in ended if not t.reason.startswith("rank ")]
    assert (len(ended) > len(stopped)) is (name == "promoting")
    came = [f"stopped after {t.epochs_trained} of {t.epochs} epochs" for t in stopped]
    never = [t.reason == "the time was up before it" for t in stopped]
    assert [t.reason for t in stopped if t.reason in came] != []
    assert all(t.reason in came or none for t, none in zip(stopped, never, strict=True))
    assert history.epochs == sum(t.epochs_trained for t in history.trials)
    assert history.best.epochs_trained == max(t.epochs_trained for t in history.trials)


@pytest.mark.parametrize("executor", [local, in_threads])
def test_a_study_that_is_over_trains_nothing(tmp_path, executor):
    """Asked again, it answers as it did."""
    calls = []

    def objective(attempt):
        calls.append(attempt.number)
        slow(attempt)

    study = study_of("random", minutes=1, epochs=4000)
    store, end = started(study), time.monotonic() + 0.05
    first = driven(study, executor(objective), tmp_path, store, deadline=lambda _: end)
    made, events = len(calls), store.last_sequence
    again = driven(study, executor(objective), tmp_path, store)
    time.sleep(0.01)
    assert (len(calls), store.last_sequence) == (made, events)
    assert (again.digest, again.finished) == (first.digest, "the time was up")
    assert again.running == ()


@pytest.mark.parametrize(("seconds", "least", "most"), [(0.0, 11, 99), (3600.0, 1, 2)])
def test_results_that_come_together_share_a_commit(tmp_path, monkeypatch, seconds, least, most):
    """And are the same study; none is left out at its end."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", seconds)
    sizes, study = [], study_of("random", trials=11)
    store = started(study)
    append = store.append

    def counted(*drafts):
        sizes.append(len(drafts))
        return append(*drafts)

    monkeypatch.setattr(store, "append", counted)
    history = driven(study, Scripted(bowl, 3), tmp_path, store)
    assert least <= len(sizes) <= most
    assert all(sizes)
    assert read_ledger(store.replay()).history.digest == history.digest


def test_a_result_that_took_longer_is_stored_at_once(tmp_path, monkeypatch):
    """However soon after another it comes: what was worked for is never left in memory."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", 0.05)
    store, stored = started(study_of("random", trials=7)), []

    class Slow(Scripted):
        def next_outcome(self, timeout=None):
            return replace(super().next_outcome(timeout), seconds=0.05)

    def watch(history):
        ended = [trial for trial in history.trials if trial.state.ended]
        stored.append(len(ended) - sum(event.kind == "outcome" for event in store.replay()))

    driven(study_of("random", trials=7), Slow(bowl, 3), tmp_path, store, watch=watch)
    assert max(stored) <= 0


@pytest.mark.parametrize("commit", range(1, 9))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_stop_while_results_are_stored_loses_and_repeats_nothing(
    tmp_path, monkeypatch, when, commit
):
    """Whether the commit had been made or not: the study goes on to the same end."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", 0.0)
    study = study_of("random", trials=11)
    undisturbed = driven(study, Scripted(bowl, 3), tmp_path)
    store = started(study)
    append, calls = store.append, []

    def stopped(*drafts):
        calls.append(drafts)
        if when == "after" or len(calls) != commit:
            append(*drafts)
        if len(calls) == commit:
            raise KeyboardInterrupt

    monkeypatch.setattr(store, "append", stopped)
    with pytest.raises(KeyboardInterrupt):
        driven(study, Scripted(bowl, 3), tmp_path, store)
    monkeypatch.setattr(store, "append", append)
    again = driven(study, Scripted(bowl, 3), tmp_path, store)
    assert told(again) == told(undisturbed)
    assert told(read_ledger(store.replay()).history) == told(undisturbed)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ArithmeticError])
def test_whatever_ends_a_run_what_came_is_stored(tmp_path, monkeypatch, error):
    """Though it had waited for the next result."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", 3600.0)
    study = study_of("random", trials=11)
    store = started(study)

    def watch(history):
        if sum(trial.state.ended for trial in history.trials) == 5:
            raise error

    with pytest.raises(error):
        driven(study, Scripted(bowl, 3), tmp_path, store, watch=watch)
    stored = read_ledger(store.replay()).history
    assert sum(trial.state.ended for trial in stored.trials) == 5


def test_a_deadline_may_depend_on_the_history(tmp_path):
    """It is asked before every step."""

    def deadline(history):
        return math.inf if len(history.trials) < 5 else 0.0

    history = driven(study_of(trials=11), Scripted(bowl), tmp_path, deadline=deadline)
    assert history.finished == "the time was up"
    assert 5 <= len(history.trials) < 11


def test_no_time_at_all(tmp_path):
    """Nothing is begun."""
    study = study_of()
    history = driven(study, Scripted(bowl), tmp_path, deadline=lambda _: time.monotonic() - 1)
    assert (len(history.trials), history.finished) == (0, "the time was up")


@pytest.mark.parametrize("executor", [local, in_threads])
def test_a_function_that_interrupts_itself_ends_its_trial(tmp_path, executor):
    """Nobody asked it to; the study goes on without it rather than wait for ever."""

    def objective(attempt):
        attempt.record(loss=0.5)
        if attempt.number == 1:
            raise Interrupted
        attempt.record(loss=0.4)

    study, end = study_of("random", trials=4, epochs=2), time.monotonic() + PATIENCE
    history = driven(study, executor(objective), tmp_path, deadline=lambda _: end)
    assert history.finished == "all 4 trials were made"
    states = [State.DONE, State.STOPPED, State.DONE, State.DONE]
    assert [t.state for t in history.trials] == states


# --- stopped, and gone on with ------------------------------------------------------------------


@pytest.mark.parametrize("name", SEARCHES)
def test_what_is_complete_is_stored_at_an_interrupt(tmp_path, name):
    """Two trials have ended, and nobody has asked for them, when Ctrl-C comes: they are kept."""
    calls, ended, complete = [], SimpleQueue(), []

    def objective(attempt):
        calls.append((attempt.number, attempt.epochs.start))
        (attempt.checkpoint / "model").touch()
        try:
            bowl(attempt)
        finally:
            ended.put(attempt.number)

    def interrupt(history):
        complete.extend(ended.get(timeout=PATIENCE) for _ in range(2))
        raise KeyboardInterrupt

    study = study_of(name)
    store = started(study)
    with pytest.raises(KeyboardInterrupt):
        driven(study, in_threads(objective), tmp_path, store, watch=interrupt)
    resumed = driven(study, Scripted(objective), tmp_path, store)
    assert told(resumed) == told(driven(study, Scripted(bowl), tmp_path))
    assert [calls.count((number, 0)) for number in complete] == [1, 1]


@pytest.mark.parametrize("name", SEARCHES)
def test_cut_anywhere_a_study_goes_on(tmp_path, name):
    """Of a stored study any beginning can be gone on with, to the same end."""
    study = study_of(name)
    store = started(study)
    whole = driven(study, Scripted(bowl, 3, lambda count: count - 1), tmp_path, store)
    events = list(store.replay())
    for kept in range(1, len(events) + 1):
        part = MemoryStore()
        part.append(*(Draft(kind=e.kind, trial=e.trial, body=e.body) for e in events[:kept]))
        resumed = driven(study, Scripted(bowl), tmp_path, part)
        assert told(resumed) == told(whole)
        assert list(part.replay())[:kept] == events[:kept]


def test_the_clock_goes_on_where_it_was(tmp_path):
    """Time is that of the runs, summed, without what lay between them."""
    study = study_of("random", trials=4)
    store = started(study)
    driven(study, Scripted(bowl), tmp_path, store)
    part = MemoryStore()
    for event in list(store.replay())[:4]:
        body = event.body | ({"driven": 71.5} if event.kind == "outcome" else {})
        part.append(Draft(kind=event.kind, trial=event.trial, body=body))
    driven(study, Scripted(bowl), tmp_path, part)
    clock = [e.body["driven"] for e in part.replay() if e.kind == "outcome"]
    assert len(clock) == 4
    assert clock == sorted(clock)
    assert 71.5 == clock[0] <= clock[-1] < 76


def test_a_damaged_study_is_not_gone_on_with(tmp_path):
    """StoreError comes before anything is trained."""
    study = study_of()
    store = started(study)
    store.append(Draft(kind="outcome", trial=5, body={}))
    executor = Scripted(bowl)
    with pytest.raises(StoreError, match="event 2 "):
        driven(study, executor, tmp_path, store)
    assert executor.submitted == []
    assert read_study(store.replay()) == study


@pytest.mark.parametrize("name", ["promoting", "both", "coarse promoting"])
def test_a_promotion_is_stored_before_its_checkpoint_is_touched(tmp_path, monkeypatch, name):
    """However long other results may wait: no checkpoint may be ahead of the store."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", 3600.0)
    study, promoted = study_of(name, trials=11), []
    store = started(study)

    class Looking(Scripted):
        def submit(self, task):
            if task.trained:
                promoted.append(task.number)
                stored = read_ledger(store.replay()).history.trials[task.number]
                assert (stored.epochs_trained, stored.epochs) == (task.trained, task.epochs)
            super().submit(task)

    def saving(attempt):
        (attempt.checkpoint / "weights").write_text("w")
        bowl(attempt)

    driven(study, Looking(saving, 3), tmp_path, store)
    assert promoted


def test_a_result_does_not_wait_for_the_next_training(tmp_path, monkeypatch):
    """It is stored while that goes on, and nobody asks."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", 0.2)
    study = study_of(trials=3)
    store = started(study)

    def waiting(attempt):
        end = time.monotonic() + 60
        while attempt.number and not any(e.trial == attempt.number - 1 for e in outcomes()):
            assert time.monotonic() < end
            time.sleep(0.005)
        bowl(attempt)

    def outcomes():
        return [event for event in store.replay() if event.kind == "outcome"]

    history = driven(study, LocalExecutor(run_with(waiting)), tmp_path, store)
    assert "AssertionError" not in " ".join(trial.reason for trial in history.trials)


def test_a_checkpoint_that_cannot_be_copied_fails_its_trial_alone(tmp_path, monkeypatch):
    """The others end as they would have; the study can be finished."""
    study, harmed = study_of("promoting", trials=11), []

    def copy(folder, trained, *, again=False):
        if trained and (not harmed or folder.name in harmed):
            harmed.append(folder.name)
            raise PermissionError(errno.EACCES, "Permission denied", str(folder / "weights"))

    monkeypatch.setattr(driver, "as_it_was", copy)
    history = driven(study, Scripted(bowl, 3), tmp_path)
    (failed,) = [t for t in history.trials if t.reason.startswith("its checkpoint")]
    assert failed.state is State.FAILED
    assert failed.reason == "its checkpoint cannot be copied (Permission denied: 'weights')"
    assert [f"trial-{failed.number}"] == harmed
    assert history.finished


def test_a_full_disk_fails_no_trial(tmp_path, monkeypatch):
    """It ends the run, and the same call goes on."""
    study = study_of("promoting", trials=11)
    store, disk = started(study), ["full"]

    def copy(folder, trained, *, again=False):
        if trained and disk:
            raise OSError(errno.ENOSPC, "No space left on device", str(folder / "weights"))

    monkeypatch.setattr(driver, "as_it_was", copy)
    with pytest.raises(FileError, match=r"checkpoint of trial \d+ cannot be copied \(No space"):
        driven(study, Scripted(bowl, 3), tmp_path, store)
    disk.clear()
    again = driven(study, Scripted(bowl, 3), tmp_path, store)
    assert told(again) == told(driven(study, Scripted(bowl, 3), tmp_path))
