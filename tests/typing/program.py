"""A user's program: never run; mypy reads it, and a wrong use must be seen."""

from pathlib import Path
from typing import assert_type

import tunesmith as ts

space = ts.Space(
    learning_rate=ts.Float(1e-4, 1.0, scale=ts.LOG, priority=1),
    momentum=ts.Float(0.9, 0.999, scale=ts.LOG1M, priority=2),
    units=ts.Int(16, 512, scale=ts.LOG, priority=2, limits=(4, 4096)),
    layers=ts.Int(1, 4, priority=3),
    activation=ts.Choice(["relu", "tanh"]),
)


def recorded(attempt: ts.Attempt) -> None:
    """Record a measurement after every epoch."""
    rate = attempt["learning_rate"]
    for epoch in attempt.epochs:
        assert_type(epoch, int)
        attempt.record(loss=1.0 / epoch, accuracy=0.5)
    assert_type(attempt.number, int)
    checkpoint: Path = attempt.checkpoint
    checkpoint.joinpath("rate.txt").write_text(str(rate))


def returned(attempt: ts.Attempt) -> float:
    """Return the metric itself."""
    return float(attempt.number)


def named(attempt: ts.Attempt) -> dict[str, float]:
    """Return several metrics by name."""
    return {"loss": 0.2, "accuracy": 0.9}


history = ts.tune(recorded, space, metric="loss", goal="min", trials=3, seed=0)
assert_type(history, ts.History)
assert_type(history.best.number, int)
assert_type(history.digest, str)
for trial in history.trials:
    assert_type(trial.config["units"], str | int | float | bool | None)

ts.tune(returned, space, trials=3, search=ts.SobolSearch(), workers=2, slots=3, epochs=5)
ts.tune(returned, space, trials=3, executor="processes", trial_minutes=1.5, trial_gigabytes=2)
ts.tune(returned, space, trials=3, executor=ts.Ray(gpus=1, resources={"TPX": 0.5}), workers=8)
ts.tune(returned, space, trials=9, store="a.study", amend=True, enqueue=[{"layers": 3}])
assert_type(history.to_polars(curves=True).height, int)
ts.tune(named, space, minutes=0.5, search=ts.RandomSearch(ladder=ts.Full()), store="a.study")

tuned = ts.TunedClassifier(space=space, trials=3, random_state=0).fit([[1.0], [2.0]], ["a", "b"])
assert_type(tuned, ts.TunedClassifier)
assert_type(tuned.history_, ts.History)
ts.DenseRegressor(units=(32, 16), epochs=9).fit([[1.0], [2.0]], [1.0, 2.0]).save("a.model")

ts.DenseClassifier(neurons=9)  # type: ignore[call-arg]
ts.tune(returned, space, goal="smallest", trials=3)  # type: ignore[arg-type]
ts.tune(returned, space, trials="3")  # type: ignore[arg-type]
ts.tune(returned, space, trials=3, executor="clouds")  # type: ignore[arg-type]
ts.Ray(gpus="one")  # type: ignore[arg-type]
ts.tune(returned, space, trails=3)  # type: ignore[call-arg]
ts.Float("1e-4", 1.0)  # type: ignore[arg-type]
