"""What a lesson is: a claim, how it is measured, and what came of it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, final

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

T = TypeVar("T")


class Verdict(Enum):
    """What a measurement says of a claim."""

    BORNE_OUT = "borne out"
    IN_PART = "borne out in part"
    NOT_BORNE_OUT = "not borne out"
    DISPUTED = "disputed"
    """What was observed holds, but not the explanation given for it."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One thing that was measured."""

    name: str
    value: float
    unit: str = ""
    low: float | None = None
    """The lower end of its 95 % interval, where chance has a part in it."""
    high: float | None = None

    @property
    def text(self) -> str:
        """The value and its unit."""
        return f"{figures(self.value)} {self.unit}".rstrip()

    @property
    def interval(self) -> str:
        """The interval; "" where there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{figures(self.low)} to {figures(self.high)}"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came of a lesson."""

    numbers: tuple[Number, ...]
    verdict: Verdict
    sentence: str
    """The verdict in words, made from the numbers."""
    conditions: str
    """What was trained, on what, how often; and what the intervals are."""
    series: Mapping[str, "NDArray[Any]"] = field(default_factory=dict)
    """What the figure shows."""

    def __getitem__(self, name: str) -> float:
        """Return the value of the number called `name`."""
        return next(number.value for number in self.numbers if number.name == name)


def _silent(_share: float) -> None:
    """Show nothing."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a lesson is run; the same setting gives the same numbers."""

    seed: int = 0
    quick: bool = False
    """Whether a few seconds are to do: fewer repeats, wider intervals."""
    data: Path | None = None
    """An .npz file of images (x_train, y_train, x_test, y_test); None: scikit-learn's digits."""
    progress: Callable[[float], None] = _silent
    """Told the share that is done, now and then."""

    def of(self, full: T, quick: T) -> T:
        """Return `quick` in a hurry, else `full`."""
        return quick if self.quick else full


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One claim; its file has a function `measure(setting)` and one `draw(findings, figure)`."""

    id: str
    """As in the notes' list of claims, such as "W5"."""
    title: str
    claim: str
    module: str
    """The file in this folder, loaded when the lesson is run."""

    def measure(self, setting: Setting) -> Findings:
        """Run it: train, measure, judge."""
        return self._module.measure(setting)  # type: ignore[no-any-return]

    def draw(self, findings: Findings, figure: "Figure") -> None:
        """Draw what came of it; the title says what was found."""
        self._module.draw(findings, figure)

    @property
    def story(self) -> str:
        """What is done and what can be changed, in the words of its file."""
        return self._module.__doc__ or ""

    @property
    def _module(self) -> Any:
        return import_module(f"tunesmith.lessons.{self.module}")


def figures(value: float) -> str:
    """Write a number in three digits or so: 0.0123, 4.56, 789, 12,300."""
    if not math.isfinite(value):
        return "none" if math.isnan(value) else str(value)
    if value == round(value) and abs(value) < 1e6:
        return f"{value:,.0f}"
    if 100 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def verdict(*borne: bool) -> Verdict:
    """Return the verdict on a claim of so many parts, each of which came out or did not."""
    if all(borne):
        return Verdict.BORNE_OUT
    return Verdict.IN_PART if any(borne) else Verdict.NOT_BORNE_OUT
