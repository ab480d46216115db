"""How a network is trained, as a frozen description."""

from dataclasses import dataclass
from typing import final

from tunesmith.engine.network import Loss, Network, Place, check_count
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.passes import Settings
from tunesmith.engine.schedules import Schedule
from tunesmith.errors import NetworkError


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained."""

    loss: Loss = Loss.CROSS_ENTROPY
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    batch_size: int = 64
    """Rows of a mini-batch; sizes differ by one row where the table does not divide evenly."""
    label_smoothing: float = 0.0
    """Share of each label spread over all classes, for cross entropy (Szegedy et al. 2016)."""

    def __post_init__(self) -> None:
        check_count("batch_size", self.batch_size)
        if not 0 <= self.label_smoothing < 1:
            raise NetworkError(f"label_smoothing must lie in [0, 1), got {self.label_smoothing!r}")


def batch_count(rows: int, batch_size: int, *, batch_norm: bool) -> int:
    """Return into how many batches `rows` are cut: none larger than batch_size where possible.

    Under batch norm no batch is left with one row, whose variance would be 0.
    """
    count = -(-rows // int(batch_size))  # NumPy's integers would be compiled for anew
    return max(1, min(count, rows // 2)) if batch_norm else count


def settings_of(network: Network, recipe: Recipe, dropout_key: int) -> Settings:
    """Return what stays the same while training, as numbers for the compiled code."""
    optimizer = recipe.optimizer
    return Settings(
        activation=network.activation.code,
        loss=recipe.loss.code,
        rule=optimizer.rule.code,
        momentum=float(optimizer.momentum),
        beta1=float(optimizer.beta1),
        beta2=float(optimizer.beta2),
        epsilon=float(optimizer.epsilon),
        weight_decay=float(optimizer.weight_decay),
        clip_norm=float(optimizer.clip_norm or 0.0),
        smoothing=float(recipe.label_smoothing),
        bn_after=network.batch_norm and network.bn_place is Place.AFTER,
        bn_group=int(network.bn_group or 0),
        bn_decay=float(network.bn_decay),
        bn_epsilon=float(network.bn_epsilon),
        dropout=float(network.dropout),
        dropout_key=dropout_key,
    )
