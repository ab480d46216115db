"""CSV and JSON: every number comes back to the last bit."""

import csv
import json
import math

import tunesmith as ts
from tunesmith.interchange.answers import to_csv, to_json

SPACE = ts.Space(
    rate=ts.Float(1e-4, 0.7, scale=ts.LOG),
    kind=ts.Choice(("a,b", 'say "c"', None)),
    slope=ts.Float(-0.3, 0.7, when={"kind": "a,b"}),
)


def objective(attempt):
    for epoch in attempt.epochs:
        attempt.record(loss=math.nan if attempt.number == 3 else attempt["rate"] / (epoch + 3))


def tuned():
    return ts.tune(objective, SPACE, trials=11, epochs=4, seed=5)


def test_csv_keeps_every_bit():
    """What is not there is empty; commas and quotes in texts do no harm."""
    history = tuned()
    rows = list(csv.DictReader(to_csv(history).decode().splitlines()))
    assert len(rows) == len(history.trials)
    for row, trial in zip(rows, history.trials, strict=True):
        assert float(row["config.rate"]) == trial.config["rate"]
        assert row["config.kind"] == (trial.config["kind"] or "")
        assert row["config.slope"] == "" or float(row["config.slope"]) == trial.config["slope"]
        assert (row["config.slope"] == "") == ("slope" not in trial.config)
        assert math.isnan(float(row["metric.loss"])) == (trial.number == 3)


def test_json_holds_all():
    """Strict JSON, with every measurement; what is not finite is text."""
    history = tuned()
    plain = json.loads(to_json(history), parse_constant=lambda _: 1 / 0)
    assert plain["digest"] == history.digest
    assert plain["study"] == history.study.to_builtins()
    assert plain["best"] == history.best.number
    assert [trial["measurements"] for trial in plain["trials"]] == [
        [m.to_builtins() for m in trial.measurements] for trial in history.trials
    ]
    assert plain["trials"][3]["measurements"][0] == [1, {"loss": "nan"}]
    assert [trial["state"] for trial in plain["trials"]] == [t.state.value for t in history.trials]


def test_a_study_without_a_best():
    """Of a study whose every trial went wrong there is none."""
    history = ts.tune(lambda attempt: math.inf, SPACE, trials=3)
    assert json.loads(to_json(history))["best"] is None


def test_as_a_table_of_polars():
    """The same columns, with their types; curves have a row for each epoch."""
    history = tuned()
    table = history.to_polars()
    assert dict(zip(table.columns, map(str, table.dtypes), strict=True)) == {
        "number": "Int64",
        "state": "String",
        "reason": "String",
        "epochs": "Int64",
        "seconds": "Float64",
        "round": "Int64",
        "origin": "String",
        "config.rate": "Float64",
        "config.kind": "String",
        "config.slope": "Float64",
        "metric.loss": "Float64",
    }
    curves = history.to_polars(curves=True)
    assert curves.height == sum(len(trial.measurements) for trial in history.trials)
    assert curves.columns == ["number", "epoch", "metric.loss"]
