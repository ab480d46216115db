"""Trials as columns: what stands where, and of which type."""

import math

from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Study
from tunesmith.tables import curve_columns, trial_columns
from tunesmith.trial import Config, Measurement, State, Trial

SPACE = Space(
    rate=Float(1e-3, 0.7, scale=LOG),
    epochs=Int(3, 17),
    deep=Choice((True, False)),
    kind=Choice(("a", 1, None)),
    width=Choice((5, 7)),
    slope=Float(-0.3, 0.7, when={"deep": True}),
)
STUDY = Study(space=SPACE, trials=7)
TRIALS = [
    Trial(
        number=0,
        config=Config(
            {"rate": 0.1, "epochs": 5, "deep": True, "kind": 1, "width": 7, "slope": -0.1}
        ),
        epochs=3,
        state=State.DONE,
        measurements=(
            Measurement(1, {"loss": 0.9}),
            Measurement(3, {"loss": math.nan, "time": 5}),
        ),
        seconds=1.5,
    ),
    Trial(
        number=1,
        config=Config({"rate": 0.3, "epochs": 11, "deep": False, "kind": None, "width": 5}),
        epochs=1,
        state=State.FAILED,
        reason="no root",
    ),
]


def told(columns):
    return {c.name: (c.kind, [str(value) for value in c.values]) for c in columns}


def test_a_row_for_each_trial():
    """A param that is called as a column of ours is not confused with it."""
    assert told(trial_columns(STUDY, TRIALS)) == {
        "number": ("Int64", ["0", "1"]),
        "state": ("String", ["done", "failed"]),
        "reason": ("String", ["", "no root"]),
        "epochs": ("Int64", ["3", "0"]),
        "seconds": ("Float64", ["1.5", "0.0"]),
        "round": ("Int64", ["0", "0"]),
        "origin": ("String", ["anywhere", "anywhere"]),
        "config.rate": ("Float64", ["0.1", "0.3"]),
        "config.epochs": ("Int64", ["5", "11"]),
        "config.deep": ("Boolean", ["True", "False"]),
        "config.kind": ("String", ["1", "None"]),
        "config.width": ("Int64", ["7", "5"]),
        "config.slope": ("Float64", ["-0.1", "None"]),
        "metric.loss": ("Float64", ["nan", "None"]),
        "metric.time": ("Float64", ["5", "None"]),
    }


def test_a_row_for_each_measurement():
    """A metric that was not measured at an epoch is missing there."""
    assert told(curve_columns(TRIALS)) == {
        "number": ("Int64", ["0", "0"]),
        "epoch": ("Int64", ["1", "3"]),
        "metric.loss": ("Float64", ["0.9", "nan"]),
        "metric.time": ("Float64", ["None", "5"]),
    }
