"""A study as Optuna reads it back, and as a data frame of pandas."""

import math

import pytest

import tunesmith as ts
from tunesmith.interchange.optuna_file import STATES, write_optuna

optuna = pytest.importorskip("optuna")

SPACE = ts.Space(
    rate=ts.Float(3e-4, 0.7, scale=ts.LOG, limits=(1e-5, 1.0)),
    beta=ts.Float(0.5, 0.9997, scale=ts.LOG1M),
    units=ts.Int(5, 131, scale=ts.LOG),
    layers=ts.Int(0, 3),
    kind=ts.Choice(("a", None, True, 2.5)),
    slope=ts.Float(-0.3, 0.7, when={"kind": (None, 2.5)}),
)


def objective(attempt):
    """Diverge, fail, or train."""
    for epoch in attempt.epochs:
        if attempt["kind"] == 2.5:
            raise ArithmeticError("broken")
        loss = (
            math.inf if attempt["units"] > 80 else attempt["rate"] + attempt["beta"] / (epoch + 3)
        )
        attempt.record(loss=loss, other=math.nan if epoch % 2 else 0.5)


@pytest.mark.parametrize("goal", ["min", "max"])
def test_optuna_reads_what_was_written(tmp_path, goal):
    """Every param, distribution, intermediate value and state, and the same best trial."""
    history = ts.tune(objective, SPACE, trials=40, epochs=9, seed=3, goal=goal)
    path = tmp_path / "x.db"
    write_optuna(history, path, "mine")
    (name,) = optuna.get_all_study_names(f"sqlite:///{path}")
    study = optuna.load_study(study_name=name, storage=f"sqlite:///{path}")
    assert (name, study.direction.name) == ("mine", f"{goal.upper()}IMIZE")
    assert study.user_attrs["metric"] == "loss"
    assert study.user_attrs["tunesmith digest"] == history.digest
    assert len(study.trials) == len(history.trials)
    states = {"COMPLETE", "PRUNED", "FAIL"}
    assert {trial.state.name for trial in study.trials} == states
    for theirs, ours in zip(study.trials, history.trials, strict=True):
        config = dict(theirs.params)
        if "1 - beta" in config:
            config["beta"] = 1 - config.pop("1 - beta")
        assert config == {**ours.config, "beta": pytest.approx(ours.config["beta"], rel=1e-15)}
        assert theirs.state.name == STATES[ours.state]
        assert theirs.user_attrs["reason"] == ours.reason
        assert theirs.intermediate_values == {m.epoch: m.metrics["loss"] for m in ours.measurements}
        assert abs(theirs.duration.total_seconds() - ours.seconds) < 1e-4
        if theirs.state.name == "COMPLETE":
            assert theirs.value == ours.metric("loss")
    drawn = study.trials[0].distributions
    assert drawn["rate"].log
    assert drawn["rate"].low <= 3e-4
    assert drawn["1 - beta"].log
    assert drawn["1 - beta"].high == 0.5
    assert (drawn["layers"].low, drawn["layers"].high, drawn["layers"].log) == (0, 3, False)
    assert drawn["kind"].choices == ("a", None, True, 2.5)
    done = [t for t in study.trials if t.state.name == "COMPLETE"]
    best = (min if goal == "min" else max)(done, key=lambda t: t.value)
    assert study.best_trial.number == best.number


def test_a_data_frame_of_pandas():
    """By way of plain lists, which needs nothing else."""
    pandas = pytest.importorskip("pandas")
    history = ts.tune(objective, SPACE, trials=11, seed=3)
    frame = pandas.DataFrame(history.to_polars().to_dict(as_series=False))
    assert list(frame["config.units"]) == [t.config["units"] for t in history.trials]
