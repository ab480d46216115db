"""What every executor is: tasks go in, outcomes come out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from tunesmith.trial import Config, Measurement, State


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Train trial `number` on from `trained` epochs to `epochs` in all."""

    number: int
    config: Config
    trained: int
    epochs: int
    metric: str
    """The metric that must come out of it."""
    folder: Path
    """Where it may keep what it needs to go on; made when first asked for."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a task."""

    number: int
    state: State
    measurements: tuple[Measurement, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    """How long it ran."""
    interrupted: bool = False
    """Whether it was asked to stop before its end; its measurements are real all the same."""
    memory: int = 0
    """Bytes that the process it ran in had held at most, by then; 0 where that is not known."""
    trace: str = ""
    """The traceback of a failure; of failures that are alike, that of the first is stored."""

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data, without its number."""
        plain = {
            "state": self.state.value,
            "reason": self.reason,
            "seconds": self.seconds,
            "measurements": [m.to_builtins() for m in self.measurements],
        }
        extra = {"memory": self.memory, "trace": self.trace}
        return plain | {name: value for name, value in extra.items() if value}

    @classmethod
    def from_builtins(cls, number: int, data: Mapping[str, Any]) -> "Outcome":
        """Read what `to_builtins` wrote; KeyError, TypeError or ValueError for anything else."""
        return cls(
            number=number,
            state=State(data["state"]),
            reason=str(data["reason"]),
            seconds=float(data["seconds"]),
            measurements=tuple(Measurement.from_builtins(m) for m in data["measurements"]),
            memory=int(data.get("memory", 0)),
            trace=str(data.get("trace", "")),
        )


class Executor(ABC):
    """Runs tasks in the order they were submitted; used by one thread."""

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many tasks run at once."""

    @abstractmethod
    def submit(self, task: Task) -> None:
        """Take a task; it runs when a worker is free."""

    @abstractmethod
    def next_outcome(self, timeout: float | None = None) -> Outcome | None:
        """Return an outcome, or None after `timeout` seconds without one."""

    @abstractmethod
    def stop(self) -> list[Outcome]:
        """Ask running tasks to stop, drop waiting ones, and return the outcomes not yet taken.

        Where an exception such as a second Ctrl-C ends the wait, nothing is waited for any more.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


Run = Callable[[Task, Callable[[], bool]], Outcome]
"""Runs a task in this thread; the second argument says whether it should stop."""
