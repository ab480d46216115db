"""A share that was counted, and how sure it is."""

import math
from dataclasses import dataclass
from typing import Final, final

NORMAL_95: Final = 1.959963984540054
"""Deviations on either side of the mean that hold 95 % of a normal distribution."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """So many of so many."""

    count: int
    of: int
    """1 at least."""

    @property
    def share(self) -> float:
        """The share itself."""
        return self.count / self.of

    @property
    def low(self) -> float:
        """The lower end of its 95 % interval."""
        return self._ends()[0]

    @property
    def high(self) -> float:
        """The upper end of its 95 % interval."""
        return self._ends()[1]

    def __str__(self) -> str:
        return f"{self.count} of {self.of} (95 % interval {percents(self.low, self.high)})"

    def _ends(self) -> tuple[float, float]:
        """Return the interval of Wilson 1927, whose ends stay within [0, 1]."""
        square = NORMAL_95**2 / self.of
        middle = (self.share + square / 2) / (1 + square)
        half = math.sqrt(self.share * (1 - self.share) * square + square**2 / 4) / (1 + square)
        # rounding must not leave the share outside
        return min(self.share, max(0.0, middle - half)), max(self.share, min(1.0, middle + half))


def percents(low: float, high: float) -> str:
    """Write two shares, such as "12 to 40 %"."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"
