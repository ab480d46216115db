"""A study: the question, and the records between question and answers."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from types import MappingProxyType
from typing import Any, final

from tunesmith.errors import StudyError
from tunesmith.number import as_count, as_real, count_wanted, shown, stored_text
from tunesmith.space import Space
from tunesmith.trial import Config, Origin, Trial


class Goal(Enum):
    """Whether a metric is better when it is small or large."""

    MIN = "min"
    MAX = "max"


def count_of(name: str, value: object, *, least: int = 1) -> int:
    """Return what `name` is set to as an int; StudyError for no whole number from `least`."""
    count = as_count(value, least)
    if count is None:
        raise StudyError(f"{name} must be {count_wanted(value, least)}, got {shown(value)}")
    return count


def minutes_of(value: object) -> float:
    """Return minutes as a float; StudyError unless they are a finite number above 0."""
    minutes = as_real(value)
    if minutes is None or not 0 < minutes < math.inf:
        raise StudyError(f"minutes must be a number above 0, got {shown(value)}")
    return minutes


def _metric_name(value: object) -> str:
    """Return the name of a metric; StudyError for none, and for one that no file can hold."""
    name = stored_text(value)
    if not name:
        odd = " that can be written as UTF-8" if value and isinstance(value, str) else ""
        raise StudyError(f"the metric needs a name{odd}, such as metric='loss', got {shown(value)}")
    return name


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
    cheaper: tuple[str, ...] = ()
    """Params that make a network large: of configs too close to tell apart, the one with the
    smallest product of these is recommended."""
    anchors: tuple[Config, ...] = ()
    """Configs that are tried before any other, each trained in full."""
    source: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Where the data came from, as plain data; nothing here is opened but by `resume`."""

    def __post_init__(self) -> None:
        if self.trials is None and self.total_epochs is None and self.minutes is None:
            raise StudyError(
                "a study needs an end: give trials=100, or minutes=5, or total_epochs=1000"
            )
        for name in ("epochs", "trials", "total_epochs", "slots"):
            given = getattr(self, name)
            if given is not None or name in ("epochs", "slots"):
                object.__setattr__(self, name, count_of(name, given))
        object.__setattr__(self, "seed", count_of("seed", self.seed, least=0))
        if not isinstance(self.space, Space):
            raise StudyError(f"the space must be a Space, got {self.space!r}")
        if not isinstance(self.goal, Goal):
            raise StudyError(f"the goal must be Goal.MIN or Goal.MAX, got {self.goal!r}")
        if not isinstance(self.search, Mapping):
            raise StudyError(
                "search must be settings as plain data, such as RandomSearch().settings(), "
                f"got {shown(self.search)}"
            )
        if self.minutes is not None:
            object.__setattr__(self, "minutes", minutes_of(self.minutes))
        if self.total_epochs is not None and self.total_epochs < self.epochs:
            raise StudyError(
                f"total_epochs={self.total_epochs} is less than one full training of "
                f"{self.epochs} epochs: give more, or fewer epochs"
            )
        unknown = [name for name in self.cheaper if name not in self.space]
        if unknown:
            raise StudyError(
                f"cheaper names {unknown[0]!r}, which is no param of the space: drop it"
            )
        for anchor in self.anchors:
            self.space.check(anchor)
        object.__setattr__(self, "metric", _metric_name(self.metric))

    def loss(self, trial: Trial) -> float:
        """Return the trial's last metric turned so that smaller is better; inf if not finite."""
        return self.loss_at(trial, trial.epochs_trained)

    def loss_at(self, trial: Trial, epoch: int) -> float:
        """Return the loss as it was measured after `epoch` epochs; inf if it was not."""
        at = bisect_left(trial.measurements, epoch, key=lambda m: m.epoch)
        if at == len(trial.measurements) or trial.measurements[at].epoch != epoch:
            return math.inf
        value = trial.measurements[at].metrics.get(self.metric, math.nan)
        if not math.isfinite(value):
            return math.inf
        return value if self.goal is Goal.MIN else -value

    def usable(self, trial: Trial) -> bool:
        """Return whether a trial could be recommended: nothing went wrong, its loss is finite."""
        return not trial.state.bad and math.isfinite(self.loss(trial))

    def size(self, config: Config) -> float:
        """Return how large a config's network is: the product of its `cheaper` params."""
        values = (config.get(name, 1) for name in self.cheaper)
        return math.prod(value for value in values if isinstance(value, int | float))

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        return Study.from_builtins, (self.to_builtins(),)  # a view of a dict cannot be sent

    def to_builtins(self) -> dict[str, Any]:
        """Return the question as plain JSON data; anchors only where there are some."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        anchors = [dict(anchor) for anchor in plain.pop("anchors")]
        return plain | {
            "space": self.space.to_builtins(),
            "goal": self.goal.value,
            "search": dict(self.search),
            "cheaper": list(self.cheaper),
            "source": dict(self.source),
            **({"anchors": anchors} if anchors else {}),
        }

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Study":
        """Read what `to_builtins` wrote; StudyError for anything else."""
        names = {f.name for f in fields(cls)}
        data = {"anchors": (), **data}
        if set(data) != names:
            odd = ", ".join(sorted(set(data) ^ names))
            raise StudyError(
                f"this is not a study's question: missing or unknown {odd}; it may be of another "
                "version: read it with the one that wrote it"
            )
        try:
            return cls(
                **{
                    **data,
                    "space": Space.from_builtins(data["space"]),
                    "goal": Goal(data["goal"]),
                    "search": MappingProxyType(dict(data["search"])),
                    "cheaper": tuple(data["cheaper"]),
                    "anchors": tuple(map(Config, data["anchors"])),
                    "source": MappingProxyType(dict(data["source"])),
                }
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise StudyError(
                f"this is not a study's question: {error}; restore the file from a copy"
            ) from error

    def difference(self, other: "Study") -> str:
        """Say where `other` asks something else, such as "trials 200, not 300"; "" if nowhere."""
        # the space last: another budget may open another part of it
        for name in sorted((f.name for f in fields(self)), key=lambda name: name == "space"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                if isinstance(mine, int | float | str | Enum | None):
                    return f"{name} {_word(mine)}, not {_word(theirs)}"
                return f"another {name}"
        return ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Where a search looks from one trial on, and why."""

    number: int
    first: int
    """The number of its first trial."""
    low: tuple[float, ...]
    """[D], as all four: the ends of its ranges, where a param's range as given is [0, 1]."""
    high: tuple[float, ...]
    whole_low: tuple[float, ...]
    """The whole space at that time: as given, or widened."""
    whole_high: tuple[float, ...]
    ranges: Mapping[str, tuple[float, float]]
    """The same ranges as values, for every param that is a number."""
    reason: str

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        return Round.from_builtins, (self.to_builtins(),)  # as a study

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        plain = {f.name: _listed(getattr(self, f.name)) for f in fields(self)}
        return plain | {"ranges": {name: list(ends) for name, ends in self.ranges.items()}}

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Round":
        """Read what `to_builtins` wrote; TypeError, ValueError or KeyError for anything else."""
        units = ("low", "high", "whole_low", "whole_high")
        ranges = {name: (low, high) for name, (low, high) in dict(data["ranges"]).items()}
        plain = {name: tuple(map(float, data[name])) for name in units}
        return cls(**{**data, **plain, "ranges": MappingProxyType(ranges)})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What a search recommends, and how sure it is."""

    number: int
    """The first trial of the config."""
    trainings: tuple[int, ...]
    """All trials of the config."""
    close: tuple[int, ...]
    """The first trials of other configs that cannot be told from it."""
    reason: str

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {f.name: _listed(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Recommendation":
        """Read what `to_builtins` wrote; TypeError, ValueError or KeyError for anything else."""
        numbers = {name: tuple(map(int, data[name])) for name in ("trainings", "close")}
        return cls(**{**data, **numbers, "number": int(data["number"])})


class Topic(Enum):
    """What a piece of advice is about."""

    DIVERGED = "diverged"
    """Values at which trials diverge."""
    BOUND = "bound"
    """A range that ends too early."""
    SCALE = "scale"
    """A param on the wrong scale."""
    FAIRNESS = "fairness"
    """Whether stopping trials early was fair."""
    GAIN = "gain"
    """Whether more trials would help."""
    IMPORTANCE = "importance"
    """How much a param matters."""
    AGREEMENT = "agreement"
    """Whether early ranks agree with late ones."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing that the results say, with its number and how sure it is."""

    kind: Topic
    param: str = ""
    """The param it is about; "" if it is about none, or several."""
    text: str
    """One sentence to act on."""
    figures: Mapping[str, float]
    """The numbers it rests on, by name; all finite."""
    certain: bool = True
    """False where the answer is that it cannot be told yet."""

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        return Advice.from_builtins, (self.to_builtins(),)  # as a study

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return plain | {"kind": self.kind.value, "figures": dict(self.figures)}

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Advice":
        """Read what `to_builtins` wrote; TypeError, ValueError or KeyError for anything else."""
        figures = {name: float(value) for name, value in dict(data["figures"]).items()}
        if set(data) != {f.name for f in fields(cls)}:
            raise TypeError(f"advice has other parts, got {sorted(data)}")
        return cls(
            **{**data, "kind": Topic(data["kind"]), "figures": MappingProxyType(figures)},
        )


@final
@dataclass(frozen=True, slots=True)
class Start:
    """Begin a new trial of `config` and train it to `epochs`."""

    config: Config
    epochs: int
    origin: Origin = Origin.ANYWHERE
    round: Round | None = None
    """The round that it opens, if it opens one."""


@final
@dataclass(frozen=True, slots=True)
class Promote:
    """Let trial `number` train on, to `epochs` in all."""

    number: int
    epochs: int
    audit: bool = False
    """Whether only to know if it was fair that it was stopped."""


@final
@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be decided before another outcome."""


@final
@dataclass(frozen=True, slots=True)
class Finish:
    """The study is over, and why."""

    reason: str
    recommendation: Recommendation | None = None
    """None if the search leaves it to the history."""
    advice: tuple[Advice, ...] = ()
    """What can be said of the results, the most useful first."""


Action = Start | Promote | Wait | Finish


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _word(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)
