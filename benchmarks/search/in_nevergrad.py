"""The peer: Nevergrad's NGOpt, which chooses among its optimizers by space and budget."""

import warnings

import nevergrad as ng

from benchmarks.search.peers import Loss
from benchmarks.search.tables import Config
from tunesmith.space import LOG, Choice, Float, Param, Space


def ngopt(space: Space, loss: Loss, seed: int, budget: int) -> Config:
    """Search by NGOpt; return its recommendation."""
    axes = ng.p.Dict(**{name: axis(param) for name, param in space.items()})
    axes.random_state.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        optimizer = ng.optimizers.NGOpt(axes, budget=budget)
        recommended: Config = optimizer.minimize(loss).value
    return recommended


def axis(param: Param) -> ng.p.Parameter:
    """Return a param as Nevergrad writes it."""
    if isinstance(param, Choice):
        return ng.p.Choice(list(param.options))
    kind = ng.p.Log if param.scale == LOG else ng.p.Scalar
    number = kind(lower=param.low, upper=param.high)
    return number if isinstance(param, Float) else number.set_integer_casting()
