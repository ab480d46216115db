"""The peer: Hyperopt's tree-structured Parzen estimators, at their defaults."""

import math
from typing import Any

import numpy as np
from hyperopt import fmin, hp
from hyperopt import tpe as parzen

from benchmarks.search.peers import Loss
from tunesmith.space import LOG, Choice, Float, Param, Space
from tunesmith.space.params import Value


def tpe(space: Space, loss: Loss, seed: int, budget: int) -> None:
    """Search by tree-structured Parzen estimators; what `fmin` returns had the smallest loss."""

    def objective(raw: dict[str, Any]) -> float:
        return loss({name: value_of(param, raw[name]) for name, param in space.items()})

    fmin(
        objective,
        {name: axis(name, param) for name, param in space.items()},
        algo=parzen.suggest,
        max_evals=budget,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )


def axis(name: str, param: Param) -> object:
    """Return a param as Hyperopt writes it; the ends of whole numbers get as much as the rest."""
    if isinstance(param, Choice):
        return hp.choice(name, list(param.options))
    edge = 0 if isinstance(param, Float) else 0.5
    low, high = param.low - edge, param.high + edge
    if param.scale == LOG:
        ends = math.log(low), math.log(high)
        return hp.qloguniform(name, *ends, 1) if edge else hp.loguniform(name, *ends)
    return hp.uniformint(name, param.low, param.high) if edge else hp.uniform(name, low, high)


def value_of(param: Param, raw: Any) -> Value:
    """Return what the param makes of Hyperopt's value."""
    if isinstance(param, Choice):
        option: Value = raw
        return option
    clipped = float(min(max(raw, param.low), param.high))
    return clipped if isinstance(param, Float) else int(clipped)
