"""How a number to predict is shown to a network, and how its outputs become numbers again."""

from typing import Annotated, Self, final

import msgspec
import numpy as np
import numpy.typing as npt

from tunesmith.table.normalize import Normalize, Numbers, center_and_spread

Floats = npt.NDArray[np.float32]


@final
class TargetScale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number is offset + scale * output, kept between low and high where these are given."""

    offset: float = 0.0
    scale: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, values: Numbers, *, clamp: bool = True) -> Self:
        """Return the scale on which training values [N] have mean 0 and deviation 1.

        With `clamp`, predictions are kept within the range of these values: a network knows
        nothing of what lies beyond.
        """
        offset, spread = center_and_spread(values, Normalize.STANDARD)
        low, high = (float(values.min()), float(values.max())) if clamp else (None, None)
        return cls(offset=offset, scale=spread or 1.0, low=low, high=high)

    def targets(self, values: Numbers) -> Floats:
        """Return values [N] as a network's targets, float32 [N, 1]."""
        with np.errstate(over="ignore"):  # in rows that are not trained on
            return ((values - self.offset) / self.scale).astype(np.float32)[:, None]

    def values(self, outputs: Floats) -> Numbers:
        """Return a network's outputs [N, 1] as numbers, float64 [N].

        An output that is not finite gives NaN: no limit hides that a network diverged.
        """
        output = outputs[:, 0].astype(np.float64)
        values = self.offset + self.scale * np.where(np.isfinite(output), output, np.nan)
        if self.low is None and self.high is None:
            return values
        return np.clip(values, self.low, self.high)


AS_THEY_ARE = TargetScale()
"""Outputs are the numbers."""
