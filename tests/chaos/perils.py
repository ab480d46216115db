"""Training functions that harm the process they run in, or do not end, or answer nonsense."""

import math
import os
import signal
import subprocess
import sys
import time

GIGABYTE = 10**9


def first_time(attempt, what="was here"):
    """Say whether this trial was never trained before, and note that it was."""
    note = attempt.checkpoint.parent / f"{what}-{attempt.number}"
    if note.exists():
        return False
    note.touch()
    return True


def kill():
    """End this process as -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def undisturbed(attempt, strike=lambda epoch: None):
    """Train on from what was saved, and save in place after each epoch, as many do.

    Who finds more saved than was trained before, or less, comes to other losses.
    """
    saved = attempt.checkpoint / "sum"
    total = float(saved.read_text()) if saved.exists() else 0.0
    for epoch in attempt.epochs:
        total += attempt["x"] / (epoch + 3)
        saved.write_text(repr(total))
        strike(epoch)
        attempt.record(loss=(total - 1.3) ** 2 + attempt["n"] / (epoch + 7))


def killed_once(attempt):
    """Be killed in each trial once, each time at another place."""
    place = attempt.number % 4 if first_time(attempt) else None
    if place == 0:
        kill()
    undisturbed(attempt, lambda epoch: place == 1 and epoch == attempt.epochs.stop - 1 and kill())
    if place == 2:
        (attempt.checkpoint / "half a model").touch()
        kill()
    if place == 3:
        os._exit(3)


def killed_when_promoted(attempt):
    """Be killed once, in each training that goes on from an earlier one."""
    first = attempt.epochs.start and first_time(attempt)
    undisturbed(attempt, lambda epoch: first and epoch == attempt.epochs.stop - 1 and kill())


def waiting_to_be_killed(attempt):
    """Come to some epoch in each trial once, say who is there, and wait."""
    first = first_time(attempt)

    def strike(epoch):
        if first and epoch == attempt.number % attempt.epochs.stop:
            (attempt.checkpoint.parent / f"pid-{os.getpid()}").touch()
            sleep(attempt) if attempt.number % 2 else stubborn(attempt)

    undisturbed(attempt, strike)


def one_waits_to_be_killed(attempt):
    """In trial 31, once, say who is there in its last epoch, and wait."""
    waits = attempt.number == 31 and first_time(attempt)

    def strike(epoch):
        if waits and epoch == attempt.epochs.stop - 1:
            (attempt.checkpoint.parent / f"pid-{os.getpid()}").touch()
            time.sleep(3600)

    undisturbed(attempt, strike)


def record_and_tell(attempt):
    """Record an epoch, and tell by a file that it is over: from here on it never ends."""
    attempt.record(loss=0.5)
    (attempt.checkpoint.parent / f"asleep-{os.getpid()}").touch()


def sleep(attempt):
    """Never end, after an epoch."""
    record_and_tell(attempt)
    time.sleep(3600)


def stubborn(attempt):
    """Never end, and hear no signal that can be ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    record_and_tell(attempt)
    while True:
        sum(range(10**7))


def hold(size):
    """Take so many bytes of memory, and use them."""
    return bytearray(b"x") * size


def greedy(attempt):
    """Take more and more memory."""
    attempt.record(loss=0.5)
    held = []
    while True:
        held.append(hold(GIGABYTE // 10))


def forgetful(attempt):
    """Leave memory behind."""
    forgetful.kept = hold(3 * GIGABYTE // 10)
    attempt.record(loss=0.5, pid=os.getpid())


def exit_always(attempt):
    """Leave in the middle, after fewer epochs the second time."""
    for _ in range(2 if first_time(attempt) else 1):
        attempt.record(loss=0.5)
    os._exit(3)


def segfault(attempt):
    """Break as compiled code does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def idle_then_gone(attempt):
    """Tell its number to who will kill it when it is idle."""
    attempt.record(loss=0.5, pid=os.getpid())


def threads(attempt):
    """Say how many threads the libraries may use, and whether a study began in this worker."""
    attempt.record(loss=0.5, **{n: float(v) for n, v in os.environ.items() if "NUM_THREADS" in n})


def with_child(attempt):
    """Start a process of its own, and be killed."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    (attempt.checkpoint.parent / f"child-{child.pid}").touch()
    kill()


def come_back_twice(attempt):
    """Fork, and go on in both processes."""
    pid = os.fork()
    train_well(attempt)
    if pid:
        os.waitpid(pid, 0)


def return_twice(attempt):
    """Fork, and return from both processes."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
    return 0.5


def hide_its_pipe(attempt):
    """Close what it did not open, and go on."""
    os.closerange(3, 4096)
    time.sleep(3600)


NONSENSE = (math.nan, math.inf, -math.inf, None, "0.5", (0.1, 0.2), 1j)


def all_of_it(attempt):
    """Go wrong in all ways that there are; trial 0 and those after the list are trained well."""
    perils = [train_well, *(answer(value) for value in NONSENSE), *DEADLY]
    perils[attempt.number](attempt) if attempt.number < len(perils) else train_well(attempt)


def train_well(attempt):
    """End well, and not as well as minus infinity."""
    for epoch in attempt.epochs:
        attempt.record(loss=1 + 1 / (epoch + 3))


def answer(value):
    """Return a function that records a value."""
    return lambda attempt: attempt.record(loss=value)


def fail(attempt):
    """Raise an error of its own."""
    raise ValueError("broken")


def run_out(attempt):
    """Ask for more memory than an address can name."""
    hold(2**62)


DEADLY = (fail, run_out, sleep, stubborn, greedy, exit_always, segfault)
