"""Workers are killed, hang, grow and leave: the study is the one that nothing had happened to."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

import psutil
import pytest
from tests.chaos import perils
from tests.contracts.executor_contract import task_of
from tests.contracts.objectives import train
from tests.waiting import PATIENCE, until

import tunesmith as ts
from tunesmith import rng
from tunesmith.executors.processes import ProcessExecutor
from tunesmith.executors.worker import Worker
from tunesmith.trial import State

SPACE = ts.Space(x=ts.Float(0.3, 2.7), n=ts.Int(3, 17))


def tune(objective, trials, **more):
    return ts.tune(objective, SPACE, trials=trials, epochs=3, seed=7, **more)


def lives(process):
    """Say whether a process is there and has not ended; one that waits to be reaped has."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def seconds_until_gone(processes):
    """Return how long it takes until none of the processes lives."""
    began = time.monotonic()
    assert until(lambda: not any(map(lives, processes)))
    return time.monotonic() - began


class Killer(threading.Thread):
    """Kills whoever says that it waits to be killed, and remembers when."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.killed, self.over = folder, {}, threading.Event()

    def run(self):
        while not self.over.wait(0.005):
            for path in self.folder.glob("pid-*"):
                pid = int(path.name.removeprefix("pid-"))
                if pid not in self.killed:
                    self.killed[pid] = time.monotonic()
                    os.kill(pid, signal.SIGKILL)


@pytest.mark.survives(
    "a worker is killed with -9, at whatever epoch, asleep or busy",
    "noticed in under 1 s; the study ends with the digest of the undisturbed one",
)
def test_killed_workers(tmp_path, long, limit, record_property, monkeypatch):
    """Each trial loses its worker once."""
    kills, noticed, lose = 50 if long else 4, {}, ProcessExecutor._lose

    def note(executor, worker, exit_code):
        noticed[worker.pid] = time.monotonic()
        lose(executor, worker, exit_code)

    monkeypatch.setattr(ProcessExecutor, "_lose", note)
    killer = Killer(tmp_path / "x.work")
    killer.start()
    history = tune(
        perils.waiting_to_be_killed, kills, executor="processes", workers=2, store=tmp_path / "x"
    )
    killer.over.set()
    assert history.digest == tune(perils.undisturbed, kills).digest
    assert len(killer.killed) == kills
    delays = [noticed[pid] - killed for pid, killed in killer.killed.items()]
    assert max(delays) < limit(5)
    record_property("kills", kills)
    record_property("noticed after at most", f"{1000 * max(delays):.0f} ms")


@pytest.mark.survives(
    "a trial hangs, takes all memory, exits, breaks its process, raises, or answers NaN, infinity, "
    "None, text",
    "named for what it is; the study goes on; never best",
)
def test_trials_that_go_wrong(long, record_property, monkeypatch):
    """All of them in one study, each once; time passes for those alone that hang."""
    hanging = [
        1 + len(perils.NONSENSE) + perils.DEADLY.index(peril)
        for peril in (perils.sleep, perils.stubborn)
    ]

    def seconds(worker):
        hangs = worker.task and worker.task.number in hanging and worker.measurements
        return 1000.0 if hangs else 0.0

    if not long:
        monkeypatch.setattr(Worker, "seconds", property(seconds))
    count = 1 + len(perils.NONSENSE) + len(perils.DEADLY)
    for goal in ("min", "max") if long else ("max",):
        history = tune(
            perils.all_of_it,
            count + 3,
            goal=goal,
            workers=2,
            trial_minutes=0.03,
            trial_gigabytes=0.25,
            search=ts.RandomSearch(),
        )
        assert [t.state for t in history.trials] == [
            State.DONE,
            *[State.DIVERGED] * 3,
            *[State.FAILED] * 4,
            State.FAILED,
            State.OUT_OF_MEMORY,
            *[State.TIMED_OUT] * 2,
            State.OUT_OF_MEMORY,
            *[State.CRASHED] * 2,
            *[State.DONE] * 3,
        ]
        reasons = [t.reason for t in history.trials[1:count]]
        assert all(reasons)
        assert reasons[-2:] == [
            "its worker ended with exit code 3 twice",
            "its worker was killed by SIGSEGV twice",
        ]
        assert history.best.state is State.DONE
    record_property("perils", count - 1)


DRIVER = """
import tunesmith as ts
from tests.chaos.perils import sleep

if __name__ == "__main__":
    ts.tune(sleep, ts.Space(x=ts.Float(0.3, 2.7)), trials=9, epochs=3, workers=3, store="x.study")
"""


@pytest.mark.survives(
    "the driver of worker processes is killed with -9",
    "none of its processes is left after 1 s",
)
def test_no_orphans(tmp_path, long, limit, record_property):
    """While they train, or are still about to begin."""
    (tmp_path / "driver.py").write_text(DRIVER)
    root = os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")]))
    longest, times = 0.0, 20 if long else 2
    for delay in [*rng.stream(7, "orphans").uniform(0, 0.3, size=times - 1), None]:
        rmtree(tmp_path / "x.work", ignore_errors=True)
        with subprocess.Popen(
            [sys.executable, "driver.py"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": root}
        ) as driver:
            parent = psutil.Process(driver.pid)
            while not parent.children() and driver.poll() is None:
                time.sleep(0.005)
            while delay is None and len(list((tmp_path / "x.work").glob("asleep-*"))) < 3:
                time.sleep(0.01)
            time.sleep(delay or 0.0)
            children = parent.children(recursive=True)
            driver.kill()
        assert children
        longest = max(longest, seconds_until_gone(children))
    assert longest < limit(5)
    record_property("kills", times)
    record_property("the last was gone after at most", f"{1000 * longest:.0f} ms")


@pytest.mark.survives(
    "very many tasks, and workers lost on the way",
    "memory, open files and threads of driver and workers stay as they are",
)
def test_nothing_grows(tmp_path, long, record_property):
    """Measured after a first part and at the end."""
    tasks = 10_000 if long else 400
    driver = psutil.Process()

    def size(processes):
        held = [p.memory_info().rss / 2**20 for p in processes]
        return held, [(p.num_fds(), p.num_threads()) for p in processes]

    def work(executor, numbers):
        for number in numbers:
            executor.submit(task_of(number, tmp_path))
            executor.next_outcome(PATIENCE)

    with ProcessExecutor(train, 1) as executor:
        work(executor, range(tasks // 4))
        (worker,) = (psutil.Process(one.pid) for one in executor._crew)
        before, handles = size([driver, worker])
        began = time.monotonic()
        work(executor, range(tasks // 4, tasks))
        each = (time.monotonic() - began) / (tasks - tasks // 4)
        after, handles_after = size([driver, worker])
        for number in range(tasks, tasks + (20 if long else 2)):
            os.kill(executor._crew[0].pid, signal.SIGKILL)
            work(executor, [number])
        assert size([driver])[1] == handles[:1]
    assert handles_after == handles
    grown = max(later - earlier for earlier, later in zip(before, after, strict=True))
    assert grown < 4
    record_property("tasks", tasks)
    record_property("grown by", f"{max(0.0, grown):.1f} MiB")
    record_property("a task that does nothing takes", f"{1000 * each:.2f} ms")
