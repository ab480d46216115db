"""Studies on Ray: how many short trials a second, what the driver holds, and lost workers.

Everything runs on this machine, on a Ray that is started for it. Trainings sleep for a
millisecond. Then studies of 64 trials lose a worker in the middle, killed with -9, and their
digests are compared with that of one process.
"""

import argparse
import os
import signal
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import tunesmith as ts
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "trials a second on Ray, the driver's memory, and studies that lose a worker"

SPACE = ts.Space(x=ts.Float(0.3, 2.7), n=ts.Int(3, 17))
SHORT_SECONDS = 0.001
TRIALS_EACH = 64
EARLY, LATE = 0.25, 0.95
"""Shares of a study between which memory is compared; its end loads what gives advice."""
STRUCK = 31
"""The number of the trial whose worker is killed."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--trials", type=at_least(4), default=10_000, help="of a millisecond (%(default)s)")
    add("--workers", type=at_least(1), default=2, help="at once (%(default)s)")
    add("--kills", type=at_least(0), default=10, help="studies that lose a worker (%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Run one long study of short trials, then the short ones that are disturbed."""
    if find_spec("ray") is None:
        raise Refusal("Ray is not installed: pip install ray", exit_code=2)
    from tunesmith.executors.ray_cluster import connect

    connect(None)
    rate, memory = short_trials(options.trials, options.workers)
    progress(f"{rate:.0f} trials a second")
    same = [survives(number, options.workers) for number in range(options.kills)]
    quarter, late = memory
    return Report(
        title=f"{options.trials} trials of {1e3 * SHORT_SECONDS:g} ms, {options.workers} workers",
        columns=["", ""],
        rows=[
            ["trials a second", f"{rate:.0f}"],
            ["driver after a quarter of them", f"{quarter:.0f} MB"],
            ["driver after nearly all", f"{late:.0f} MB"],
            ["kilobytes a trial, in between", f"{kilobytes(options.trials, memory):.1f}"],
            ["studies that lost a worker", str(options.kills)],
            ["of them with the digest of one process", str(sum(same))],
        ],
        notes=["the driver keeps the history of all trials, and the events of a study in memory"],
        figures={"rate": rate, "megabytes": memory, "same": same},
    )


def kilobytes(trials: int, memory: tuple[float, float]) -> float:
    """Return what the driver grew by for each trial, between EARLY and LATE."""
    return 1e3 * (memory[1] - memory[0]) / ((LATE - EARLY) * trials)


def short_trials(trials: int, workers: int) -> tuple[float, tuple[float, float]]:
    """Return trials a second, and the driver's megabytes at EARLY and at LATE."""
    seen: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path, over = Path(folder) / "short.study", threading.Event()
        thread = threading.Thread(target=sample, args=(seen, over), daemon=True)
        ts.tune(short, SPACE, search=ts.RandomSearch(), trials=8, workers=workers, executor="ray")
        thread.start()
        began = time.perf_counter()
        ts.tune(
            short,
            SPACE,
            search=ts.RandomSearch(),
            trials=trials,
            workers=workers,
            executor="ray",
            store=path,
        )
        passed = time.perf_counter() - began
        over.set()
        thread.join()
    return trials / passed, (seen[int(EARLY * len(seen))], seen[int(LATE * len(seen))])


def sample(seen: list[float], over: threading.Event) -> None:
    """Note this process's resident megabytes, ten times a second."""
    import psutil

    me = psutil.Process()
    while True:
        seen.append(me.memory_info().rss / 1e6)
        if over.wait(0.1):
            return


def short(attempt: ts.Attempt) -> object:
    """Take a millisecond."""
    time.sleep(SHORT_SECONDS)
    return attempt["x"]


def survives(seed: int, workers: int) -> bool:
    """Say whether a study that loses a worker has the digest of one process."""
    with tempfile.TemporaryDirectory() as folder:
        path, killed = Path(folder) / "x.study", threading.Event()
        killer = threading.Thread(target=kill, args=(Path(folder) / "x.work", killed), daemon=True)
        killer.start()
        lost = study(seed, executor="ray", workers=workers, store=path).digest
        struck = killed.is_set()
        killed.set()
    same = struck and lost == study(seed).digest
    progress(f"seed {seed}: a worker was killed, the digest is {'the same' if same else 'another'}")
    return same


def study(seed: int, **more: object) -> ts.History:
    """Run a study of checkpointed trainings."""
    arguments: dict[str, object] = {"trials": TRIALS_EACH, "epochs": 3, "seed": seed, **more}
    return ts.tune(trained, SPACE, **arguments)  # type: ignore[arg-type]


def trained(attempt: ts.Attempt) -> None:
    """Train on from what was saved; where a killer waits, wait for it, once."""
    saved = attempt.checkpoint / "sum"
    total = float(saved.read_text()) if saved.exists() else 0.0
    x, n = attempt["x"], attempt["n"]
    assert isinstance(x, float)
    assert isinstance(n, int)
    for epoch in attempt.epochs:
        total += x / (epoch + 3)
        wait_once(attempt, epoch)
        attempt.record(loss=(total - 1.3) ** 2 + n / (epoch + 7))
    saved.write_text(repr(total))


def wait_once(attempt: ts.Attempt, epoch: int) -> None:
    """Say who is there, and wait to be killed."""
    folder = attempt.checkpoint.parent
    note = folder / "was here"
    away = folder.name != "x.work"  # the study of one process
    if away or attempt.number != STRUCK or epoch != attempt.epochs.stop - 1 or note.exists():
        return
    note.touch()
    (folder / f"pid-{os.getpid()}").touch()
    time.sleep(3600)


def kill(folder: Path, killed: threading.Event) -> None:
    """End the process that waits for it."""
    while not killed.wait(0.005):
        for note in folder.glob("pid-*"):
            os.kill(int(note.name.removeprefix("pid-")), signal.SIGKILL)
            killed.set()
