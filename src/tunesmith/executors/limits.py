"""How long one training may take, and how much memory."""

import math
from dataclasses import dataclass
from typing import final

from tunesmith.errors import StudyError
from tunesmith.number import as_real, shown


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a training may use; one that uses more is ended.

    Raises StudyError for a limit that is no number above 0.
    """

    minutes: float = math.inf
    gigabytes: float = math.inf
    """Of 10^9 bytes: the resident memory of the process that trains it, all that it holds."""

    def __post_init__(self) -> None:
        for name in ("minutes", "gigabytes"):
            value = getattr(self, name)
            number = as_real(value)
            if number is None or not number > 0:
                raise StudyError(f"trial_{name} must be a number above 0, got {shown(value)}")
            object.__setattr__(self, name, number)

    def leaves_little(self, pid: int) -> bool:
        """Say whether a process that trains nothing holds more than half of what it may."""
        return self.gigabytes < math.inf and gigabytes_held(pid) > self.gigabytes / 2

    def too_long(self, seconds: float) -> str:
        """Say that a training of so many seconds takes too long; "" while it does not."""
        if seconds <= 60 * self.minutes:
            return ""
        return f"timed out after {self.minutes:g} minutes"

    def too_much(self, pid: int) -> str:
        """Say that a process holds too much memory; "" while it does not."""
        if self.gigabytes == math.inf or gigabytes_held(pid) <= self.gigabytes:
            return ""
        return f"out of memory: it took more than {self.gigabytes:g} GB"


def gigabytes_held(pid: int) -> float:
    """Return the resident memory of a process; 0 for one that is gone."""
    import psutil

    try:
        return float(psutil.Process(pid).memory_info().rss) / 1e9
    except psutil.Error:
        return 0.0
