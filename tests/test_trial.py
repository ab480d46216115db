"""Config, Measurement, State, Trial: records that keep what they were given."""

import math
import os
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.trial import Config, Measurement, State, Trial

VALUES = st.one_of(
    st.text(max_size=5), st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()
)
CONFIGS = st.dictionaries(st.text(max_size=5), VALUES, max_size=5)
METRICS = st.dictionaries(st.text(max_size=9), st.floats(), max_size=4)


@given(CONFIGS)
def test_a_config_is_equal_to_the_dict_it_holds(values):
    """And two of the same values are one key, in whatever order they were given."""
    config, turned = Config(values), Config(dict(reversed(values.items())))
    assert config == values == dict(config)
    assert {config: 3}[turned] == 3


@given(CONFIGS, CONFIGS)
def test_configs_differ_where_their_values_do(values, others):
    """Equality is that of the dicts."""
    assert (Config(values) == Config(others)) == (values == others)


def test_a_config_cannot_be_edited():
    """Neither itself nor through the dict it was made of."""
    values = {"units": 17, "learning_rate": 0.03}
    config = Config(values)
    values["units"] = 23
    with pytest.raises(TypeError):
        config["units"] = 29
    assert config["units"] == 17
    assert list(config) == ["units", "learning_rate"]
    assert repr(config) == "Config({'units': 17, 'learning_rate': 0.03})"


def test_a_config_from_another_process_has_the_hash_of_this_one():
    """Texts have other hashes there: what was kept of it does not travel."""
    program = (
        "import pickle, sys; from tunesmith.trial import Config; config = Config({'kind': 'deep'});"
        "hash(config); sys.stdout.buffer.write(pickle.dumps(config))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    sent = subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, check=True
    )
    assert {Config({"kind": "deep"}): 3}[pickle.loads(sent.stdout)] == 3


@given(st.integers(1, 10**6), METRICS)
def test_a_measurement_keeps_every_bit(epoch, metrics):
    """To JSON and back; numbers that are not finite travel as text."""
    text = msgspec.json.encode(Measurement(epoch, metrics).to_builtins())
    back = Measurement.from_builtins(msgspec.json.decode(text))
    assert back.epoch == epoch
    assert {k: v.hex() for k, v in back.metrics.items()} == {k: v.hex() for k, v in metrics.items()}


def test_a_measurement_as_plain_data():
    """What is not finite is text, since JSON has no word for it."""
    metrics = {"loss": math.nan, "top": math.inf, "bottom": -math.inf, "accuracy": 0.1 + 0.2}
    assert Measurement(7, metrics).to_builtins() == [
        7,
        {"loss": "nan", "top": "inf", "bottom": "-inf", "accuracy": 0.30000000000000004},
    ]


def test_metrics_cannot_be_edited():
    """Neither themselves nor through the dict they were made of."""
    metrics = {"loss": 0.7}
    measurement = Measurement(3, metrics)
    metrics["loss"] = 0.1
    with pytest.raises(TypeError):
        measurement.metrics["loss"] = 0.2
    with pytest.raises(FrozenInstanceError):
        measurement.epoch = 4
    assert measurement.metrics == {"loss": 0.7}


@pytest.mark.parametrize("data", [None, 3, [3], [3, 0.7], ["3", {}], [3, {}, {}], {"epoch": 3}])
def test_what_is_no_measurement_is_refused(data):
    """The error shows what was there instead."""
    with pytest.raises(TypeError, match="a measurement is an epoch and its metrics, got"):
        Measurement.from_builtins(data)


@pytest.mark.parametrize("value", ["low", None, [0.7]])
def test_what_is_no_metric_is_refused(value):
    """Only numbers and the texts that stand for them are read."""
    with pytest.raises((TypeError, ValueError)):
        Measurement.from_builtins([3, {"loss": value}])


def test_states():
    """The list is closed, and written in study files; two of them are not the end."""
    assert {state.value: state.ended for state in State} == {
        "waiting": False,
        "running": False,
        "paused": True,
        "stopped": True,
        "done": True,
        "diverged": True,
        "failed": True,
        "crashed": True,
        "timed_out": True,
        "out_of_memory": True,
    }


def test_a_trial_answers_with_its_last_measurement():
    """Epochs may be left out; what was never measured is NaN."""
    measured = (Measurement(2, {"loss": 0.9}), Measurement(5, {"loss": 0.4, "accuracy": 0.8}))
    trial = Trial(number=3, config=Config({"units": 17}), epochs=9, measurements=measured)
    assert (trial.epochs_trained, trial.metric("loss"), trial.metric("accuracy")) == (5, 0.4, 0.8)
    assert math.isnan(trial.metric("precision"))


def test_a_new_trial_has_measured_nothing():
    """It runs, at 0 epochs."""
    trial = Trial(number=3, config=Config({"units": 17}), epochs=9)
    assert (trial.state, trial.epochs_trained, trial.reason) == (State.RUNNING, 0, "")
    assert math.isnan(trial.metric("loss"))
    with pytest.raises(FrozenInstanceError):
        trial.state = State.DONE
