"""Tracebacks of what went wrong, where a study keeps them: of failures that are alike, one."""

from collections.abc import Iterable

from tunesmith.store.event import Event


def traces(events: Iterable[Event]) -> dict[int, str]:
    """Return the tracebacks that the events of a study tell of, by the number of the trial."""
    return {
        event.trial: str(event.body["trace"])
        for event in events
        if event.kind == "outcome" and event.trial is not None and "trace" in event.body
    }
