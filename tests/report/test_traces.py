from tunesmith.report.traces import traces
from tunesmith.store.event import Event


def test_outcomes_tell_how_they_failed():
    """Those that keep a traceback; the others, and other events, tell nothing."""
    events = [
        Event(sequence=1, kind="study", trial=None, body={}),
        Event(sequence=2, kind="outcome", trial=3, body={"trace": "Traceback of 3"}),
        Event(sequence=3, kind="outcome", trial=1, body={"seconds": 3.0}),
    ]
    assert traces(events) == {3: "Traceback of 3"}
