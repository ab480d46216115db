"""The peer: SMAC3's facade for hyperparameters: a random forest, and repeats of good configs."""

import tempfile
import warnings
from pathlib import Path

from ConfigSpace import Categorical, ConfigurationSpace, Integer
from ConfigSpace import Float as Real
from smac import HyperparameterOptimizationFacade, Scenario

from benchmarks.search.peers import Loss
from benchmarks.search.tables import Config
from tunesmith.space import LOG, Choice, Float, Param, Space


def forest(space: Space, loss: Loss, seed: int, budget: int) -> Config:
    """Search by a random forest; return the incumbent, whose repeats count in the budget."""
    axes = ConfigurationSpace(seed=seed)
    axes.add([axis(name, param) for name, param in space.items()])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scenario = Scenario(axes, n_trials=budget, seed=seed, output_directory=Path(folder))
        facade = HyperparameterOptimizationFacade(
            scenario,
            lambda config, seed: loss(plain(space, config)),  # noqa: ARG005  the table has its own
            logging_level=False,
        )
        incumbent = facade.optimize()
    return plain(space, incumbent)


def axis(name: str, param: Param) -> object:
    """Return a param as ConfigSpace writes it."""
    if isinstance(param, Choice):
        return Categorical(name, list(param.options))
    kind = Real if isinstance(param, Float) else Integer
    return kind(name, (param.low, param.high), log=param.scale == LOG)


def plain(space: Space, config: Config) -> Config:
    """Return a config in Python's own types."""
    return {
        name: str(config[name]) if isinstance(param, Choice) else config[name]
        for name, param in space.items()
    }
