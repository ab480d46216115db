"""The clock of the machine jumps: nothing is decided by it."""

import time

import pytest
from tests.chaos.driver import SPACE, tune

import tunesmith as ts
from tunesmith.store.store import Store

DAY, HOUR = 86_400, 3_600


@pytest.fixture
def clock(monkeypatch):
    """Let time.time() jump whenever it is told to; return how to tell it."""
    true, off = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: true() + off[0])

    def jump(seconds):
        off[0] += seconds

    return jump


@pytest.mark.survives(
    "the clock is set back by a day, or forward by an hour, in the middle of a study",
    "budgets, the order of events and the digest are unchanged; no duration is negative",
)
@pytest.mark.parametrize("seconds", [-DAY, HOUR], ids=["back", "forward"])
def test_a_jump_changes_nothing(tmp_path, clock, seconds, record_property):
    """The clock jumps again at every trial."""
    path, trials = tmp_path / "x.study", 23

    def train(attempt):
        clock(seconds)
        for epoch in attempt.epochs:
            attempt.record(loss=attempt["rate"] / (epoch + 1) + 1 / attempt["units"])

    history = ts.tune(train, SPACE, trials=trials, epochs=3, seed=11, store=path, minutes=7)
    assert history.finished == f"all {trials} trials were made"  # 7 minutes were not over
    assert history.digest == tune(trials).digest
    with Store.read(path) as store:
        driven = [event.body["driven"] for event in store.replay() if event.kind == "outcome"]
    assert driven == sorted(driven)
    assert 0 <= driven[0] <= driven[-1] < 400
    assert all(trial.seconds >= 0 for trial in history.trials)
    record_property("jumps", trials)


@pytest.mark.survives(
    "the clock is set back by a day at every trial of a study that has seconds",
    "it ends when its seconds are over",
)
def test_a_limit_of_minutes_is_kept(clock, limit, record_property):
    """A budget of time is one of monotonic time."""

    def train(attempt):
        clock(-DAY)
        time.sleep(0.004)
        return attempt["rate"]

    began = time.monotonic()
    history = ts.tune(train, SPACE, minutes=0.4 / 60, seed=11)
    took = time.monotonic() - began
    assert history.finished == "the time was up"
    assert 0.35 < took < limit(20)
    record_property("seconds asked", 0.4)
    record_property("seconds taken", f"{took:.2f}")
