"""What every store obeys, in a file or in memory."""

import math

import pytest

from tunesmith.errors import StoreError
from tunesmith.store.event import Draft, Event
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store

BODY = {"epoch": 3, "loss": 0.1 + 0.2, "note": "größer\x00", "none": None, "deep": [{"yes": True}]}


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path):
    with Store.create(tmp_path / "x.study") if request.param == "file" else MemoryStore() as store:
        yield store


def test_a_new_store_is_empty(store):
    """Nothing has happened yet."""
    assert store.last_sequence == 0
    assert list(store.replay()) == []


def test_append_returns_what_replay_will(store):
    """Events are counted from 1, over all appends, in the order given."""
    first = store.append(Draft(kind="started", trial=0, body=BODY), Draft(kind="planned"))
    second = store.append(Draft(kind="measured", trial=7, body={"loss": -0.0}))
    assert first == (
        Event(sequence=1, kind="started", trial=0, body=BODY),
        Event(sequence=2, kind="planned", trial=None, body={}),
    )
    assert second == (Event(sequence=3, kind="measured", trial=7, body={"loss": 0.0}),)
    assert repr(list(store.replay())) == repr([*first, *second])
    assert store.last_sequence == 3


def test_appending_nothing(store):
    """No drafts, no events."""
    assert store.append() == ()
    assert store.last_sequence == 0


@pytest.mark.parametrize("after", [0, 1, 1499, 2000, 2345, 2346, 9999])
def test_replay_goes_on_where_the_reader_was(store, after):
    """`after` is the number of the last event already known; there may be none since."""
    store.append(*(Draft(kind="measured", trial=n) for n in range(1, 2346)))
    assert [event.trial for event in store.replay(after)] == list(range(after + 1, 2346))


def test_replay_counts_from_one(store):
    """No event comes before the first."""
    with pytest.raises(ValueError, match="counted from 1, got after=-1"):
        store.replay(-1)


def test_appending_while_replaying(store):
    """A replay that is under way harms no append, and its events stay right."""
    store.append(*(Draft(kind="measured", trial=n) for n in range(5)))
    replay = store.replay()
    assert next(replay).trial == 0
    store.append(Draft(kind="measured", trial=5))
    assert [event.trial for event in replay][:4] == [1, 2, 3, 4]
    assert store.last_sequence == 6


@pytest.mark.parametrize(
    ("value", "error"), [(math.nan, ValueError), (math.inf, ValueError), ((3, 5), TypeError)]
)
def test_all_of_an_append_or_nothing(store, value, error):
    """A draft that cannot be stored takes those before it along; the store goes on."""
    store.append(Draft(kind="started"))
    with pytest.raises(error):
        store.append(Draft(kind="measured"), Draft(kind="measured", body={"loss": value}))
    assert store.last_sequence == 1
    assert [event.sequence for event in store.append(Draft(kind="ended"))] == [2]


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.append(Draft(kind="started")),
        lambda store: store.replay(),
        lambda store: store.last_sequence,
    ],
    ids=["append", "replay", "last_sequence"],
)
def test_a_closed_store_says_so(store, use):
    """Closing twice does no harm; using what is closed is an error of ours."""
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed: "):
        use(store)
