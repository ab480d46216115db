"""The pace: how long an epoch takes, and which param decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import percent, sentence, span
from tunesmith.space import Choice, Param
from tunesmith.space.params import Value
from tunesmith.trial import Trial

FEWEST: Final = 8
"""With fewer trials nothing is said of what decides."""
MOST: Final = 500
"""Of many more trials every second, third, .. is looked at: a page must not cost a study time."""
GROUPS: Final = 5
"""Numbers are put in so many groups of equal size."""
SURELY: Final = 0.1
"""A param that carries less of the differences is not named."""


@final
@dataclass(frozen=True, slots=True)
class Paced:
    """Trials with the seconds that an epoch of them took, grouped by a param."""

    name: str
    share: float
    """Of the differences in the logarithm of the seconds, so much lies between groups."""
    groups: tuple[tuple[str, int, float], ...]
    """Values, trials, and the seconds of an epoch at the median."""


def pace(history: History, _about: About) -> Section:
    """Return how long epochs took, by the values of the param that decides most."""
    timed = [t for t in history.trials if t.state.ended and t.seconds > 0 and t.epochs_trained]
    timed = timed[:: max(1, len(timed) // MOST)]
    seconds = np.array([trial.seconds / trial.epochs_trained for trial in timed])
    most = decisive(history, timed, seconds)
    return Section(
        id="pace",
        title="Time of an epoch",
        what="The seconds that an epoch of each trial took, against the param that they differ by "
        "most. A slow param is paid for by every trial that has much of it.",
        finding=_finding(seconds, most),
        head=("values", "trials", "seconds of an epoch, at the median"),
        rows=_rows(seconds, most),
        figures={"param": most.name if most else ""},
    )


def decisive(history: History, timed: list[Trial], seconds: NDArray[np.float64]) -> Paced | None:
    """Return the param that carries most of the differences; None where that cannot be told."""
    if len(timed) < FEWEST or seconds.min() == seconds.max():
        return None
    found = [
        _paced(name, param, timed, seconds)
        for name, param in history.study.space.items()
        if all(name in trial.config for trial in timed)
    ]
    most = max(found, key=lambda one: one.share, default=None)
    return most if most is not None and most.share >= SURELY else None


def _rows(seconds: NDArray[np.float64], most: Paced | None) -> list[list[str]]:
    if not len(seconds):
        return []
    if most is None:
        return [["all", f"{len(seconds):,}", f"{np.median(seconds):.3g}"]]
    return [
        [f"{most.name} {values}", f"{count:,}", f"{middle:.3g}"]
        for values, count, middle in most.groups
    ]


def _finding(seconds: NDArray[np.float64], most: Paced | None) -> str:
    if not len(seconds):
        return "Nothing is known of how long an epoch takes."
    middle = f"an epoch took {np.median(seconds):.3g} s at the median"
    if len(seconds) == 1 or seconds.min() == seconds.max():
        return sentence(middle)
    said = f"{middle}, {span(float(seconds.min()), float(seconds.max()))} s in all"
    if most is None:
        return sentence(f"{said}; no param can be said to decide it")
    return sentence(f"{said}; {most.name} carries {percent(most.share)} of the differences")


def _paced(name: str, param: Param, timed: list[Trial], seconds: NDArray[np.float64]) -> Paced:
    """Group trials by a param, and tell how much of the differences lies between groups.

    The share is epsilon squared (Kelley, 1935): what as many groups made by chance would carry is
    taken off.
    """
    values = [trial.config[name] for trial in timed]
    of = _by_option(param, values) if isinstance(param, Choice) else _by_size(values)
    logs = np.log(seconds)
    whole = float(((logs - logs.mean()) ** 2).sum())
    members = [np.flatnonzero(of == group) for group in np.unique(of)]
    within = sum(float(((logs[at] - logs[at].mean()) ** 2).sum()) for at in members)
    spare = len(logs) - len(members)
    share = 1 - within / whole * (len(logs) - 1) / spare if spare > 0 else 0.0
    groups = tuple(
        (_named(param, [values[k] for k in at]), len(at), float(np.median(seconds[at])))
        for at in members
    )
    return Paced(name, max(0.0, share), groups)


def _by_option(param: Choice, values: Sequence[Value]) -> NDArray[np.int64]:
    places = {option: at for at, option in enumerate(param.options)}
    return np.array([places[value] for value in values])


def _by_size(values: Sequence[Value]) -> NDArray[np.int64]:
    """Return groups of about equal size; equal values are in one."""
    numbers = np.array(values, dtype=float)
    edges = np.unique(np.quantile(numbers, np.arange(1, GROUPS) / GROUPS))
    return np.searchsorted(edges, numbers, side="left")


def _named(param: Param, values: Sequence[Value]) -> str:
    if isinstance(param, Choice):
        return str(values[0])
    numbers = [float(value) for value in values]  # type: ignore[arg-type]
    low, high = min(numbers), max(numbers)
    return f"{low:.3g}" if low == high else span(low, high)
