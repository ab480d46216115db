"""When trainings happened: on the clock of a study, which stands still between its runs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tunesmith.store.event import Event


class Moment(NamedTuple):
    """One training of a trial, in seconds of the study's clock."""

    trial: int
    began: float
    ended: float
    memory: int = 0
    """Bytes that its process had held at most when it ended; 0 where that is not known."""


def moments(events: Iterable[Event]) -> list[Moment]:
    """Return the trainings that the events of a study tell of, in the order they ended."""
    found = []
    for event in events:
        if event.kind == "outcome" and event.trial is not None:
            body: Mapping[str, Any] = event.body
            ended, took = float(body["driven"]), float(body["seconds"])
            memory = int(body.get("memory", 0))
            found.append(Moment(event.trial, max(0.0, ended - took), ended, memory))
    return found


ROUNDING: Final = 0.05
"""Seconds by which trainings of one worker may seem to overlap, since clocks are read in turn."""


def lanes(seen: Sequence[Moment]) -> list[int]:
    """Return for every training the lane it is drawn in: the lowest that is free when it begins."""
    free: list[float] = []
    found = [0] * len(seen)
    for at in sorted(range(len(seen)), key=lambda at: (seen[at].began, seen[at].trial)):
        one = seen[at]
        lane = next((n for n, end in enumerate(free) if end <= one.began + ROUNDING), len(free))
        if lane == len(free):
            free.append(0.0)
        free[lane] = one.ended
        found[at] = lane
    return found
