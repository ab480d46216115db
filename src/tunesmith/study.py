"""A study: the question, the answers, and the records between them."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from types import MappingProxyType
from typing import Any, final, overload

from tunesmith.errors import NothingFound, StudyError
from tunesmith.space import Space
from tunesmith.trial import Config, Measurement, State, Trial


class Goal(Enum):
    """Whether a metric is better when it is small or large."""

    MIN = "min"
    MAX = "max"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The question: what may be chosen, what is measured, how long, from which seed."""

    space: Space
    metric: str = "loss"
    goal: Goal = Goal.MIN
    search: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({"name": "random", "ladder": {"name": "full"}})
    )
    """The settings of the search, as plain data."""
    seed: int = 0
    epochs: int = 1
    """The full training of one trial."""
    trials: int | None = None
    total_epochs: int | None = None
    minutes: float | None = None
    slots: int = 4
    """Virtual workers: decisions are made as if there were so many (see docs/architecture.md)."""
    source: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Where the data came from, as plain data; nothing here is opened but by `resume`."""

    def __post_init__(self) -> None:
        if self.trials is None and self.total_epochs is None and self.minutes is None:
            raise StudyError(
                "a study needs an end: give trials=100, or minutes=5, or total_epochs=1000"
            )
        for name in ("epochs", "trials", "total_epochs", "slots"):
            number = getattr(self, name)
            if number is not None and (not _is_count(number) or number < 1):
                raise StudyError(f"{name} must be a whole number of 1 or more, got {number!r}")
        if not _is_count(self.seed) or self.seed < 0:
            raise StudyError(f"seed must be a whole number of 0 or more, got {self.seed!r}")
        if not isinstance(self.space, Space):
            raise StudyError(f"the space must be a Space, got {self.space!r}")
        if not isinstance(self.goal, Goal):
            raise StudyError(f"the goal must be Goal.MIN or Goal.MAX, got {self.goal!r}")
        number = isinstance(self.minutes, int | float) and not isinstance(self.minutes, bool)
        if self.minutes is not None and not (number and 0 < self.minutes < math.inf):
            raise StudyError(f"minutes must be a number above 0, got {self.minutes!r}")
        if self.minutes is not None:
            object.__setattr__(self, "minutes", float(self.minutes))
        if self.total_epochs is not None and self.total_epochs < self.epochs:
            raise StudyError(
                f"total_epochs={self.total_epochs} is less than one full training of "
                f"{self.epochs} epochs: give more, or fewer epochs"
            )
        if not isinstance(self.metric, str) or not self.metric:
            raise StudyError(f"the metric needs a name, such as metric='loss', got {self.metric!r}")

    def loss(self, trial: Trial) -> float:
        """Return the trial's last metric turned so that smaller is better; inf if not finite."""
        value = trial.metric(self.metric)
        if not math.isfinite(value):
            return math.inf
        return value if self.goal is Goal.MIN else -value

    def to_builtins(self) -> dict[str, Any]:
        """Return the question as plain JSON data."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return plain | {
            "space": self.space.to_builtins(),
            "goal": self.goal.value,
            "search": dict(self.search),
            "source": dict(self.source),
        }

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Study":
        """Read what `to_builtins` wrote; StudyError for anything else."""
        names = {f.name for f in fields(cls)}
        if set(data) != names:
            odd = ", ".join(sorted(set(data) ^ names))
            raise StudyError(f"this is not a study's question: missing or unknown {odd}")
        try:
            return cls(
                **{
                    **data,
                    "space": Space.from_builtins(data["space"]),
                    "goal": Goal(data["goal"]),
                    "search": MappingProxyType(dict(data["search"])),
                    "source": MappingProxyType(dict(data["source"])),
                }
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise StudyError(f"this is not a study's question: {error}") from error

    def difference(self, other: "Study") -> str:
        """Say where `other` asks something else, such as "trials 200, not 300"; "" if nowhere."""
        for f in fields(self):
            mine, theirs = getattr(self, f.name), getattr(other, f.name)
            if mine != theirs:
                if isinstance(mine, int | float | str | Enum | None):
                    return f"{f.name} {_word(mine)}, not {_word(theirs)}"
                return f"another {f.name}"
        return ""


@final
@dataclass(frozen=True, slots=True)
class Start:
    """Begin a new trial of `config` and train it to `epochs`."""

    config: Config
    epochs: int


@final
@dataclass(frozen=True, slots=True)
class Promote:
    """Let trial `number` train on, to `epochs` in all."""

    number: int
    epochs: int


@final
@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be decided before another outcome."""


@final
@dataclass(frozen=True, slots=True)
class Finish:
    """The study is over, and why."""

    reason: str


Action = Start | Promote | Wait | Finish


@final
class Trials(Sequence[Trial]):
    """The trials of a study in order of number; a view that cannot be changed."""

    __slots__ = ("_list",)

    def __init__(self, trials: list[Trial]) -> None:
        self._list = trials

    @overload
    def __getitem__(self, index: int) -> Trial: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trial]: ...
    def __getitem__(self, index: int | slice) -> Trial | list[Trial]:
        return self._list[index]

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._list)

    def __repr__(self) -> str:
        return f"<{len(self._list)} trials>"


@final
class History:
    """The answers to a study so far. Trials are frozen; the loop alone appends.

    `version` counts the changes, so that what is derived from a history can be kept with it.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.finished = ""
        """Why the study is over; "" while it is not."""
        self.version = 0
        self._trials: list[Trial] = []
        self._running = 0
        self._epochs = 0
        self._best: int | None = None

    @property
    def trials(self) -> Trials:
        """All trials, in order of their number."""
        return Trials(self._trials)

    @property
    def running(self) -> int:
        """How many trials are being trained."""
        return self._running

    @property
    def epochs(self) -> int:
        """Epochs spent: trained, or given to running trials; 1 at least for one that went wrong."""
        return self._epochs

    @property
    def has_best(self) -> bool:
        """Whether any trial gave a finite loss."""
        return self._best is not None

    @property
    def best(self) -> Trial:
        """The trial with the smallest loss at the most epochs any trial has reached.

        Raises NothingFound if no trial has a finite loss.
        """
        if self._best is None:
            raise NothingFound(
                f"none of the {len(self._trials)} trials gave a finite {self.study.metric}: "
                "lower the top of the learning rate's range, or look at the reasons of the trials"
            )
        return self._trials[self._best]

    def ranked(self) -> list[Trial]:
        """Return the trials that could be recommended, the best first."""
        return sorted(filter(self._usable, self._trials), key=self._rank)

    @property
    def digest(self) -> str:
        """SHA-256 over every trial's config, measurements, state and reason; no times."""
        sha = hashlib.sha256()
        for trial in self._trials:
            measured = [
                [m.epoch, {name: float(v).hex() for name, v in m.metrics.items()}]
                for m in trial.measurements
            ]
            config = {
                name: float(v).hex() if isinstance(v, float) else v
                for name, v in trial.config.items()
            }
            line = [trial.number, config, trial.epochs, measured, trial.state.value, trial.reason]
            sha.update(json.dumps(line, sort_keys=True).encode() + b"\n")
        return sha.hexdigest()

    def start(self, config: Config, epochs: int) -> Trial:
        """Append a new, running trial."""
        trial = Trial(number=len(self._trials), config=config, epochs=epochs)
        self._trials.append(trial)
        self._running += 1
        self._epochs += epochs
        self.version += 1
        return trial

    def promote(self, number: int, epochs: int) -> Trial:
        """Let a paused trial run on, to `epochs` in all."""
        before = self._trials[number]
        trial = replace(before, epochs=epochs, state=State.RUNNING, reason="")
        self._trials[number] = trial
        self._running += 1
        self._epochs += epochs - before.epochs_trained
        self.version += 1
        return trial

    def end(
        self,
        number: int,
        state: State,
        measurements: Sequence[Measurement],
        reason: str = "",
        seconds: float = 0.0,
    ) -> Trial:
        """Take what came of a running trial; epochs measured before keep their first value."""
        before = self._trials[number]
        news = tuple(m for m in measurements if m.epoch > before.epochs_trained)
        trial = replace(
            before,
            state=state,
            measurements=before.measurements + news,
            reason=reason,
            seconds=before.seconds + seconds,
        )
        self._trials[number] = trial
        self._running -= 1
        # One at least for what went wrong: a function that always fails must not run for ever.
        self._epochs -= trial.epochs - max(int(state.bad), trial.epochs_trained)
        self.version += 1
        self._compare(trial)
        return trial

    def _compare(self, trial: Trial) -> None:
        """Let a trial that ended be the best, or be it no longer."""
        if self._best == trial.number and not self._usable(trial):
            best = min(filter(self._usable, self._trials), key=self._rank, default=None)
            self._best = None if best is None else best.number
        elif self._usable(trial) and (
            self._best is None or self._rank(trial) <= self._rank(self._trials[self._best])
        ):
            self._best = trial.number

    def _usable(self, trial: Trial) -> bool:
        return not trial.state.bad and math.isfinite(self.study.loss(trial))

    def _rank(self, trial: Trial) -> tuple[int, float, int]:
        """Sort key: more epochs first, then loss, then number."""
        reached = trial.epochs if trial.state is State.DONE else trial.epochs_trained
        return -reached, self.study.loss(trial), trial.number


def _is_count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _word(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)
