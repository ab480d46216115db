"""Learning curves of trained networks: what a search may ask, and how its answer is judged.

They lie where TUNESMITH_BENCH points, or else in benchmarks/data: TaskSet (Metz et al. 2020), real
curves of recurrent networks, and LCBench (Zimmer et al. 2021), whose last values are real and whose
way there is modelled. Each is a pool of configs, all trained to the same end. The first of the 51
values of a curve is left out (TaskSet's is from before the training), and so value e is that after
e epochs, and the last that after 50.

A loss that is not finite counts as the largest finite one of its table, for every search alike.
"""

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import final

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.tables import LCBENCH, folder, some
from tunesmith.space import LOG, LOG1M, Float, Int, Space
from tunesmith.trial import Config

Floats = NDArray[np.float64]

EPOCHS = 50
"""The full training."""

FAMILIES = {"taskset": "TaskSet", "lcbench_curves": "LCBench, curves"}
"""Every family's folder, and its name."""

TASKSET: Mapping[str, Float] = {
    "learning_rate": Float(1e-8, 10.0, scale=LOG),
    "beta1": Float(0.0, 1 - 1e-4, scale=LOG1M),
    "beta2": Float(0.0, 1 - 1e-6, scale=LOG1M),
    "epsilon": Float(1e-10, 1e3, scale=LOG),
    "l1": Float(1e-8, 10.0, scale=LOG),
    "l2": Float(1e-8, 10.0, scale=LOG),
    "linear_decay": Float(1e-7, 1e-4, scale=LOG),
    "exponential_decay": Float(1e-6, 1e-3, scale=LOG),
}
"""The ranges and scales its configs were drawn from."""


@final
class Pool:
    """The configs that were trained, the same for every task of a family."""

    def __init__(self, params: Mapping[str, Float | Int], values: Floats) -> None:
        """Values [N, D] in the order of `params`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the scales are those of the data, right or wrong
            self.space = Space(**params)
        self._params = tuple(params.values())
        ends = [(p.scale.forward(p.low), p.scale.forward(p.high)) for p in self._params]
        self._low, high = np.array(ends).T
        self._length = high - self._low
        self.configs = [config_of(params, row) for row in values.tolist()]
        self.rows = {config: row for row, config in enumerate(self.configs)}
        self.units = np.array([self.unit(config) for config in self.configs])
        """[N, D]: the configs' places in [0, 1]."""

    def named(self, row: int) -> dict[str, float]:
        """Return the units of a row by name."""
        return dict(zip(self.space, self.units[row].tolist(), strict=True))

    def unit(self, config: Config) -> Floats:
        """Return the place [D] of a config in [0, 1]."""
        values = zip(self._params, config.values(), strict=True)
        places = np.array([param.scale.forward(value) for param, value in values])
        units: Floats = np.clip((places - self._low) / self._length, 0.0, 1.0)
        return units


@final
class Curves:
    """The learning curves of one task."""

    def __init__(self, pool: Pool, losses: Floats) -> None:
        """Losses [N, 51], not all of them finite."""
        finite = np.isfinite(losses)
        losses = np.where(finite, losses, losses[finite].max())[:, 1:]
        self.pool = pool
        self.losses: list[list[float]] = losses.tolist()
        """[N, 50]: after each epoch."""
        ends = losses[:, -1]
        regrets = (ends - ends.min()) / (np.median(ends) - ends.min())
        self.regrets = np.clip(regrets, 0.0, 1.0)
        """[N]: after the full training; 0 is the best of the pool, 1 its median or worse."""


def config_of(params: Mapping[str, Float | Int], values: Sequence[float]) -> Config:
    """Return the config of these values, which may leave their ranges by rounding."""
    return Config(
        {
            name: min(max(value, param.low), param.high)
            if isinstance(param, Float)
            else param.check(int(value))
            for (name, param), value in zip(params.items(), values, strict=True)
        }
    )


@cache
def pool(family: str) -> Pool:
    """Read the configs of a family."""
    if family == "taskset":
        with np.load(folder() / family / "taskset.npz") as arrays:
            return Pool(TASKSET, arrays["hp"].astype(float))
    with np.load(folder() / "lcbench_pool" / "lcbench_data.npz") as arrays:
        return Pool(LCBENCH, arrays[tasks(family)[0]][:, :7].astype(float))


@cache
def load(name: str) -> Curves:
    """Read the curves called FAMILY/TASK."""
    family, task = name.split("/")
    with np.load(folder() / family / f"{family}.npz") as arrays:
        losses = arrays[f"{task}|valid" if family == "taskset" else task]
    return Curves(pool(family), losses.astype(float))


def found() -> list[str]:
    """Return the names of all curves that are there; Refusal if there are none."""
    return some([f"{family}/{task}" for family in FAMILIES for task in tasks(family)])


def tasks(family: str) -> list[str]:
    """Return the tasks of a family, sorted; none if its files are not there."""
    curves = folder() / family / f"{family}.npz"
    pool = folder() / "lcbench_pool" / "lcbench_data.npz"
    if not curves.exists() or (family == "lcbench_curves" and not pool.exists()):
        return []
    with np.load(curves) as arrays:
        return sorted(map(str, arrays["tasks"] if family == "taskset" else arrays.files))


def developed() -> set[str]:
    """Return the names of the curves for development: every other one of a family's tasks."""
    return {f"{family}/{task}" for family in FAMILIES for task in tasks(family)[::2]}
