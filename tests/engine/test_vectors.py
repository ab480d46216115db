"""Registers in compiled code: what is read and written, and what each operation gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.compiled import compiled
from tunesmith.engine.vectors import (
    LANES,
    broadcast,
    exp,
    fma,
    lane_max,
    lane_sum,
    larger,
    load,
    load_or,
    nearest,
    root,
    smaller,
    splat,
    store,
    transpose,
    two_to_the,
    where_positive,
)
from tunesmith.rng import stream

COUNTS = (-(2**62), *range(-3, LANES + 4), 2**62)
"""Numbers of lanes: below 0 is none, above LANES all."""

any_lanes = st.lists(st.floats(width=32), min_size=LANES, max_size=LANES)
"""LANES floats: NaN, infinities and subnormal numbers too."""

size = st.floats(2.0**-20, 2.0**20, width=32)
ordinary_lanes = st.lists(size | size.map(lambda x: -x), min_size=LANES, max_size=LANES)

SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.75, 1e-40, 3e38)


def drawn(*address, size):
    """Draw float32 numbers, none of them 0."""
    return stream(5, "vectors", *address).normal(size=size).astype(np.float32)


def floats(values):
    """Return values as float32."""
    return np.array(values, dtype=np.float32)


def pairs():
    """Return two arrays that hold every pair of special numbers, whole registers long."""
    first, second = (grid.ravel() for grid in np.meshgrid(SPECIAL, SPECIAL))
    whole = -(-first.size // LANES) * LANES
    return np.resize(floats(first), whole), np.resize(floats(second), whole)


# --- reading and writing -------------------------------------------------------------------------


@compiled
def read(source, index, count, result):
    store(result, 0, LANES, load(source, index, count))


@compiled
def read_or(source, index, count, other, result):
    store(result, 0, LANES, load_or(source, index, count, splat(other)))


@compiled
def write(target, index, count, source):
    store(target, index, count, load(source, 0, LANES))


@compiled
def write_broadcast(source, index, result):
    store(result, 0, LANES, broadcast(source, index))


@compiled
def write_splat(number, result):
    store(result, 0, LANES, splat(number))


@pytest.mark.parametrize("count", COUNTS)
def test_load(count, at_the_edge):
    """The first `count` lanes are read, the others are 0; nothing beyond them is touched."""
    meant = min(max(count, 0), LANES)
    source = at_the_edge(drawn("load", size=5 + meant))
    result = np.full(LANES, np.nan, dtype=np.float32)
    read(source, 5, count, result)
    assert result.tolist() == [*source[5:].tolist(), *[0.0] * (LANES - meant)]


@pytest.mark.parametrize("other", [3.25, -np.inf, np.nan])
@pytest.mark.parametrize("count", COUNTS)
def test_load_or(count, other, at_the_edge):
    """The lanes from `count` on are `other`; nothing beyond the first is touched."""
    meant = min(max(count, 0), LANES)
    source = at_the_edge(drawn("load or", size=5 + meant))
    result = np.zeros(LANES, dtype=np.float32)
    read_or(source, 5, count, other, result)
    np.testing.assert_array_equal(result, [*source[5:], *[other] * (LANES - meant)])


@pytest.mark.parametrize("count", COUNTS)
def test_store(count, at_the_edge):
    """The first `count` lanes are written, the cells around them stay as they are."""
    meant, value = min(max(count, 0), LANES), drawn("store", size=LANES)
    target = np.full(3 * LANES, 7, dtype=np.float32)
    write(target, LANES - 1, count, value)
    expected = np.full(3 * LANES, 7, dtype=np.float32)
    expected[LANES - 1 : LANES - 1 + meant] = value[:meant]
    np.testing.assert_array_equal(target, expected)
    last = at_the_edge(np.full(5 + meant, 7, dtype=np.float32))
    write(last, 5, count, value)
    assert last.tolist() == [7] * 5 + value[:meant].tolist()


def test_indices_are_flat(at_the_edge):
    """In a matrix an index counts along the rows."""
    source = at_the_edge(drawn("flat", size=(3, LANES + 1)))
    target, result = np.zeros((3, LANES + 1), dtype=np.float32), np.zeros(LANES, dtype=np.float32)
    read(source, LANES - 1, LANES, result)
    np.testing.assert_array_equal(result, source.ravel()[LANES - 1 : 2 * LANES - 1])
    write(target, LANES - 1, LANES, result)
    np.testing.assert_array_equal(target.ravel()[LANES - 1 : 2 * LANES - 1], result)
    assert np.count_nonzero(target) == LANES


@pytest.mark.parametrize("index", [0, 5, 12])
def test_broadcast(index, at_the_edge):
    """One float in every lane, the last of the array too."""
    source, result = at_the_edge(drawn("broadcast", size=13)), np.zeros(LANES, dtype=np.float32)
    write_broadcast(source, index, result)
    assert result.tolist() == [source[index]] * LANES


@pytest.mark.parametrize(
    "number", [0.1, -3, np.float32(0.3), np.int32(11), True, 1e300, -np.inf, np.nan]
)
def test_splat(number):
    """A number of any kind, as float32, in every lane."""
    result = np.zeros(LANES, dtype=np.float32)
    write_splat(number, result)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(result, np.full(LANES, number).astype(np.float32))


# --- arithmetic ----------------------------------------------------------------------------------


@compiled
def calculate(a, b, results):
    for j in range(0, a.size, LANES):
        x, y = load(a, j, LANES), load(b, j, LANES)
        total = difference = times = ratio = x
        total += y
        difference -= y
        times *= y
        ratio /= y
        start = j // LANES * 8 * LANES
        store(results, start, LANES, x + y)
        store(results, start + LANES, LANES, total)
        store(results, start + 2 * LANES, LANES, x - y)
        store(results, start + 3 * LANES, LANES, difference)
        store(results, start + 4 * LANES, LANES, x * y)
        store(results, start + 5 * LANES, LANES, times)
        store(results, start + 6 * LANES, LANES, x / y)
        store(results, start + 7 * LANES, LANES, ratio)


@compiled
def fused(a, b, c, result):
    store(result, 0, LANES, fma(load(a, 0, LANES), load(b, 0, LANES), load(c, 0, LANES)))


@compiled
def compare(a, b, results):
    for j in range(0, a.size, LANES):
        x, y = load(a, j, LANES), load(b, j, LANES)
        store(results, j, LANES, larger(x, y))
        store(results, a.size + j, LANES, smaller(x, y))


@compiled
def choose(test, a, b, result):
    chosen = where_positive(load(test, 0, LANES), load(a, 0, LANES), load(b, 0, LANES))
    store(result, 0, LANES, chosen)


@compiled
def roots(x, result):
    for j in range(0, x.size, LANES):
        store(result, j, x.size - j, root(load(x, j, x.size - j)))


@compiled
def rounded(x, result):
    for j in range(0, x.size, LANES):
        store(result, j, x.size - j, nearest(load(x, j, x.size - j)))


@compiled
def powers_of_two(x, result):
    for j in range(0, x.size, LANES):
        store(result, j, x.size - j, two_to_the(load(x, j, x.size - j)))


@compiled
def gathered(x, result):
    result[0] = lane_sum(load(x, 0, LANES))
    result[1] = lane_max(load(x, 0, LANES))


def calculated(a, b):
    """Return the results [4, 2, size] of + - * /, each in both forms."""
    results = np.zeros((a.size // LANES, 4, 2, LANES), dtype=np.float32)
    calculate(a, b, results)
    return results.transpose(1, 2, 0, 3).reshape(4, 2, a.size)


@given(a=ordinary_lanes, b=ordinary_lanes)
def test_arithmetic(a, b):
    """+ - * are exact to the last bit, / to 2 units in the last place; += and so on are the same.

    Division may be an estimate that was improved once.
    """
    a, b = floats(a), floats(b)
    results = calculated(a, b)
    for form in range(2):
        for result, expected in zip(results[:3, form], (a + b, a - b, a * b), strict=True):
            np.testing.assert_array_equal(result, expected)
        np.testing.assert_allclose(results[3, form], a.astype(np.float64) / b, rtol=2.4e-7)


def test_arithmetic_hides_nothing():
    """NaN and infinities come out of + - * as in NumPy; no quotient becomes finite that is none."""
    a, b = pairs()
    results = calculated(a, b)
    with np.errstate(all="ignore"):
        for form in range(2):
            for result, expected in zip(results[:3, form], (a + b, a - b, a * b), strict=True):
                np.testing.assert_array_equal(result, expected)
            finite = np.isfinite(a / b)
            assert not np.isfinite(results[3, form][~finite]).any()


@given(a=ordinary_lanes, b=ordinary_lanes, c=ordinary_lanes)
def test_fma(a, b, c):
    """A product and a sum, rounded once or twice."""
    a, b, c = floats(a), floats(b), floats(c)
    result = np.zeros(LANES, dtype=np.float32)
    fused(a, b, c, result)
    times = a.astype(np.float64) * b
    expected = times + c
    assert (np.abs(result - expected) <= 2.0**-23 * (np.abs(times) + np.abs(expected))).all()


@pytest.mark.parametrize("operand", range(3))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_fma_hides_nothing(value, operand):
    """NaN and infinities in any operand come out, in their lane only."""
    operands = np.abs(drawn("fma", size=(3, LANES)))
    operands[operand, 1] = value
    result = np.zeros(LANES, dtype=np.float32)
    fused(*operands, result)
    np.testing.assert_array_equal(result[1], value)
    assert np.isfinite(np.delete(result, 1)).all()


def test_larger_and_smaller():
    """The larger and the smaller; where either is NaN, the first."""
    a, b = pairs()
    results = np.zeros((2, a.size), dtype=np.float32)
    compare(a, b, results)
    np.testing.assert_array_equal(results[0], np.where(~(a <= b), a, b))
    np.testing.assert_array_equal(results[1], np.where(~(a >= b), a, b))
    assert np.isnan(results[:, np.isnan(a)]).all()


@given(test=any_lanes, a=any_lanes, b=any_lanes)
def test_where_positive(test, a, b):
    """Above 0 and NaN choose the first, all else the second, -0 too; what they hold is kept."""
    test, a, b, result = (floats(lanes) for lanes in (test, a, b, [0] * LANES))
    choose(test, a, b, result)
    np.testing.assert_array_equal(result, np.where((test > 0) | np.isnan(test), a, b))


def test_root():
    """The square root, as NumPy's; none of negative numbers and NaN."""
    x = floats([*SPECIAL, 2, 3, 1e-45, 7e-39, 49, *np.geomspace(1e-37, 1e38, 1003)])
    result = np.zeros_like(x)
    roots(x, result)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(result, np.sqrt(x), rtol=1.2e-7)


def test_nearest():
    """Whole numbers, halves to the even one, as NumPy's rint."""
    x = floats([*SPECIAL, *np.arange(-9.5, 10, 0.25), 8388607.5, -8388606.5, 1e9, 0.49999997])
    result = np.zeros_like(x)
    rounded(x, result)
    np.testing.assert_array_equal(result, np.rint(x))


def test_two_to_the():
    """Exact over the whole range of normal numbers."""
    x = np.arange(-126, 128).astype(np.float32)
    result = np.zeros_like(x)
    powers_of_two(x, result)
    assert result.tolist() == [2.0**n for n in range(-126, 128)]


@given(x=st.lists(st.integers(-(2**19), 2**19), min_size=LANES, max_size=LANES))
def test_lane_sum_and_lane_max(x):
    """Every lane is in the sum once, and the largest is found; whole numbers add up exactly."""
    result = np.zeros(2, dtype=np.float32)
    gathered(floats(x), result)
    assert result.tolist() == [sum(x), max(x)]


@pytest.mark.parametrize("lane", range(LANES))
def test_infinities_in_sum_and_max(lane):
    """An infinity in any lane is the sum, a NaN too; the largest lane is found beside it."""
    x, result = drawn("infinity", size=LANES), np.zeros(2, dtype=np.float32)
    x[lane] = np.inf
    gathered(x, result)
    assert result.tolist() == [np.inf, np.inf]
    x[lane] = -np.inf
    gathered(x, result)
    assert result.tolist() == [-np.inf, x.max()]
    x[:] = -np.inf
    gathered(x, result)
    assert result.tolist() == [-np.inf, -np.inf]
    x[lane] = np.nan
    gathered(x, result)
    assert np.isnan(result[0])


# --- transpose -----------------------------------------------------------------------------------


@compiled
def turn(a, at, row, rows, columns, b, to, b_row):
    transpose(a, at, row, rows, columns, b, to, b_row)


def blocks():
    """Return every size of a block, and some larger than a block, of which LANES are meant."""
    sizes = [(rows, columns) for rows in range(LANES + 1) for columns in range(LANES + 1)]
    return [*sizes, (LANES + 3, 2), (1, 3 * LANES), (LANES + 1, LANES + 1)]


def test_transpose(at_the_edge):
    """A block of every size, turned, and 0 where it has no entries; nothing else is touched."""
    step, to, to_step = LANES + 3, 5, LANES + 2
    source = drawn("transpose", size=(LANES + 1, step))
    for rows, columns in blocks():
        r, c = min(rows, LANES), min(columns, LANES)
        # the last entry of the block is the last in memory
        block = at_the_edge(source.ravel()[: 3 + ((r - 1) * step + c if r * c else 0)])
        target = np.full((LANES + 2) * to_step, 7, dtype=np.float32)
        turn(block, 3, step, rows, columns, target, to, to_step)
        expected = np.full_like(target, 7)
        inside = expected[to : to + LANES * to_step].reshape(LANES, to_step)[:, :LANES]
        inside[:] = 0
        for i, j in np.ndindex(r, c):
            inside[j, i] = source.ravel()[3 + i * step + j]
        np.testing.assert_array_equal(target, expected, err_msg=f"{rows} x {columns}")


def test_transpose_keeps_every_bit(at_the_edge):
    """NaN and infinities are moved like all else, and the target may end where memory does."""
    source = np.resize(floats(SPECIAL), (LANES, LANES))
    target = at_the_edge(np.zeros((LANES, LANES), dtype=np.float32))
    turn(source, 0, LANES, LANES, LANES, target, 0, LANES)
    np.testing.assert_array_equal(target, source.T)


# --- exp -----------------------------------------------------------------------------------------


@compiled
def powers(x, result):
    for j in range(0, x.size, LANES):
        store(result, j, x.size - j, exp(load(x, j, x.size - j)))


def test_exp_is_accurate():
    """Two units in the last place at most, over all that does not overflow."""
    x = np.linspace(-87, 88, 300_007).astype(np.float32)
    result = np.empty_like(x)
    powers(x, result)
    assert np.max(np.abs(result / np.exp(x.astype(np.float64)) - 1)) < 2e-7


def test_exp_of_small_numbers():
    """Near 0 it is 1, to the last bit at 0 itself: subnormal numbers are no trouble."""
    x = floats([0, -0.0, 1e-45, -1e-45, 1e-39, 1e-9, -1e-9])
    result = np.empty_like(x)
    powers(x, result)
    assert result.tolist() == [1] * 7


@pytest.mark.parametrize(
    ("x", "end"),
    [(-np.inf, -87), (-1e30, -87), (-87.5, -87), (88.5, 88), (1e30, 88), (np.inf, 88)],
)
def test_exp_outside_its_range(x, end):
    """Beyond [-87, 88] it stays at the ends, so that nothing becomes infinite or 0."""
    result = np.zeros(1, dtype=np.float32)
    powers(floats([x]), result)
    assert result[0] == pytest.approx(np.exp(end), rel=2e-7)
    assert result[0] >= np.finfo(np.float32).tiny


def test_exp_keeps_nan():
    """NaN stays NaN amid numbers that are not."""
    x = np.zeros(37, dtype=np.float32)
    x[[3, 20, 36]] = np.nan
    result = np.empty_like(x)
    powers(x, result)
    assert np.flatnonzero(np.isnan(result)).tolist() == [3, 20, 36]
