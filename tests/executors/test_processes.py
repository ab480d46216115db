"""Processes of their own, and whatever can happen to them."""

import os
import signal
import subprocess
import sys
from types import ModuleType

import psutil
import pytest
from tests.chaos import perils
from tests.contracts.executor_contract import ExecutorContract, task_of
from tests.contracts.objectives import train
from tests.waiting import PATIENCE, until

from tunesmith.errors import ObjectiveError
from tunesmith.executors import processes
from tunesmith.executors.attempt import run_with
from tunesmith.executors.checkpoint import as_it_was
from tunesmith.executors.limits import Limits
from tunesmith.executors.local import LocalExecutor
from tunesmith.executors.processes import ProcessExecutor, ending
from tunesmith.executors.protocol import Task
from tunesmith.executors.worker import Worker
from tunesmith.space import Float, Space
from tunesmith.trial import Config, State
from tunesmith.tuning import tune


class TestProcessExecutor(ExecutorContract):
    def executor(self, objective, workers):
        return ProcessExecutor(objective, workers)


def outcome_of(objective, folder, *, limits=None, **task):
    """Return what comes of trial 5."""
    with ProcessExecutor(objective, 1, limits) as executor:
        executor.submit(task_of(5, folder, **task))
        return executor.next_outcome(PATIENCE)


def numbers(folder, name):
    """Return the numbers in the names of such files."""
    return [int(path.name.split("-")[-1]) for path in folder.glob(f"{name}-*")]


def lives(pid):
    """Say whether a process is there and has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# --- a worker that is lost ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "number"),
    [*((perils.killed_once, number) for number in range(4)), (perils.killed_when_promoted, 7)],
)
def test_a_lost_worker_is_replaced(tmp_path, objective, number):
    """At whatever place it is killed: its trial comes out as if nothing had been."""
    config, seen = Config({"x": 0.7, "n": 11}), {}
    for name, executor in (
        ("disturbed", ProcessExecutor(objective, 1)),
        ("undisturbed", LocalExecutor(run_with(perils.undisturbed))),
    ):
        with executor:
            for first, last in ((0, 2), (2, 5)):
                folder = tmp_path / name / f"trial-{number}"
                as_it_was(folder, first)  # as the driver does
                task = Task(
                    number=number,
                    config=config,
                    trained=first,
                    epochs=last,
                    metric="loss",
                    folder=folder,
                )
                executor.submit(task)
                outcome = executor.next_outcome(PATIENCE)
                seen[name, last] = outcome.state, outcome.reason, outcome.measurements
    for last in (2, 5):
        assert seen["disturbed", last] == seen["undisturbed", last]
    assert numbers(tmp_path / "disturbed", "was here") == [number]


def test_a_trial_that_loses_two_workers_has_crashed(tmp_path):
    """It says how; the longer of its two records is kept."""
    outcome = outcome_of(perils.exit_always, tmp_path)
    assert outcome.state is State.CRASHED
    assert outcome.reason == "its worker ended with exit code 3 twice"
    assert [m.epoch for m in outcome.measurements] == [1, 2]
    assert not outcome.interrupted


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (0, "ended with exit code 0"),
        (3, "ended with exit code 3"),
        (-11, "was killed by SIGSEGV"),
        (-9, "was killed by SIGKILL"),
        (-41, "was killed by signal 41"),
    ],
)
def test_how_a_process_ended(exit_code, words):
    """By its name, where the signal has one."""
    assert ending(exit_code) == words


def test_a_worker_killed_while_idle_is_replaced(tmp_path):
    """Nobody has lost anything: the next trial is not blamed."""
    with ProcessExecutor(perils.idle_then_gone, 1) as executor:
        pids = []
        for number in range(4):
            executor.submit(task_of(number, tmp_path))
            outcome = executor.next_outcome(PATIENCE)
            assert outcome.state is State.DONE
            pids.append(int(outcome.measurements[0].metrics["pid"]))
            if number % 2:
                os.kill(pids[-1], signal.SIGKILL)
                assert until(lambda pid=pids[-1]: not lives(pid))
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_what_a_training_started_ends_with_it(tmp_path):
    """Processes of its own too: they would hold memory and cores."""
    outcome_of(perils.with_child, tmp_path)
    children = numbers(tmp_path, "child")
    assert len(children) == 2
    assert until(lambda: not any(map(lives, children)))


def test_a_worker_that_cannot_be_heard_is_lost(tmp_path):
    """It has closed its pipe, and lives."""
    outcome = outcome_of(perils.hide_its_pipe, tmp_path)
    assert outcome.state is State.CRASHED


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", [perils.sleep, perils.stubborn])
def test_a_training_that_takes_too_long_is_ended(tmp_path, monkeypatch, objective):
    """Whatever it ignores; what it measured is kept."""
    seconds = Worker.seconds.fget
    after_an_epoch = property(lambda worker: seconds(worker) if worker.measurements else 0.0)
    monkeypatch.setattr(Worker, "seconds", after_an_epoch)  # which may come late
    outcome = outcome_of(objective, tmp_path, limits=Limits(minutes=0.005))
    assert (outcome.state, outcome.reason) == (State.TIMED_OUT, "timed out after 0.005 minutes")
    assert [m.epoch for m in outcome.measurements] == [1]
    assert outcome.seconds >= 0.3


def test_a_training_that_takes_too_much_is_ended(tmp_path):
    """While it grows; the machine does not notice."""
    outcome = outcome_of(perils.greedy, tmp_path, limits=Limits(gigabytes=0.4))
    assert outcome.state is State.OUT_OF_MEMORY
    assert outcome.reason == "out of memory: it took more than 0.4 GB"
    assert [m.epoch for m in outcome.measurements] == [1]


def test_what_one_training_leaves_the_next_does_not_pay_for(tmp_path):
    """Each leaves 0.3 GB of its 0.55: after it another process is used."""
    with ProcessExecutor(perils.forgetful, 1, Limits(gigabytes=0.55)) as executor:
        for number in range(3):
            executor.submit(task_of(number, tmp_path))
        outcomes = [executor.next_outcome(PATIENCE) for _ in range(3)]
    assert [o.state for o in outcomes] == [State.DONE] * 3
    assert len({o.measurements[0].metrics["pid"] for o in outcomes}) == 3


def test_workers_share_the_cores_out(tmp_path, monkeypatch):
    """A library that is loaded in a worker finds its number of threads there; ours stay ours."""
    for name in [name for name in os.environ if "NUM_THREADS" in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MKL_NUM_THREADS", "5")
    before = dict(os.environ)
    with ProcessExecutor(perils.threads, 64) as executor:
        executor.submit(task_of(5, tmp_path))
        found = executor.next_outcome(PATIENCE).measurements[0].metrics
    assert (found["OPENBLAS_NUM_THREADS"], found["MKL_NUM_THREADS"]) == (1, 5)
    assert dict(os.environ) == before


# --- stopping -----------------------------------------------------------------------------------


def running(objective, folder, workers=1):
    """Return an executor whose tasks have each recorded an epoch, and can stop at no other."""
    executor = ProcessExecutor(objective, workers)
    for number in range(workers):
        executor.submit(task_of(number, folder))
    while any(not worker.measurements for worker in executor._crew):
        executor._turn(0.05)
    assert until(lambda: len(numbers(folder, "asleep")) == workers)
    return executor


def test_who_does_not_stop_is_ended(tmp_path, monkeypatch):
    """After some seconds; it comes back as far as it came."""
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    executor = running(perils.stubborn, tmp_path)
    pids = [worker.pid for worker in executor._crew]
    (outcome,) = executor.stop()
    assert (outcome.state, outcome.interrupted) == (State.STOPPED, True)
    assert outcome.reason == "stopped after 1 of 3 epochs"
    assert len(outcome.measurements) == 1
    assert not any(map(lives, pids))


def test_a_second_ctrl_c_ends_all_at_once(tmp_path, monkeypatch):
    """It comes while stop waits for who does not stop, which would take an hour."""
    monkeypatch.setattr(processes, "STOP_SECONDS", 3600)
    executor = running(perils.stubborn, tmp_path, workers=2)
    pids = [worker.pid for worker in executor._crew]
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)

    def stop():
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        executor.stop()

    try:
        with pytest.raises(KeyboardInterrupt):
            stop()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert executor.stop() == []
    assert not any(map(lives, pids))


def test_a_worker_lost_while_it_stops_was_stopped(tmp_path):
    """It is not trained again: nobody waits for it."""
    executor = running(perils.sleep, tmp_path)
    os.kill(executor._crew[0].pid, signal.SIGKILL)
    (outcome,) = executor.stop()
    assert (outcome.state, outcome.interrupted) == (State.STOPPED, True)


def test_ctrl_c_while_a_worker_is_heard(tmp_path, monkeypatch):
    """What it said may be lost in part: its task has no outcome, and is trained on resume."""
    executor = running(perils.sleep, tmp_path, workers=2)
    spoken, silent = executor._crew

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(spoken, "heard", interrupted)
    with pytest.raises(KeyboardInterrupt):
        executor.next_outcome(PATIENCE)
    assert executor._crew == [silent]
    os.kill(silent.pid, signal.SIGKILL)
    assert [outcome.number for outcome in executor.stop()] == [1]
    assert not lives(spoken.pid)


def test_nobody_is_left_after_stop(tmp_path):
    """Neither processes nor files nor threads, but for the tracker that Python keeps."""
    outcome_of(train, tmp_path)
    this = psutil.Process()
    before = (this.children(), this.num_fds(), this.num_threads())
    outcome_of(train, tmp_path)
    assert (this.children(), this.num_fds(), this.num_threads()) == before


def test_nothing_to_do_is_no_outcome():
    """It does not wait for what cannot come, and starts nobody for it."""
    with ProcessExecutor(train, 3) as executor:
        assert executor.next_outcome() is None
        assert (executor.workers, executor._crew) == (3, [])


# --- workers that cannot begin ------------------------------------------------------------------


def test_a_function_that_only_we_know(tmp_path, monkeypatch):
    """Its module was made up here: the sentence says what the worker met."""
    known = ModuleType("only_here")
    exec("def objective(attempt): return 0.7", vars(known))
    monkeypatch.setitem(sys.modules, "only_here", known)
    with ProcessExecutor(known.objective, 2) as executor:
        executor.submit(task_of(5, tmp_path))
        with pytest.raises(ObjectiveError) as caught:
            executor.next_outcome(PATIENCE)
    assert str(caught.value) == (
        "a worker process cannot load the training function (ModuleNotFoundError: No module named "
        "'only_here'): define it with def at the top of a module, or use executor='threads'"
    )


SCRIPT = """
import os, sys
import tunesmith as ts
{first}

def objective(attempt):
    for epoch in attempt.epochs:
        attempt.record(loss=attempt["x"] + 1 / (epoch + 3))

{guard}
    space = ts.Space(x=ts.Float(0.3, 2.7))
    print(ts.tune(objective, space, trials=3, epochs=2, executor="processes").digest)
"""
GUARD = "if __name__ == '__main__':"


def ran(folder, first="", guard=GUARD):
    """Run a script; return its exit code, what it printed, and the last line of its complaint."""
    (folder / "script.py").write_text(SCRIPT.format(first=first, guard=guard))
    end = subprocess.run(
        [sys.executable, folder / "script.py"], capture_output=True, text=True, timeout=PATIENCE
    )
    return end.returncode, end.stdout, end.stderr.strip().rpartition("\n")[2], end.stderr


def test_a_function_of_a_script(tmp_path):
    """Defined under __main__; a worker that is killed before it begins is replaced."""
    mark = tmp_path / "mark"
    first = (
        f"mark = {str(mark)!r}\n"
        "if __name__ != '__main__' and not os.path.exists(mark):\n"
        "    open(mark, 'w').close()\n"
        "    os.kill(os.getpid(), 9)"
    )
    code, printed, _, complaint = ran(tmp_path, first=first)
    assert (code, complaint) == (0, "")
    assert len(printed.split()) == 1
    assert mark.exists()


def test_a_script_without_a_guard(tmp_path):
    """A worker imports it, and would begin a study of its own: one sentence says what to do."""
    code, printed, last, complaint = ran(tmp_path, guard="if True:")
    assert (code, printed) == (1, "")
    assert last == (
        "tunesmith.errors.StudyError: a worker process that imported this script met tune() in it: "
        "put what the script does under if __name__ == '__main__':"
    )
    assert complaint.count("Traceback") == 1


def test_a_script_that_workers_cannot_import(tmp_path):
    """The sentence comes after what they printed."""
    code, _, last, _ = ran(tmp_path, first="if __name__ != '__main__': sys.exit(7)")
    assert code == 1
    assert last == (
        "tunesmith.errors.StudyError: a worker process ended with exit code 7 before it could "
        "begin: mend what it complained about, or use executor='threads'"
    )


def test_workers_that_are_always_killed_before_they_begin(tmp_path):
    """Three in a row are no bad luck."""
    code, _, last, _ = ran(tmp_path, first="if __name__ != '__main__': os.kill(os.getpid(), 9)")
    assert code == 1
    assert "a worker process was killed by SIGKILL before it could begin: " in last


@pytest.mark.parametrize("objective", [perils.come_back_twice, perils.return_twice])
@pytest.mark.parametrize("name", ["processes", "local"])
def test_a_training_that_forks_and_returns_twice_counts_once(objective, name):
    """The copy ends where it would have gone on as a worker, or as the driver."""
    history = tune(objective, Space(x=Float(0.3, 2.7)), trials=5, seed=7, executor=name)
    assert [trial.state for trial in history.trials] == [State.DONE] * 5
    assert [len(trial.measurements) for trial in history.trials] == [1] * 5
