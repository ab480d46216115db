"""What is known of a study beside its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from tunesmith.report.moments import Moment


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Where a study is kept, what came of it, and when its trials were trained."""

    name: str = ""
    """Its file; "" if it has none."""
    result: Mapping[str, Any] | None = None
    """What `tunesmith fit` stored at its end; None before that, and for studies of others."""
    moments: Sequence[Moment] = ()
    """The trainings so far, in the order they ended; see `moments.moments`."""
    traces: Mapping[int, str] = field(default_factory=dict)
    """The tracebacks of some trials that failed; see `traces.traces`."""
