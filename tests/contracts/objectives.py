"""Training functions that a worker process can import; they tell of themselves by files."""

import math
import os
import sys
import time
from pathlib import Path


def train(attempt):
    """Record the trial's number, plus a part that shrinks."""
    for epoch in attempt.epochs:
        attempt.record(loss=attempt["units"] + 1 / (epoch + 3))


def train_and_tell(attempt):
    """Train, and tell by a file that all epochs are over."""
    train(attempt)
    (attempt.checkpoint.parent / f"trained-{attempt.number}").touch()


def fail_once(attempt):
    """Fail in trial 1."""
    if attempt.number == 1:
        raise ArithmeticError("no root of -7")
    train(attempt)


def exit_once(attempt):
    """Exit in trial 1."""
    if attempt.number == 1:
        raise SystemExit(3)
    train(attempt)


def interrupt(attempt):
    """Do as Ctrl-C does."""
    raise KeyboardInterrupt


def begin(attempt):
    """Note that the trial was begun."""
    (attempt.checkpoint.parent / f"begun-{attempt.number}").touch()


def begun(folder: Path):
    """Return the numbers of the trials that were begun, in order."""
    return sorted(int(path.name.removeprefix("begun-")) for path in folder.glob("begun-*"))


def train_slowly(attempt):
    """Take a while for each epoch."""
    begin(attempt)
    for epoch in attempt.epochs:
        time.sleep(0.005)
        attempt.record(loss=1 / (epoch + 3))


def train_when_told(attempt):
    """Wait for a file called go."""
    begin(attempt)
    while not (attempt.checkpoint.parent / "go").exists():
        time.sleep(0.005)
    train(attempt)


def bowl(attempt):
    """Train in a bowl with a hole: some configs diverge, some fail."""
    for epoch in attempt.epochs:
        if attempt["n"] == 13:
            raise ArithmeticError("n is 13")
        if attempt["x"] > 2.2 and epoch >= 2:
            return attempt.record(loss=math.nan)
        attempt.record(loss=(attempt["x"] - 1.3) ** 2 + attempt["n"] / (epoch + 7))
    return None


def saving(attempt):
    """Train from what was saved, and save what was trained."""
    saved = attempt.checkpoint / "epochs"
    before = saved.read_text() if saved.exists() else "0"
    if int(before) != attempt.epochs.start:
        raise ArithmeticError(f"{before} epochs were saved, not {attempt.epochs.start}")
    for epoch in attempt.epochs:
        attempt.record(loss=attempt["x"] + 1 / (epoch + 3))
    saved.write_text(str(attempt.epochs.stop))


def saving_slowly(attempt):
    """Take a moment, and train from what was saved."""
    time.sleep(0.1)
    saving(attempt)


def leave_traces(attempt):
    """Fail where an earlier training changed this process; then change it in every way."""
    if "TRACE" in os.environ or "LANG_OF_TRACE" not in os.environ:
        raise OSError("the environment is another one")
    # in the directory that the study was started in
    sys.stdout.write(Path("here.txt").read_text())
    sys.stderr.write("here")
    os.chdir("/")
    os.environ["TRACE"] = "1"
    del os.environ["LANG_OF_TRACE"]
    sys.stdout.close()
    os.close(2)
    sys.stderr = None
    return attempt["x"]


def bury(folder: Path):
    """Make folders in each other, so deep that no path reaches the last."""
    before = Path.cwd()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    try:
        for _ in range(45):
            os.mkdir("d" * 100)  # noqa: PTH102  # each is made in the one before
            os.chdir("d" * 100)
    finally:
        os.chdir(before)


def bury_once(attempt):
    """Train, and leave a checkpoint in trial 1 that cannot be copied."""
    train(attempt)
    if attempt.number == 1:
        bury(attempt.checkpoint)
