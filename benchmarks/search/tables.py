"""Tables of trained networks: what a search may ask, and how its answer is judged.

They lie where TUNESMITH_BENCH points, or else in benchmarks/data: FCNet (Klein and Hutter 2019)
and HPOBench NN (Eggensperger et al. 2021), every config of a grid trained with several seeds, and
LCBench anchored, trees on the 2,000 real trainings of LCBench (Zimmer et al. 2021).
"""

import json
import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Refusal
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.space.params import Value

Config = Mapping[str, Value]

FOLDER_VARIABLE = "TUNESMITH_BENCH"
"""Environment variable that names the folder of the tables."""

FAMILIES = {"fcnet": "FCNet", "hpobench_nn": "HPOBench NN", "lcbench_anchored": "LCBench anchored"}
"""Every family's folder, and its name."""

DEVELOPMENT = (
    "fcnet/slice_localization",
    *(f"hpobench_nn/{t}" for t in ("car", "credit_g", "phoneme")),
)
"""Tables that the search was built on; of LCBench's tasks, every other one."""

FCNET: Mapping[str, int | tuple[str, ...]] = {
    "activation_fn_1": ("relu", "tanh"),
    "activation_fn_2": ("relu", "tanh"),
    "batch_size": 4,
    "dropout_1": 3,
    "dropout_2": 3,
    "init_lr": 6,
    "lr_schedule": ("cosine", "const"),
    "n_units_1": 6,
    "n_units_2": 6,
}
"""The axes of its tables: options, or how many steps of an even grid."""

HPOBENCH: Mapping[str, int | tuple[str, ...]] = {
    "alpha": 10,
    "batch_size": 10,
    "depth": 3,
    "learning_rate_init": 10,
    "width": 10,
}

LCBENCH: Mapping[str, Float | Int] = {
    "batch_size": Int(16, 512, scale=LOG),
    "learning_rate": Float(1e-4, 1e-1, scale=LOG),
    "max_dropout": Float(0.0, 1.0),
    "max_units": Int(64, 1024, scale=LOG),
    "momentum": Float(0.1, 0.99),
    "num_layers": Int(1, 4),
    "weight_decay": Float(1e-5, 1e-1),
}
"""The ranges and scales of its data, in the order of their columns."""


class Table(ABC):
    """A task whose every answer is known; smaller is better everywhere."""

    family: str
    space: Space
    seeds: int
    """How often every config was trained."""

    @abstractmethod
    def loss(self, config: Config, seed: int) -> float:
        """Return the validation loss of one training."""

    @abstractmethod
    def score(self, config: Config) -> float:
        """Return how far a config is from the best, judged on the mean over the seeds."""


class Grid(Table):
    """Every config of a grid; its score is the share that is better, plus 1 / the size."""

    def __init__(
        self, family: str, losses: np.ndarray, axes: Mapping[str, int | tuple[str, ...]]
    ) -> None:
        self.family, self.seeds, self._losses = family, losses.shape[-1], losses
        self._options = tuple(None if isinstance(axis, int) else axis for axis in axes.values())
        self.space = Space(
            **{
                name: Int(0, axis - 1) if isinstance(axis, int) else Choice(axis)
                for name, axis in axes.items()
            }
        )
        self._means = losses.mean(-1)
        self._ranked = np.sort(self._means, axis=None)

    def loss(self, config: Config, seed: int) -> float:
        """Return the loss of one training."""
        return float(self._losses[self._place(config)][seed])

    def score(self, config: Config) -> float:
        """Return the share of the grid that is better, plus 1 / its size."""
        better = np.searchsorted(self._ranked, self._means[self._place(config)])
        return float(better + 1) / self._ranked.size

    def _place(self, config: Config) -> tuple[int, ...]:
        axes: Iterable[tuple[Any, tuple[str, ...] | None]] = zip(
            config.values(), self._options, strict=True
        )
        return tuple(value if options is None else options.index(value) for value, options in axes)


@cache
def load(name: str) -> Table:
    """Read the table called FAMILY/TASK."""
    family, task = name.split("/")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the scales are those of the data, right or wrong
        if family == "lcbench_anchored":
            from benchmarks.search.trees import Trees

            return Trees(folder(), task)
        with np.load(folder() / family / f"{task}.npz") as arrays:
            values = arrays["value"].astype(float)
        if family == "fcnet":
            return Grid(family, values.reshape(*sizes(FCNET), -1), FCNET)
        return Grid(family, 1 - values.reshape(*sizes(HPOBENCH), -1), HPOBENCH)


def sizes(axes: Mapping[str, int | tuple[str, ...]]) -> list[int]:
    """Return how many values each axis has."""
    return [axis if isinstance(axis, int) else len(axis) for axis in axes.values()]


def found() -> list[str]:
    """Return the names of all tables that are there; Refusal if there are none."""
    grids = [
        f"{family}/{path.stem}"
        for family in ("fcnet", "hpobench_nn")
        for path in sorted((folder() / family).glob("*.npz"))
    ]
    return some([*grids, *(f"lcbench_anchored/{task}" for task in lcbench_tasks())])


def some(names: list[str]) -> list[str]:
    """Return the names of tables; Refusal if there are none."""
    if not names:
        raise Refusal(
            f"{folder()} holds none of the tables: name their folder in {FOLDER_VARIABLE}",
            exit_code=0,
        )
    return names


def lcbench_tasks() -> list[str]:
    """Return the tasks of LCBench that have a pool of real trainings and learning curves."""
    pool = folder() / "lcbench_pool" / "lcbench_data.npz"
    curves = folder() / "lcbench_yahpo" / "task_names.json"
    if not (pool.exists() and curves.exists()):
        return []
    with np.load(pool) as arrays:
        return sorted(set(arrays.files) & set(json.loads(curves.read_text()).values()))


def developed() -> set[str]:
    """Return the names of the tables that the search was built on."""
    return {*DEVELOPMENT, *(f"lcbench_anchored/{task}" for task in lcbench_tasks()[::2])}


def folder() -> Path:
    """Return the folder of the tables."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path(__file__).parents[1] / "data"
