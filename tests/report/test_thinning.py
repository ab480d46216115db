import math

from hypothesis import given
from hypothesis import strategies as st

from tunesmith.report.thinning import thinned

CURVES = st.lists(st.floats(-9, 9), min_size=0, max_size=97)


@given(CURVES, st.integers(4, 31))
def test_the_ends_and_the_extremes_stay(values, most):
    """Never more points than asked for; first, last, smallest and largest are among them."""
    points = list(enumerate(values, start=1))
    kept = thinned(points, most)
    assert len(kept) <= max(most, 0)
    assert kept == sorted(kept)
    assert set(kept) <= set(points)
    if points:
        assert kept[0] == points[0]
        assert kept[-1] == points[-1]
        assert min(values) in [y for _, y in kept]
        assert max(values) in [y for _, y in kept]


def test_a_spike_is_not_lost():
    """One value in a thousand that is not finite is still there."""
    points = [(epoch, 0.5) for epoch in range(1, 1001)]
    points[613] = (614, math.nan)
    assert any(math.isnan(y) for _, y in thinned(points, 10))
