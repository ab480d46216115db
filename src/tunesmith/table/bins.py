"""Numbers spread over bins, so that a network's first layer can bend where the table does.

Piecewise-linear encoding (Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical
features in tabular deep learning", section 3.2): bin k of a number z gives 0 below its lower edge,
1 above its upper one, and between them how far z has come. A sum of these, each with a weight of
its own, is any function of z that is straight within each bin.
"""

from itertools import pairwise
from typing import Any, Self, final

import msgspec
import numpy as np
import numpy.typing as npt

from tunesmith.table.normalize import LARGEST

Floats = npt.NDArray[np.float32]

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

    def spread(self, x: Floats) -> Floats:
        """Return encoded rows [N, D + C] with the bins behind their numbers, [N, D + P + C]."""
        if not self.width:
            return x
        numbers = len(self.edges)
        out = np.empty((len(x), x.shape[1] + self.width), np.float32)
        out[:, :numbers] = x[:, :numbers]
        place = numbers
        for column, (lower, share) in enumerate(self._slopes()):
            part = out[:, place : place + len(lower)]
            with np.errstate(over="ignore"):  # what is infinite lies beyond the bin
                np.multiply(np.subtract(x[:, column, None], lower, out=part), share, out=part)
            np.clip(part, 0, 1, out=part)
            place += len(lower)
        out[:, place:] = x[:, numbers:]
        return out

    def _slopes(self) -> list[tuple[Any, Any]]:
        """Return each number's lower edges, and by what a distance from them is multiplied."""
        slopes = []
        for edges in self.edges:
            at = np.array(edges, np.float64)
            steep = np.minimum(1 / np.diff(at), LARGEST)
            slopes.append((at[:-1].astype(np.float32), steep.astype(np.float32)))
        return slopes


NO_BINS = Bins()
"""Numbers as they are."""
