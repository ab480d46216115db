"""LCBench, anchored: free configs, whose loss is that of trees on 2,000 real trainings.

The trees average what was really measured, so that no config is better than the best of those
(Zimmer et al. 2021 trained them; extremely randomised trees by Geurts et al. 2006).
"""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from benchmarks.search.tables import LCBENCH, Config, Table
from tunesmith.space import LOG, Space

TREES = 60

LAYERS = 5
"""The top of the layers' range in the data's own description; none has as many."""


class Trees(Table):
    """A score is the regret over that of the median: 0 the best measured, 1 the median or worse."""

    family, seeds = "lcbench_anchored", 1

    def __init__(self, folder: Path, task: str) -> None:
        with np.load(folder / "lcbench_pool" / "lcbench_data.npz") as arrays:
            configs, errors = (
                arrays[task][:, :7].astype(float),
                100 - arrays[task][:, 7].astype(float),
            )
        self.space = Space(**LCBENCH)
        self._best, self._median = errors.min(), np.median(errors)
        forest = ExtraTreesRegressor(TREES, random_state=0, n_jobs=1).fit(units(configs), errors)
        self._join([tree.tree_ for tree in forest.estimators_])

    def loss(self, config: Config, seed: int = 0) -> float:  # noqa: ARG002  one training each
        """Return the validation error in per cent."""
        unit = units(np.array([list(config.values())], dtype=float))[0].astype(np.float32)
        node = self._roots
        while (left := self._left[node]).max() >= 0:
            below = np.where(unit[self._feature[node]] <= self._edge[node], left, self._right[node])
            node = np.where(left >= 0, below, node)
        return float(self._mean[node].mean())

    def score(self, config: Config) -> float:
        """Return the normalised regret, clipped to [0, 1]."""
        regret = (self.loss(config) - self._best) / (self._median - self._best)
        return float(np.clip(regret, 0, 1))

    def _join(self, trees: list[Any]) -> None:
        """Lay all trees into one set of arrays; a child of -1 marks a leaf."""
        self._roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
        starts = list(zip(trees, self._roots, strict=True))

        def children(side: str) -> np.ndarray:
            arrays = [(getattr(tree, side), start) for tree, start in starts]
            return np.concatenate([np.where(nodes >= 0, nodes + at, -1) for nodes, at in arrays])

        self._left, self._right = children("children_left"), children("children_right")
        self._feature = np.concatenate([tree.feature for tree in trees])
        self._edge = np.concatenate([tree.threshold for tree in trees])
        self._mean = np.concatenate([tree.value[:, 0, 0] for tree in trees])


def units(configs: np.ndarray) -> np.ndarray:
    """Return configs [N, 7] on the scales of the data, each range as [0, 1]."""
    columns = []
    for column, (name, param) in zip(configs.T, LCBENCH.items(), strict=True):
        high = LAYERS if name == "num_layers" else param.high
        if param.scale == LOG:
            columns.append(np.log(column / param.low) / np.log(high / param.low))
        else:
            columns.append((column - param.low) / (high - param.low))
    return np.stack(columns, axis=1)
