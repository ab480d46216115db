"""How the learning rate falls while training: a shape and its settings, as a frozen value."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import final

from tunesmith.engine.network import check_count
from tunesmith.errors import NetworkError


class Shape(Enum):
    """The formulas; e counts epochs from 0, E is the full training, a0 the first rate."""

    CONSTANT = "constant"
    """a0"""
    INVERSE = "inverse"
    """a0 / (1 + decay e)"""
    EXPONENTIAL = "exponential"
    """a0 (1 - decay)^e"""
    STAIRCASE = "staircase"
    """a0 (1 - decay)^floor(e / stair)"""
    COSINE = "cosine"
    """a0 (1 + cos(pi e / E)) / 2 (Loshchilov and Hutter 2017)"""
    WARMUP_COSINE = "warmup_cosine"
    """From 0 to a0 over the first tenth of E, then cosine over the rest."""

    @property
    def smooth(self) -> bool:
        """Whether the rate also moves within an epoch."""
        return self in (Shape.COSINE, Shape.WARMUP_COSINE)


WARM_SHARE = 0.1
"""Share of the epochs that warm up."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A shape with its settings."""

    shape: Shape = Shape.CONSTANT
    decay: float = 0.0
    stair: int = 10
    """Epochs of a step of the staircase."""
    epochs: int = 27
    """The full training, where cosine ends; beyond it the rate stays at its last value."""

    def __post_init__(self) -> None:
        most = 1.0 if self.shape in (Shape.EXPONENTIAL, Shape.STAIRCASE) else math.inf
        if not 0 <= self.decay < most:
            raise NetworkError(
                f"decay must be a finite number of 0 or more"
                f"{', below 1,' if most == 1 else ','} got {self.decay!r}"
            )
        check_count("stair", self.stair)
        check_count("epochs", self.epochs)

    def rates(self, learning_rate: float, start: float, end: float) -> tuple[float, float]:
        """Return the rate at `start` and, if it moves within an epoch, at `end`, both in epochs."""
        first = learning_rate * self.factor(start)
        return first, learning_rate * self.factor(end) if self.shape.smooth else first

    def factor(self, epoch: float) -> float:
        """Return the share of the first rate at the start of `epoch`, counted from 0."""
        match self.shape:
            case Shape.CONSTANT:
                return 1.0
            case Shape.INVERSE:
                return 1 / (1 + self.decay * epoch)
            case Shape.EXPONENTIAL:
                return float((1 - self.decay) ** epoch)
            case Shape.STAIRCASE:
                return float((1 - self.decay) ** (epoch // self.stair))
            case Shape.COSINE:
                return _cosine(epoch / self.epochs)
            case Shape.WARMUP_COSINE:
                warm = WARM_SHARE * self.epochs
                return (
                    epoch / warm if epoch < warm else _cosine((epoch - warm) / (self.epochs - warm))
                )


def _cosine(share: float) -> float:
    return (1 + math.cos(math.pi * min(1.0, share))) / 2
