"""A study as an SQLite file of Optuna's, for its dashboard and its plots.

It is written by Optuna itself. What Optuna has no place for, such as a trial's reason, goes into
the attributes of the trial. It knows no LOG1M: such a param becomes "1 - NAME" on its log scale.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tunesmith.history import History
from tunesmith.model.ownership import OPTUNA_MARK
from tunesmith.search.propose.optuna import optuna_part
from tunesmith.space import LINEAR, LOG1M, Choice, Float, Int, Param
from tunesmith.space.params import Value
from tunesmith.study import Goal
from tunesmith.trial import State, Trial

STATES: Final[Mapping[State, str]] = {
    State.WAITING: "WAITING",
    State.RUNNING: "RUNNING",
    State.PAUSED: "PRUNED",
    State.STOPPED: "PRUNED",
    State.DONE: "COMPLETE",
} | dict.fromkeys((state for state in State if state.bad), "FAIL")
"""What Optuna calls a state; the reason says more."""


def reversed_params(history: History) -> tuple[str, ...]:
    """Return the params that are written as 1 minus their value."""
    return tuple(name for name, param in history.study.space.items() if _reversed(param))


def write_optuna(history: History, path: Path, name: str) -> None:
    """Write a study called `name` into a new SQLite file at `path`.

    Raises StudyError where Optuna is not installed.
    """
    optuna = optuna_part("optuna")
    said = optuna.logging.get_verbosity()
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    try:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        small = history.study.goal is Goal.MIN
        study = optuna.create_study(
            study_name=name, storage=storage, direction="minimize" if small else "maximize"
        )
        study.set_user_attr("metric", history.study.metric)
        study.set_user_attr(OPTUNA_MARK, history.digest)
        axes = {
            key: _distribution(optuna.distributions, param, history, key)
            for key, param in history.study.space.items()
        }
        study.add_trials([_theirs(optuna.trial, history, axes, t) for t in history.trials])
    finally:
        optuna.logging.set_verbosity(said)
        storage.remove_session()
        storage.engine.dispose()


def _theirs(part: Any, history: History, axes: Mapping[str, Any], trial: Trial) -> Any:
    """Return a trial as one of Optuna's."""
    study, space = history.study, history.study.space
    last = trial.metric(study.metric)
    state = STATES[trial.state]
    written = part.create_trial(
        state=part.TrialState[state],
        value=last if state in ("COMPLETE", "PRUNED") and not math.isnan(last) else None,
        params={_name(n, space[n]): _value(space[n], v) for n, v in trial.config.items()},
        distributions={_name(n, space[n]): axes[n] for n in trial.config},
        user_attrs=_attributes(study.metric, trial),
        intermediate_values={
            m.epoch: m.metrics[study.metric]
            for m in trial.measurements
            if study.metric in m.metrics
        },
    )
    # Only how long it took is known: so all have ended now.
    now = datetime.now()
    written.datetime_start = now - timedelta(seconds=trial.seconds)
    written.datetime_complete = now if trial.state.ended else None
    return written


def _attributes(metric: str, trial: Trial) -> dict[str, Any]:
    """Return what Optuna has no place for."""
    others = trial.measurements[-1].metrics if trial.measurements else {}
    return {
        "number": trial.number,
        "state": trial.state.value,
        "reason": trial.reason,
        "round": trial.round,
        "origin": trial.origin.value,
    } | {
        f"metric {name}": value if math.isfinite(value) else str(value)
        for name, value in others.items()
        if name != metric
    }


def _distribution(part: Any, param: Param, history: History, name: str) -> Any:
    """Return a param as a distribution that holds every value it was given, beyond its range too.

    A search may have widened the range.
    """
    if isinstance(param, Choice):
        return part.CategoricalDistribution(param.options)
    given = [t.config[name] for t in history.trials if name in t.config]
    values = [value for value in given if isinstance(value, int | float)]
    low, high = min([param.low, *values]), max([param.high, *values])
    if isinstance(param, Int):
        return part.IntDistribution(low, high, log=param.scale != LINEAR)
    if _reversed(param):
        low, high = 1 - high, 1 - low
    return part.FloatDistribution(low, high, log=param.scale != LINEAR)


def _reversed(param: Param) -> bool:
    return isinstance(param, Float) and param.scale == LOG1M


def _name(name: str, param: Param) -> str:
    return f"1 - {name}" if _reversed(param) else name


def _value(param: Param, value: Value) -> Value:
    return 1 - value if _reversed(param) and isinstance(value, float) else value
