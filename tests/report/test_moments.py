from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tunesmith.report.moments import ROUNDING, Moment, lanes, moments
from tunesmith.store.event import Event


def test_outcomes_tell_when_they_were_trained():
    """A training ends when its outcome comes, and began before that; other events tell nothing."""
    events = [
        Event(sequence=1, kind="study", trial=None, body={}),
        Event(sequence=2, kind="outcome", trial=3, body={"driven": 2.5, "seconds": 0.75}),
        Event(
            sequence=3, kind="outcome", trial=1, body={"driven": 2.75, "seconds": 3, "memory": 9}
        ),
    ]
    assert moments(events) == [Moment(3, 1.75, 2.5, 0), Moment(1, 0.0, 2.75, 9)]


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0.1, 3)), max_size=23))
def test_trainings_in_one_lane_do_not_overlap(spans):
    """Whoever begins while all lanes are busy gets a new one."""
    seen = [Moment(n, began, began + took) for n, (began, took) in enumerate(spans)]
    found = lanes(seen)
    for lane in set(found):
        mine = sorted(one[1:] for one, its in zip(seen, found, strict=True) if its == lane)
        assert all(a[1] <= b[0] + ROUNDING for a, b in pairwise(mine))


def test_no_more_lanes_than_workers():
    """Two workers, three trainings: the third goes where the first was."""
    assert lanes([Moment(0, 0.0, 1.0), Moment(1, 0.1, 2.0), Moment(2, 1.01, 1.5)]) == [0, 1, 0]
