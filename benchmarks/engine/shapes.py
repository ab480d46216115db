"""The networks and batches whose steps are measured, and how many make a turn."""

from itertools import pairwise
from typing import NamedTuple

BATCHES = 100
"""Of an epoch, all of one size."""

TURN_FLOPS = 3e10
"""Operations of a turn at most, but for one epoch of a large network."""

TURN_EPOCHS = 10
"""Of a turn at most."""


class Shape(NamedTuple):
    """A network's widths and its batch."""

    widths: tuple[int, ...]
    batch: int

    @property
    def name(self) -> str:
        """Say it in a table."""
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch}"

    @property
    def flops(self) -> int:
        """Operations of a step's products: three for each layer, but two for the first."""
        products = [a * b for a, b in pairwise(self.widths)]
        return 2 * self.batch * (3 * sum(products) - products[0])

    @property
    def epochs(self) -> int:
        """Epochs of a turn."""
        return max(1, min(TURN_EPOCHS, int(TURN_FLOPS / (BATCHES * self.flops))))

    @property
    def steps(self) -> int:
        """Steps of a turn."""
        return BATCHES * self.epochs


SHAPES = (
    Shape((64, 32, 32, 10), 32),
    Shape((64, 64, 64, 10), 64),
    Shape((64, 128, 128, 10), 64),
    Shape((64, 256, 256, 10), 64),
    Shape((64, 128, 128, 10), 256),
    Shape((784, 512, 512, 10), 128),
)
