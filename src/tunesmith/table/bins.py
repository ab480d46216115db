"""Numbers spread over bins, so that a network's first layer can bend where the table does.

Piecewise-linear encoding (Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical
features in tabular deep learning", section 3.2): bin k of a number z gives 0 below its lower edge,
1 above its upper one, and between them how far z has come. A sum of these, each with a weight of
its own, is any function of z that is straight within each bin.
"""

from itertools import pairwise
from typing import NamedTuple, Self, final

import msgspec
import numpy as np
import numpy.typing as npt

from tunesmith.table.normalize import LARGEST

Floats = npt.NDArray[np.float32]

ROWS_AT_ONCE = 2048
"""Rows spread at a time: few enough for a core's own cache."""

FEWEST_EDGES = 4
"""A number whose quantiles give fewer edges, such as a mark of 0 and 1, is left as it is."""


@final
class Bins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The edges of each number's bins, on encoded rows; fitted on training rows."""

    edges: tuple[tuple[float, ...], ...] = ()
    """Ascending, one more than there are bins; () for a number that has none."""

    def __post_init__(self) -> None:
        """Refuse edges that do not ascend; they can only come from a file."""
        for edges in self.edges:
            ascending = all(low < high for low, high in pairwise(edges))  # false for NaN
            if len(edges) == 1 or not ascending or not all(abs(e) <= LARGEST for e in edges):
                raise ValueError("the edges of bins do not ascend")

    @classmethod
    def of(cls, x: Floats, count: int) -> Self:
        """Return bins for each number of training rows x [N, D]: `count` with as many rows each.

        Where a value is so frequent that it fills bins, they are one; none for a count of 0.
        """
        if count == 0:
            return cls()
        places = np.linspace(0, len(x) - 1, count + 1).astype(np.int64)
        found = [np.unique(np.sort(column)[places]) for column in x.T]
        return cls(tuple(tuple(e.tolist()) if len(e) >= FEWEST_EDGES else () for e in found))

    @property
    def width(self) -> int:
        """How many columns the bins add, P."""
        return sum(max(0, len(edges) - 1) for edges in self.edges)

    def ramps(self) -> "Ramps":
        """Return the bins of all numbers as arrays [P]."""
        found = [
            (place, low, high)
            for place, edges in enumerate(self.edges)
            for low, high in pairwise(edges)
        ]
        source, lower, upper = np.array(found, np.float64).reshape(-1, 3).T
        share = np.minimum(1 / (upper - lower), LARGEST)
        return Ramps(source.astype(np.int64), lower.astype(np.float32), share.astype(np.float32))

    def spread(self, x: Floats) -> Floats:
        """Return encoded rows [N, D + C] with the bins behind their numbers, [N, D + P + C]."""
        if not self.width:
            return x
        source, lower, share = self.ramps()
        first, last = len(self.edges), len(self.edges) + self.width
        out = np.empty((len(x), x.shape[1] + self.width), np.float32)
        out[:, :first], out[:, last:] = x[:, :first], x[:, first:]
        for start in range(0, len(x), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            ramp = x[rows].take(source, axis=1)
            with np.errstate(over="ignore"):  # what is infinite lies beyond the bin
                ramp -= lower
                ramp *= share
            np.clip(ramp, 0, 1, out=out[rows, first:last])
        return out


@final
class Ramps(NamedTuple):
    """Bins as arrays [P]: each is clip((x[source] - lower) * share, 0, 1), in float32."""

    source: npt.NDArray[np.int64]
    """The place of the number that is spread."""
    lower: Floats
    share: Floats
    """How much of the bin a step of 1 fills: 1 / (upper edge - lower edge)."""


NO_BINS = Bins()
"""Numbers as they are."""
