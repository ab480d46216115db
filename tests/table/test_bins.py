"""Numbers spread over bins: drawn by hand, and what holds for any numbers."""

import json
import math
import pickle
import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tunesmith.rng import stream
from tunesmith.table.bins import NO_BINS, ROWS_AT_ONCE, Bins
from tunesmith.table.normalize import LARGEST

EDGES = (-1.0, 0.0, 0.5, 2.0)

numbers = st.integers(-(10**6), 10**6).map(lambda k: float(np.float32(k / 7)))
any_float32 = st.floats(width=32, allow_nan=False, allow_infinity=False)

ascending = st.lists(numbers, min_size=4, max_size=9, unique=True).map(
    lambda edges: tuple(sorted(edges))
)


def column(*values):
    """Return one number of a few rows, [N, 1]."""
    return np.array(values, np.float32)[:, None]


def spread(edges, *values):
    """Return the bins of one number alone, [N, P]."""
    return Bins((tuple(edges),)).spread(column(*values))[:, 1:]


# --- drawn by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        (-7.5, (0, 0, 0)),
        (-1.0, (0, 0, 0)),
        (-0.75, (0.25, 0, 0)),
        (0.0, (1, 0, 0)),
        (0.375, (1, 0.75, 0)),
        (0.5, (1, 1, 0)),
        (1.25, (1, 1, 0.5)),
        (2.0, (1, 1, 1)),
        (1e6, (1, 1, 1)),
    ],
)
def test_one_number_drawn_by_hand(z, expected):
    """A bin is empty below its lower edge, full above its upper one, and fills between them."""
    assert spread(EDGES, z).tolist() == [list(expected)]


def test_a_row_drawn_by_hand():
    """Numbers, the bins of each that has some, and then what came behind the numbers."""
    bins = Bins((EDGES, (), (10.0, 20.0, 40.0, 50.0)))
    assert bins.width == 6
    x = np.array([[0.25, 3, 35, 7, 0], [9, 4, 5, 8, 2]], np.float32)
    out = bins.spread(x)
    assert out.dtype == np.float32
    assert out.tolist() == [
        [0.25, 3, 35, 1, 0.5, 0, 1, 0.75, 0, 7, 0],
        [9, 4, 5, 1, 1, 1, 0, 0, 0, 8, 2],
    ]


def test_bins_have_the_same_rows():
    """Edges are quantiles of the rows: here 11 numbers, of which every other one is an edge."""
    x = column(*[31, 7, 0.5, 12, -4, 90, 3, 55, 20, 8, 1])
    (edges,) = Bins.of(x, 5).edges
    assert edges == (-4.0, 1.0, 7.0, 12.0, 31.0, 90.0)


@pytest.mark.parametrize(
    "values",
    [[2.5] * 40, [0.0] * 30 + [1.0] * 10, [0.0, 0.0, 1.0], [0, 1, 0, 2], [7.0]],
    ids=["constant", "a mark", "a mark of three rows", "three values", "one row"],
)
@pytest.mark.parametrize("count", [2, 3, 16, 64])
def test_few_values_are_left_as_they_are(values, count):
    """Of a constant, a mark or three values a network needs no bins, whatever the rows."""
    assert Bins.of(column(*values), count) == Bins(((),))


def test_a_frequent_value_is_one_edge():
    """Half of the rows are 0: the bins that they would fill are one, and the others stay."""
    x = column(*[0.0] * 50, *range(1, 51))
    (edges,) = Bins.of(x, 10).edges
    assert edges == (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)


def test_ramps_drawn_by_hand():
    """Which number each bin spreads, where it begins, and how fast it fills."""
    source, lower, share = Bins((EDGES, (), (10.0, 20.0, 40.0, 50.0))).ramps()
    assert source.tolist() == [0, 0, 0, 2, 2, 2]
    assert lower.tolist() == [-1.0, 0.0, 0.5, 10.0, 20.0, 40.0]
    np.testing.assert_allclose(share, [1, 2, 1 / 1.5, 0.1, 0.05, 0.1], rtol=1e-7)
    assert [len(part) for part in NO_BINS.ramps()] == [0, 0, 0]


@pytest.mark.parametrize("rows", [0, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 17])
def test_many_rows_are_spread_in_parts(rows):
    """Where one part ends and the next begins no row is lost, doubled or moved."""
    x = np.linspace(-1.5, 2.5, 3 * rows, dtype=np.float32).reshape(rows, 3)
    out = Bins((EDGES, ())).spread(x)
    assert out.shape == (rows, 6)
    np.testing.assert_array_equal(out[:, [0, 1, 5]], x)
    expected = np.interp(x[:, 0], EDGES, range(4))
    np.testing.assert_allclose(out[:, 2:5].sum(axis=1), expected, atol=1e-6)


# --- laws -----------------------------------------------------------------------------------------


@given(x=arrays(np.float32, st.tuples(st.integers(0, 9), st.just(3)), elements=numbers))
def test_no_bins_give_the_rows_themselves(x):
    """A count of 0, and numbers that have none: the very same array."""
    assert Bins.of(x, 0) == NO_BINS
    assert NO_BINS.spread(x) is x
    assert Bins(((), (), ())).spread(x) is x


@given(edges=ascending, values=st.lists(numbers, min_size=1, max_size=20))
def test_a_bin_lies_between_0_and_1_and_never_falls(edges, values):
    """Where z grows no bin gets emptier, and none is begun before the one below it is full."""
    out = spread(edges, *sorted(values))
    assert ((out >= 0) & (out <= 1)).all()
    assert (np.diff(out, axis=0) >= 0).all()
    assert (out[:, 1:][out[:, :-1] < 0.999] == 0).all()


@given(edges=ascending, values=st.lists(numbers, min_size=1, max_size=20))
def test_the_sum_of_the_bins_is_straight_between_edges(edges, values):
    """It is k at the k-th edge, and on the line from one to the next between them."""
    sums = spread(edges, *values, *edges).sum(axis=1)
    expected = np.interp(np.array([*values, *edges], np.float32), edges, range(len(edges)))
    np.testing.assert_allclose(sums, expected, atol=1e-5)


@given(rows=st.integers(4, 300), count=st.integers(3, 40), seed=st.integers(0, 9))
def test_as_many_rows_in_each_bin(rows, count, seed):
    """Of different numbers the bins hold equally many, but for one row."""
    x = stream(seed, "bins").normal(size=(rows, 1)).astype(np.float32)
    (edges,) = Bins.of(x, count).edges
    assert (edges[0], edges[-1]) == (x.min(), x.max())
    held, _ = np.histogram(x.astype(float), edges)
    held[-1] -= 1  # the largest number lies on the last edge
    assert len(held) == min(count, rows - 1)
    assert np.ptp(held) <= 1


@given(x=arrays(np.float32, (23, 2), elements=any_float32), count=st.integers(1, 30))
def test_the_largest_numbers_stay_finite(x, count):
    """Whatever float32 holds: edges ascend, and the bins of any other number lie in [0, 1]."""
    bins = Bins.of(x, count)
    assert Bins(bins.edges) == bins
    other = np.array([[LARGEST, -LARGEST], [-LARGEST, LARGEST], [0, 1e-45]], np.float32)
    out = bins.spread(np.concatenate([x, other]))[:, 2:]
    assert ((out >= 0) & (out <= 1)).all()


@given(x=arrays(np.float32, (17, 2), elements=numbers), row=st.integers(0, 16))
def test_a_row_knows_nothing_of_the_others(x, row):
    """Its bins are the same to the bit alone and among all."""
    bins = Bins((EDGES, (-17.0, 3.0, 3.5, 1e5, 2e5)))
    assert bins.spread(x[row : row + 1]).tobytes() == bins.spread(x)[row : row + 1].tobytes()


# --- kept and refused -----------------------------------------------------------------------------


@given(edges=st.lists(st.one_of(st.just(()), ascending), max_size=4).map(tuple))
def test_bins_come_back_as_they_were(edges):
    """From JSON and from a pickle, to the last bit of each edge."""
    bins = Bins(edges)
    assert msgspec.json.decode(msgspec.json.encode(bins), type=Bins) == bins
    assert pickle.loads(pickle.dumps(bins)) == bins


@pytest.mark.parametrize(
    "edges",
    [(0.5,), (1.0, 1.0), (0.0, 2.0, 1.0), (math.nan, 1.0), (0.0, math.inf), (0.0, 1e39)],
    ids=["one", "equal", "falling", "NaN", "infinite", "beyond float32"],
)
def test_edges_that_do_not_ascend_are_refused(edges):
    """They can only come from a file: neither a call, JSON nor a pickle lets them in."""
    sentence = "the edges of bins do not ascend"
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Bins(((), edges))
    text = json.dumps({"edges": [list(edges)]})
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(text, type=Bins)
    sound = pickle.dumps(Bins(((0.25, 0.75),)))
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        pickle.loads(sound.replace(struct.pack(">d", 0.25), struct.pack(">d", 1.25)))
