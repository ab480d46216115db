"""The store of studies that are not kept; what all stores obey is in tests/contracts."""

from tunesmith.store.event import Draft
from tunesmith.store.memory import MemoryStore


def test_nobody_edits_what_happened():
    """An event handed out, or the body it was made of, may be changed without changing history."""
    store, body = MemoryStore(), {"losses": [0.3]}
    (event,) = store.append(Draft(kind="measured", trial=5, body=body))
    body["losses"].append(0.7)
    event.body["losses"].append(0.9)
    assert [event.body for event in store.replay()] == [{"losses": [0.3]}]
