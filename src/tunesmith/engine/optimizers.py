"""How the weights move: a rule and its settings, as a frozen value."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import final

from tunesmith.errors import NetworkError


class Rule(Enum):
    """The formulas of the optimizers; see reference.py."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"
    ADAMW = "adamw"
    """adam with decoupled weight decay; the two are the same where weight_decay is 0."""

    @property
    def code(self) -> int:
        """Its number in the compiled code."""
        return list(Rule).index(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """A rule, its learning rate and its averages; what a rule does not use is ignored."""

    rule: Rule = Rule.ADAM
    learning_rate: float = 1e-3
    momentum: float = 0.9
    """Weight of the old value in the average of gradients, for momentum and nesterov."""
    beta1: float = 0.9
    """The same for adam and adamw."""
    beta2: float = 0.999
    """Weight of the old value in the average of squared gradients, for adam, adamw, rmsprop."""
    epsilon: float = 1e-8
    """Added to the root of that average. Kingma and Ba 2015."""
    weight_decay: float = 0.0
    """Each step takes learning_rate * weight_decay of every weight away, whatever the rule.

    Decoupled from the gradient (Loshchilov and Hutter 2019); never of gamma, beta or a bias.
    """
    clip_norm: float | None = None
    """Longest gradient: a longer one is shortened to it. None: no limit."""

    def __post_init__(self) -> None:
        if not 0 < self.learning_rate < math.inf:
            raise NetworkError(
                f"learning_rate must be a finite number above 0, got {self.learning_rate!r}"
            )
        for name in ("momentum", "beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise NetworkError(f"{name} must lie in [0, 1), got {getattr(self, name)!r}")
        if not 0 < self.epsilon < math.inf:
            raise NetworkError(f"epsilon must be a finite number above 0, got {self.epsilon!r}")
        if not 0 <= self.weight_decay < math.inf:
            raise NetworkError(
                f"weight_decay must be a finite number of 0 or more, got {self.weight_decay!r}"
            )
        if self.clip_norm is not None and not 0 < self.clip_norm < math.inf:
            raise NetworkError(
                f"clip_norm must be None or a finite number above 0, got {self.clip_norm!r}"
            )
