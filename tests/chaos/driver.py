"""Drivers to be struck: processes of their own that run one study each, and say how far they are.

They are forked from a server that has imported everything: a start costs milliseconds.
"""

import os
import resource
import signal
import sqlite3
import time
from functools import partial
from itertools import count
from multiprocessing import get_context
from typing import NamedTuple

from tests.waiting import PATIENCE

import tunesmith as ts
from tunesmith import driver
from tunesmith.errors import TunesmithError
from tunesmith.store import connection
from tunesmith.store import store as module
from tunesmith.store.store import Store

SPACE = ts.Space(rate=ts.Float(1e-4, 0.7, scale=ts.LOG), units=ts.Int(3, 170, scale=ts.LOG))
EPOCHS = 3
UNSTORED = 4
"""Epochs before a driver's death in which it stores only what it must."""


class Strike(NamedTuple):
    """What is to happen to a driver, if anything."""

    commit: int = 0
    """Which of its commits it dies at."""
    moment: str = "before"
    """Or "after"."""
    pages: int = 0
    """Pages that its database may have."""
    size: int = 0
    """Bytes that a file of it may have; a larger write fails, or kills it if it is `deadly`."""
    deadly: bool = False
    checkpoint: int = 0
    """Appends between two checkpoints, if not as many as ever."""
    epoch: int = 0
    """Which epoch it dies in, counted over all its trials; in the last ones before it no result is
    stored that may wait for a later commit."""


class End(NamedTuple):
    """How a driver ended."""

    stored: int
    """The last event that the store acknowledged."""
    digest: str
    """Of the whole study; "" if it did not come to its end."""
    refusal: str
    """The sentence that the command line would print."""
    code: int
    """Its exit code, or minus the signal that killed it."""


def train(attempt, seconds=0.0, hold=None):
    """Record a loss that only config and epoch decide, not before the file `hold` is gone."""
    while hold is not None and hold.exists():
        time.sleep(0.003)
    for epoch in attempt.epochs:
        time.sleep(seconds)
        attempt.record(loss=attempt["rate"] / (epoch + 1) + 1 / attempt["units"])


def train_saved(attempt, seconds=0.0):
    """Train weights that count their epochs, and save them in place after each.

    Fails where the weights have seen another number of epochs than the study says. The first
    epoch is quick, so that results wait to be stored while promoted trials go on.
    """
    file = attempt.checkpoint / "weights"
    seen = int(file.read_text()) if file.exists() else 0
    if seen != attempt.epochs.start:
        raise ValueError(f"weights of {seen} epochs where {attempt.epochs.start} were trained")
    for epoch in attempt.epochs:
        time.sleep(seconds if epoch else 0.0)
        seen += 1
        file.write_text(str(seen))
        attempt.record(loss=attempt["rate"] / seen + 1 / attempt["units"], seen=seen)


def tune(trials, seconds=0.0, hold=None, objective=None, **more):
    """Run, or go on with, the study that every driver here runs."""
    asked = {"trials": trials, "epochs": EPOCHS, "seed": 11} | more
    return ts.tune(objective or partial(train, seconds=seconds, hold=hold), SPACE, **asked)


class Driver:
    """A driver in a process of its own."""

    def __init__(self, store, trials, *, strike=None, **more):
        context = get_context("forkserver")
        context.set_forkserver_preload(["tests.chaos.warm"])
        self._told, tell = context.Pipe(duplex=False)
        self.process = context.Process(target=_drive, args=(tell, strike, store, trials, more))
        self.process.start()
        tell.close()
        self._stored, self._digest, self._refusal, self._code = 0, "", "", 0

    def begun(self):
        """Wait until something is stored; return whether it was, or the driver has ended."""
        try:
            self._hear(self._told.recv())
        except EOFError:
            return False
        return True

    def kill(self):
        """Kill it with -9."""
        self.process.kill()

    def ended(self):
        """Wait for its end, and return it; what is no error of ours is raised here."""
        try:
            while self._told.poll(PATIENCE):
                self._hear(self._told.recv())
        except EOFError:
            pass
        self.process.join(PATIENCE)
        code = self._code or self.process.exitcode
        self._told.close()
        self.process.close()
        return End(self._stored, self._digest, self._refusal, code)

    def _hear(self, message):
        match message:
            case int(number):
                self._stored = number
            case str(digest):
                self._digest = digest
            case (int(code), str(sentence)):
                self._refusal, self._code = sentence, code


def _drive(tell, strike, store, trials, more):
    _acknowledge(tell)
    try:
        if strike is not None:
            _arm(strike)
        tell.send(tune(trials, store=store, **more).digest)
    except TunesmithError as error:
        tell.send((error.exit_code, str(error)))


def _acknowledge(tell):
    """Say the number of the last event whenever an append has returned."""
    append = Store.append

    def told(store, *drafts):
        events = append(store, *drafts)
        if events:
            tell.send(events[-1].sequence)
        return events

    Store.append = told


def _die_in_epoch(number):
    """Let this process be killed when its `number`-th epoch has been recorded."""
    record, epochs = ts.Attempt.record, count(1)

    def counted(attempt, **metrics):
        record(attempt, **metrics)
        epoch = next(epochs)
        driver.COMMIT_SECONDS = 0.0 if epoch + UNSTORED < number else 3600.0
        if epoch == number:
            os.kill(os.getpid(), signal.SIGKILL)

    ts.Attempt.record = counted


def _arm(strike):
    if strike.epoch:
        _die_in_epoch(strike.epoch)
        return
    driver.COMMIT_SECONDS = 0.0  # a commit for each result: more moments to strike at

    class Struck(sqlite3.Connection):
        commits = 0

        def execute(self, sql, *values):
            if sql == "BEGIN IMMEDIATE" and strike.pages:
                super().execute(f"PRAGMA max_page_count = {strike.pages}")
            if sql != "COMMIT":
                return super().execute(sql, *values)
            Struck.commits += 1
            if (Struck.commits, strike.moment) == (strike.commit, "before"):
                os.kill(os.getpid(), signal.SIGKILL)
            done = super().execute(sql)
            if (Struck.commits, strike.moment) == (strike.commit, "after"):
                os.kill(os.getpid(), signal.SIGKILL)
            return done

    if strike.checkpoint:
        module.CHECKPOINT_EVERY = strike.checkpoint
    connection.sqlite3.connect = partial(sqlite3.connect, factory=Struck)
    if strike.size:
        # The file is cut off in the middle of a write, and the next write meets the limit.
        if strike.deadly:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (strike.size, strike.size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
