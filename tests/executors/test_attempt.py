"""One execution of a trial: what the training function sees, and what comes of it."""

import itertools
import math

import msgspec
import numpy as np
import pytest
from tests.contracts.executor_contract import task_of
from tests.contracts.objectives import train

from tunesmith.errors import Interrupted
from tunesmith.executors.attempt import TRACE_LENGTH, Attempt, fault, run_with
from tunesmith.executors.protocol import Outcome
from tunesmith.trial import Measurement, State


def never():
    return False


def from_the(nth):
    """Return what says that training should stop, from the nth time it is asked."""
    count = itertools.count(1)
    return lambda: next(count) >= nth


def run(objective, folder, *, stop=never, **task):
    """Return the outcome of trial 5."""
    return run_with(objective)(task_of(5, folder, **task), stop)


def recorded(*losses):
    """Return an objective that records these losses."""

    def objective(attempt):
        for loss in losses:
            attempt.record(loss=loss)

    return objective


# --- what the function sees ---------------------------------------------------------------------


def test_an_attempt_is_the_config(tmp_path):
    """A Mapping, so that **attempt is what a model takes."""
    attempt = Attempt(task_of(17, tmp_path), never)
    assert (dict(attempt), len(attempt), attempt["units"]) == ({"units": 17}, 1, 17)
    assert attempt.number == 17
    with pytest.raises(KeyError):
        attempt["layers"]


def saved(folder):
    """Leave something in the folder of trial 5, as a training that can go on does."""
    (folder / "trial-5").mkdir()
    (folder / "trial-5" / "model.pt").touch()
    return folder


def test_epochs_are_those_still_to_train(tmp_path):
    """The first epoch of a trial is 0; trained is what has been."""
    assert list(Attempt(task_of(5, tmp_path, epochs=3), never).epochs) == [0, 1, 2]
    assert list(Attempt(task_of(5, saved(tmp_path), trained=3, epochs=5), never).epochs) == [3, 4]


def test_who_left_nothing_is_trained_from_the_first_epoch(tmp_path):
    """No checkpoint, or an empty one: then there is nothing to go on from."""
    outcome = run(train, tmp_path, trained=2, epochs=4)
    assert [m.epoch for m in outcome.measurements] == [1, 2, 3, 4]
    (tmp_path / "trial-5").mkdir()
    outcome = run(train, tmp_path, stop=from_the(1), trained=2, epochs=4)
    assert [m.epoch for m in outcome.measurements] == [1]
    assert outcome.reason == "stopped after 2 of 4 epochs"  # which it had come to before


def test_the_checkpoint_is_made_when_it_is_asked_for(tmp_path):
    """Who needs none finds no folder; asking again keeps what is in it."""
    attempt = Attempt(task_of(5, tmp_path / "x.work"), never)
    assert list(tmp_path.iterdir()) == []
    (attempt.checkpoint / "model.pt").write_text("weights")
    assert (attempt.checkpoint / "model.pt").read_text() == "weights"
    assert attempt.checkpoint == tmp_path / "x.work" / "trial-5"


def test_what_was_recorded_can_be_seen(tmp_path):
    """Counted on from what was trained before."""
    attempt = Attempt(task_of(5, saved(tmp_path), trained=3, epochs=9), never)
    attempt.record(loss=0.5, accuracy=0.75)
    attempt.record(loss=np.float32(0.25))
    assert attempt.measurements == (
        Measurement(4, {"loss": 0.5, "accuracy": 0.75}),
        Measurement(5, {"loss": 0.25}),
    )


def test_a_function_may_ask_whether_to_stop(tmp_path):
    """Within an epoch that lasts long."""
    attempt = Attempt(task_of(5, tmp_path), from_the(2))
    assert [attempt.should_stop, attempt.should_stop] == [False, True]


def test_recording_is_where_training_stops(tmp_path):
    """The measurement is kept."""
    attempt = Attempt(task_of(5, tmp_path), lambda: True)
    with pytest.raises(Interrupted):
        attempt.record(loss=0.5)
    assert attempt.measurements == (Measurement(1, {"loss": 0.5}),)


# --- what comes of it ---------------------------------------------------------------------------


def test_what_is_recorded_is_the_outcome(tmp_path):
    """Each epoch one measurement."""
    outcome = run(train, saved(tmp_path), trained=2, epochs=4)
    assert (outcome.number, outcome.state, outcome.reason) == (5, State.DONE, "")
    assert outcome.measurements == (
        Measurement(3, {"loss": 5 + 1 / 5}),
        Measurement(4, {"loss": 5 + 1 / 6}),
    )
    assert outcome.seconds >= 0


@pytest.mark.parametrize(
    ("answer", "metrics"),
    [
        (0.7, {"loss": 0.7}),
        (7, {"loss": 7.0}),
        (np.float64(0.7), {"loss": 0.7}),
        (np.array(0.7), {"loss": 0.7}),
        ({"loss": 0.7, "accuracy": 0.9}, {"loss": 0.7, "accuracy": 0.9}),
    ],
    ids=repr,
)
def test_what_is_returned_is_the_last_epoch(tmp_path, answer, metrics):
    """A number is the metric; a dict may hold more."""
    outcome = run(lambda attempt: answer, tmp_path, epochs=9)
    assert (outcome.state, outcome.measurements) == (State.DONE, (Measurement(9, metrics),))
    assert all(type(value) is float for value in outcome.measurements[0].metrics.values())


def test_fewer_epochs_than_given_are_done(tmp_path):
    """A function may stop early, for reasons of its own."""
    outcome = run(recorded(0.5, 0.4), tmp_path, epochs=7)
    assert (outcome.state, outcome.interrupted) == (State.DONE, False)
    assert len(outcome.measurements) == 2


def test_no_epoch_is_measured_twice(tmp_path):
    """Recording and returning as well: epochs still rise."""

    def objective(attempt):
        train(attempt)
        return 0.1

    outcome = run(objective, tmp_path, epochs=3)
    epochs = [m.epoch for m in outcome.measurements]
    assert epochs == sorted(set(epochs))


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ((0.5, math.nan), "loss was nan after epoch 2"),
        ((math.inf,), "loss was inf after epoch 1"),
        ((0.5, -math.inf, 0.3), "loss was -inf after epoch 2"),
    ],
)
def test_what_is_not_finite_has_diverged(tmp_path, losses, reason):
    """At the first such epoch, whatever came later; all of it is kept."""
    outcome = run(recorded(*losses), tmp_path)
    assert (outcome.state, outcome.reason) == (State.DIVERGED, reason)
    assert len(outcome.measurements) == len(losses)


def test_a_returned_nan_has_diverged(tmp_path):
    """In the last epoch, which it stands for."""
    outcome = run(lambda attempt: math.nan, tmp_path, epochs=7)
    assert (outcome.state, outcome.reason) == (State.DIVERGED, "loss was nan after epoch 7")


def test_another_metric_may_be_anything(tmp_path):
    """Only the study's metric says that a trial diverged."""
    outcome = run(lambda attempt: {"loss": 0.5, "ratio": math.inf}, tmp_path)
    assert outcome.state is State.DONE


def line_of(function):
    """Return the line after the one a function begins at."""
    return function.__code__.co_firstlineno + 1


def test_a_failure_says_what_and_where(tmp_path):
    """The type, its text on one line, and the line it came from."""

    def objective(attempt):
        raise ValueError("first\n   second")

    outcome = run(objective, tmp_path)
    assert outcome.state is State.FAILED
    assert outcome.reason == (f"ValueError: first second (test_attempt.py:{line_of(objective)})")


def test_a_long_failure_is_cut(tmp_path):
    """A reason is a sentence, not a page."""

    def objective(attempt):
        raise ValueError("word\n" * 500)

    outcome = run(objective, tmp_path)
    assert (
        outcome.reason
        == f"ValueError: {('word ' * 500)[:300]} (test_attempt.py:{line_of(objective)})"
    )


def test_what_was_measured_before_a_failure_is_kept(tmp_path):
    """It was real; and memory that ran out is named so."""

    def objective(attempt):
        attempt.record(loss=0.5)
        raise MemoryError

    outcome = run(objective, tmp_path)
    assert outcome.measurements == (Measurement(1, {"loss": 0.5}),)
    assert outcome.state is State.OUT_OF_MEMORY
    assert outcome.reason.startswith("MemoryError: ")


class Unspeakable(Exception):
    """An error whose text cannot be had."""

    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize("error", [Unspeakable(), ValueError("\udcff"), ValueError("a\x00b")])
def test_a_reason_can_always_be_stored(tmp_path, error):
    """Whatever was raised: a file name that is no UTF-8, say."""

    def objective(attempt):
        raise error

    outcome = run(objective, tmp_path)
    assert outcome.state is State.FAILED
    plain = msgspec.json.decode(msgspec.json.encode(outcome.to_builtins()))
    assert Outcome.from_builtins(5, plain) == outcome


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.7", "'0.7' (str)"),
        (b"0.7", "b'0.7' (bytes)"),
        (None, "None (NoneType)"),
        (True, "True (bool)"),
        ((0.7, 0.5), "(0.7, 0.5) (tuple)"),
        ([0.7], "[0.7] (list)"),
        (1j, "1j (complex)"),
    ],
    ids=repr,
)
def test_what_is_no_number_has_failed(tmp_path, value, shown):
    """The sentence names the metric, the value and its type; nothing else was wrong."""
    sentence = f"the metric 'loss' must be a number, got {shown}: record one number under each name"
    outcomes = [run(recorded(value), tmp_path), run(lambda attempt: {"loss": value}, tmp_path)]
    if value is not None:
        outcomes.append(run(lambda attempt: value, tmp_path))
    for outcome in outcomes:
        assert (outcome.state, outcome.reason) == (State.FAILED, sentence)
        assert outcome.measurements == ()


def test_too_many_records_have_failed(tmp_path):
    """The sentence says how many were given; those that fit are kept."""
    outcome = run(recorded(0.5, 0.4, 0.3), tmp_path, epochs=2)
    assert outcome.state is State.FAILED
    assert outcome.reason == (
        "epoch 3 was recorded but the trial was given 2: "
        "loop over attempt.epochs and record once in each"
    )
    assert [m.epoch for m in outcome.measurements] == [1, 2]


@pytest.mark.parametrize(
    "objective",
    [
        lambda attempt: None,
        lambda attempt: {},
        lambda attempt: {"accuracy": 0.7},
        lambda attempt: attempt.record(accuracy=0.7),
        lambda attempt: attempt.record(),
    ],
)
def test_no_metric_has_failed(tmp_path, objective):
    """The sentence shows how it is given."""
    outcome = run(objective, tmp_path)
    assert outcome.state is State.FAILED
    assert outcome.reason == (
        "the training function gave no 'loss': call attempt.record(loss=...) in each epoch, "
        "or return it"
    )


def test_what_was_stopped_says_how_far_it_came(tmp_path):
    """It is stopped, not done, and may be trained again."""
    outcome = run(train, saved(tmp_path), stop=from_the(2), trained=2, epochs=9)
    assert (outcome.state, outcome.interrupted) == (State.STOPPED, True)
    assert outcome.reason == "stopped after 4 of 9 epochs"
    assert [m.epoch for m in outcome.measurements] == [3, 4]


def test_what_was_stopped_after_its_last_epoch_is_done(tmp_path):
    """There was nothing more to train."""
    outcome = run(train, tmp_path, stop=lambda: True, epochs=1)
    assert (outcome.state, outcome.reason, outcome.interrupted) == (State.DONE, "", False)


def test_what_was_stopped_before_it_measured_anything(tmp_path):
    """It came as far as it was before."""

    def objective(attempt):
        raise Interrupted

    outcome = run(objective, tmp_path, stop=from_the(1), trained=2, epochs=5)
    assert (outcome.state, outcome.interrupted) == (State.STOPPED, True)
    assert (outcome.reason, outcome.measurements) == ("stopped after 2 of 5 epochs", ())


def test_what_diverged_before_it_was_stopped_has_diverged(tmp_path):
    """There is no need to train it again."""
    outcome = run(recorded(math.nan, 0.5), tmp_path, stop=from_the(2), epochs=9)
    assert (outcome.state, outcome.reason) == (State.DIVERGED, "loss was nan after epoch 1")


def test_ctrl_c_passes_through(tmp_path):
    """It is no outcome: it is meant for the whole program."""

    def objective(attempt):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(objective, tmp_path)


def test_each_measurement_is_told_at_once(tmp_path):
    """What is recorded and what is returned, so that it survives who recorded it."""
    told = []

    def objective(attempt):
        attempt.record(loss=0.5)
        assert told == [Measurement(1, {"loss": 0.5})]
        return 0.25

    outcome = run_with(objective, told.append)(task_of(5, tmp_path, epochs=2), never)
    assert outcome.measurements == tuple(told)
    assert len(told) == 2


def test_a_failure_brings_its_traceback(tmp_path):
    """From the training function on, without what is ours; the end of it, where it is long."""

    def objective(attempt):
        return objective(attempt) if attempt.number == 5 else 1 / 0

    assert run(lambda attempt: 0.7, tmp_path).trace == ""
    trace = run_with(objective)(task_of(7, tmp_path), never).trace
    assert trace.startswith("Traceback (most recent call last):\n")
    assert "attempt.py" not in trace.replace("test_attempt.py", "")
    assert trace.endswith("ZeroDivisionError: division by zero\n")

    def shout(attempt):
        raise ValueError("word\n" * 50_000)

    assert len(run(shout, tmp_path).trace) == TRACE_LENGTH


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("KeyError: 'unit' (net.py:31)", "KeyError: 'unit' (net.py:31)", True),
        ("ValueError: (64, 3) (net.py:31)", "ValueError: (64, 5) (net.py:31)", True),
        ("ValueError: 3 (net.py:31)", "ValueError: 3 (net.py:37)", False),
        ("ValueError: 3 (net.py:31)", "TypeError: 3 (net.py:31)", False),
        ("the metric 'loss' must be a number, got (1, 2)", "the metric 'loss' must be", False),
        (
            "the metric 'loss' must be a number, got (0.1, 0.7) (tuple)",
            "the metric 'loss' must be a number, got (0.3, 0.5) (tuple)",
            True,
        ),
        (
            "its worker ended with exit code 3 twice",
            "its worker was killed by SIGSEGV twice",
            False,
        ),
    ],
)
def test_equal_failures(one, other, same):
    """Type and line make failures equal, and not the values they met."""
    assert (fault(one) == fault(other)) is same
