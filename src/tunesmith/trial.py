"""A trial: one config being judged, what was measured of it, and where it stands."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import final

from tunesmith.space.params import Value


@final
class Config(Mapping[str, Value]):
    """One value for every active param; frozen and hashable."""

    __slots__ = ("_hash", "_values")

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        self._hash: int | None = None

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        if self._hash is None:  # it is asked for many times, and a dict has none of its own
            self._hash = hash(frozenset(self._values.items()))
        return self._hash

    def __reduce__(self) -> tuple[type["Config"], tuple[dict[str, Value]]]:
        return Config, (self._values,)  # in another process texts have other hashes

    def __repr__(self) -> str:
        return f"Config({self._values!r})"


class State(Enum):
    """Where a trial stands; a closed list."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    DIVERGED = "diverged"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"

    @property
    def ended(self) -> bool:
        """Whether nothing more will be measured, short of a promotion."""
        return self not in (State.WAITING, State.RUNNING)

    @property
    def bad(self) -> bool:
        """Whether something went wrong: such a trial is never recommended or promoted."""
        return self in (
            State.DIVERGED,
            State.FAILED,
            State.CRASHED,
            State.TIMED_OUT,
            State.OUT_OF_MEMORY,
        )


class Origin(Enum):
    """Where a config was drawn from."""

    ANYWHERE = "anywhere"
    """The whole space."""
    RANGES = "ranges"
    """The ranges of its round."""
    AGAIN = "again"
    """A config that was trained before, now with another seed."""
    GIVEN = "given"
    """By hand."""
    ANCHOR = "anchor"
    """An anchor of the study: tried before any other, and trained in full."""


@final
@dataclass(frozen=True, slots=True)
class Measurement:
    """The metrics of one trial after `epoch` epochs (the first epoch is 1)."""

    epoch: int
    metrics: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", MappingProxyType(dict(self.metrics)))

    def __reduce__(self) -> tuple[type["Measurement"], tuple[int, dict[str, float]]]:
        return Measurement, (self.epoch, dict(self.metrics))  # a view of a dict cannot be sent

    def to_builtins(self) -> list[object]:
        """Return plain JSON data; numbers that are not finite become text."""
        return [self.epoch, {name: _plain(value) for name, value in self.metrics.items()}]

    @classmethod
    def from_builtins(cls, data: object) -> "Measurement":
        """Read what `to_builtins` wrote; raise ValueError or TypeError for anything else."""
        match data:
            case [int() as epoch, dict() as metrics]:
                return cls(epoch, {str(name): float(value) for name, value in metrics.items()})
        raise TypeError(f"a measurement is an epoch and its metrics, got {data!r}")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One config under judgement; it keeps its number through every rung."""

    number: int
    config: Config
    epochs: int
    """How many epochs it has been given, in all."""
    state: State = State.RUNNING
    measurements: tuple[Measurement, ...] = ()
    reason: str = ""
    """Why it is not simply done, in a few words."""
    seconds: float = 0.0
    """How long it was trained; not part of a digest."""
    round: int = 0
    """The number of the round it was started in."""
    origin: Origin = Origin.ANYWHERE
    audited: bool = False
    """Whether it was trained on only to know if stopping it was fair."""

    @property
    def epochs_trained(self) -> int:
        """How many epochs it has been measured at."""
        return self.measurements[-1].epoch if self.measurements else 0

    def metric(self, name: str) -> float:
        """Return the last value of metric `name`; NaN if it was never measured."""
        return self.measurements[-1].metrics.get(name, math.nan) if self.measurements else math.nan


def _plain(value: float) -> float | str:
    return value if math.isfinite(value) else repr(float(value))
