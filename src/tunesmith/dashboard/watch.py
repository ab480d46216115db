"""What all who watch a study share: its page, and what is new on it."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, final

import msgspec

from tunesmith.dashboard.follower import Follower
from tunesmith.errors import TunesmithError
from tunesmith.report.about import About
from tunesmith.report.page import page
from tunesmith.report.state import changes, owed, state

PAUSE: Final = 1.0
"""Seconds between two looks at the file."""

REST: Final = 100
"""How many times as long as it took to say what is new, or to make a page, it is not done again:
so watching takes 1 % of a core, and a page that is opened is told what came since it was made."""

FINDINGS_REST: Final = 200
"""The same for findings, which look at all trials: they are not made again before so many times as
long as they took, which is half a percent of a core. A study that is over tells them anyway."""

LONGEST_REST: Final = 10.0
"""Seconds: what is new is never older."""


class Known(NamedTuple):
    """How much of a study a page knows; as text it goes to the page and comes back."""

    readings: int
    """Which reading of the file it is of."""
    events: int
    turns: int
    """Of what changes everything: amendments, and what came of the study in the end."""
    at: str
    """The "at" of the state."""

    def __str__(self) -> str:
        return "~".join(map(str, self))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` wrote; of anything else, that nothing is known."""
        match text.split("~"):
            case [readings, events, turns, at] if (readings + events + turns).isdecimal():
                return cls(int(readings), int(events), int(turns), at)
        return cls(0, 0, 0, "")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a page is to be told."""

    known: Known
    """What it knows then."""
    changes: bytes = b""
    """What has changed, as JSON; b"" if nothing has."""
    trouble: str = ""
    """Why nothing new can be said, one sentence; "" while it can."""
    finished: bool = False
    """Whether the study is over."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A whole page."""

    html: str
    known: Known
    """What it shows."""
    until: float
    """The moment of time.monotonic() until which it is given out though there is news."""


@final
class Watch:
    """A followed study; any thread may ask it for the page, and for what is new."""

    def __init__(self, path: Path, *, pause: float = PAUSE, rest: float = REST) -> None:
        """Read the study; StoreError if it cannot be read."""
        self._name, self._pause, self._rest = path.name, pause, rest
        self._follower = Follower(path)
        self._looked, self._worked = time.monotonic(), 0.0
        """When the file was last looked at, and what came of that took of the processor."""
        self._findings_at = 0.0
        """The moment of time.monotonic() from which findings may be made again."""
        self._trouble = ""
        self._made: Made | None = None
        self._lock = threading.Lock()
        self._last: tuple[Known, Known, bytes] | None = None
        """From what, to what, and what was said: who watches together is told the same."""

    def page(self) -> str:
        """Return the whole page as of now, or as of not long ago."""
        with self._lock:
            self._look()
            if self._made is None or not self._is_good(self._made):
                self._made = self._make()
            return self._made.html

    def news(self, known: Known) -> News:
        """Return what is new to a page that knows so much: everything, if that does not follow."""
        with self._lock:
            self._look()
            reading = self._follower.reading
            finished = bool(reading.history.finished)
            current = known[:2] == (self._follower.readings, reading.sequence)
            if current and not (self._rested and owed(reading.history, known.at)):
                return News(known=known, trouble=self._trouble, finished=finished)
            now, said = self._since(known)
            return News(known=now, changes=said, trouble=self._trouble, finished=finished)

    @property
    def _rested(self) -> bool:
        """Whether findings may be made again."""
        return time.monotonic() >= self._findings_at

    def _make(self) -> Made:
        reading, began = self._follower.reading, time.monotonic()
        whole = state(reading.history.study, reading.history, self._about())
        known = self._now(whole)
        html = page(whole | {"at": str(known)}, live=True)
        now = time.monotonic()
        return Made(html=html, known=known, until=now + self._rest * (now - began))

    def _is_good(self, made: Made) -> bool:
        readings, events = self._follower.readings, self._follower.reading.sequence
        return made.known.readings == readings and (
            made.known.events == events or time.monotonic() < made.until
        )

    def _since(self, known: Known) -> tuple[Known, bytes]:
        reading = self._follower.reading
        now = (self._follower.readings, reading.sequence)
        if self._last is None or (self._last[0], self._last[1][:2]) != (known, now):
            same = (known.readings, known.turns) == (now[0], reading.turns)
            since = known.at if same else ""
            began = time.thread_time()
            study, history = reading.history.study, reading.history
            new = changes(study, history, since, self._about(), findings=self._rested)
            after = self._now(new)
            self._last = known, after, msgspec.json.encode(new | {"at": str(after)})
            worked = time.thread_time() - began
            if "sections" in new:
                self._findings_at = time.monotonic() + FINDINGS_REST * worked
            else:
                self._worked += worked
        return self._last[1:]

    def _look(self) -> None:
        """Look at the file if the last look was long enough ago."""
        rest = min(LONGEST_REST, self._rest * self._worked)
        if time.monotonic() - self._looked < max(self._pause, rest):
            return
        began = time.thread_time()
        try:
            self._follower.look()
            self._trouble = ""
        except (TunesmithError, OSError) as error:
            self._trouble = str(error)
        self._looked, self._worked = time.monotonic(), time.thread_time() - began

    def _now(self, said: dict[str, Any]) -> Known:
        """Return what a page knows that was told this."""
        reading = self._follower.reading
        return Known(self._follower.readings, reading.sequence, reading.turns, said["at"])

    def _about(self) -> About:
        reading = self._follower.reading
        return About(
            name=self._name,
            result=reading.result,
            moments=reading.moments,
            traces=reading.traces,
        )
