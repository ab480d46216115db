"""How busy a machine is: by hand, from wall and processor time."""

import time

import pytest

from tunesmith.fit.pace import RECENT, Pace, Stopwatch
from tunesmith.trial import Config, Trial


def trial_of(number, seconds):
    """Return a trial that took so long by the clock."""
    return Trial(number=number, config=Config({}), epochs=3, seconds=seconds)


def test_an_idle_machine():
    """Where epochs compute all the time a trial is expected to take what it took."""
    pace = Pace()
    for _ in range(5):
        pace.add(4, 0.7, 0.7)
    assert pace.slowdown == 1.0
    assert pace.expected(trial_of(4, 3.5)) == pytest.approx(3.5)


def test_a_machine_that_became_busy():
    """A trial of the time before is expected to take longer, one of now as long again."""
    pace = Pace()
    for _ in range(RECENT + 3):
        pace.add(0, 0.5, 0.5)
    for _ in range(RECENT):
        pace.add(1, 1.5, 0.5)
    assert pace.slowdown == pytest.approx(3)
    assert pace.expected(trial_of(0, 7.0)) == pytest.approx(21)
    assert pace.expected(trial_of(1, 7.0)) == pytest.approx(7)


def test_a_hiccup_is_no_pace():
    """One epoch of many that takes nine times as long says nothing of the next."""
    pace = Pace()
    for wall in (0.2, 0.2, 1.8, *[0.2] * 10):
        pace.add(0, wall, 0.2)
    assert pace.slowdown == 1.0


def test_what_the_clock_cannot_tell_is_left_out():
    """An epoch of microseconds, and one in which the processor's clock stood."""
    pace = Pace()
    pace.add(0, 5e-4, 1e-5)
    pace.add(0, 0.3, 0.0)
    assert pace.slowdown == 1.0


def test_a_trial_of_an_earlier_run():
    """Of which only the time by the clock is known: all of it counts."""
    pace = Pace()
    pace.add(9, 2.0, 1.0)
    assert pace.expected(trial_of(3, 5.0)) == pytest.approx(10)


def test_a_stopwatch_measures_both_clocks(monkeypatch):
    """Each lap is the time since the one before it."""
    walls, processors = iter([10.0, 14.0, 15.0]), iter([1.0, 3.0, 4.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(walls))
    monkeypatch.setattr(time, "thread_time", lambda: next(processors))
    pace = Pace()
    watch = Stopwatch(pace, 2)
    watch.lap()
    watch.lap()
    assert pace.slowdown == pytest.approx(2)  # of laps of 4 s and 1 s: 2 and 1
    assert pace.expected(trial_of(2, 5.0)) == pytest.approx(5.0 * 3 / 5 * 2)
