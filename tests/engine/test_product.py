"""Products in register tiles equal NumPy's, whatever the shapes, and touch nothing else."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tunesmith.engine.product import (
    MANY,
    PANEL,
    WIDE,
    panel_size,
    product,
    product_transposed,
    strips,
)
from tunesmith.engine.vectors import LANES
from tunesmith.rng import stream

FORMS = ["plain", "turned a", "turned b"]

CROSSING = [
    (MANY - 1, 5, WIDE),
    (MANY, 5, WIDE - 1),
    (MANY, 5, WIDE),
    (MANY + 3, LANES + 1, WIDE + PANEL + 1),
    (2 * MANY + 5, 1, WIDE + LANES),
    (3, 2 * WIDE + 7, 2 * PANEL + LANES - 1),
    (MANY + 1, 3 * LANES, WIDE + PANEL - 1),
    (1, 1, WIDE + 3),
    (MANY + 19, 131, 1),
    (MANY + 5, 515, WIDE + PANEL + 3),
]
"""Shapes [M, depth, N] about the limits from which on b is copied, and about whole panels."""

dimension = st.integers(1, 70)


def drawn(*address, size):
    """Draw float32 numbers."""
    return stream(5, "product", *address).normal(size=size).astype(np.float32)


def multiply(form, a, b, c, panel, place=np.ascontiguousarray, order=None):
    """Write c = a b strip by strip, an operand turned; `place` says where operands lie."""
    for strip in range(strips(b.shape[1])) if order is None else order:
        if form == "plain":
            product(place(a), a.shape[1], 1, place(b), c, panel, strip)
        elif form == "turned a":
            product(place(a.T), 1, len(a), place(b), c, panel, strip)
        else:
            product_transposed(place(a), place(b.T), c, panel, strip)


def room(depth):
    """Return a panel with nothing in it that may be used."""
    return np.full(panel_size(depth), np.nan, dtype=np.float32)


def multiplied(form, a, b):
    """Return a b, with nothing but NaN in c and in the panel before."""
    c = np.full((len(a), b.shape[1]), np.nan, dtype=np.float32)
    multiply(form, a, b, c, room(len(b)))
    return c


def assert_product(c, a, b):
    """Compare with float64: rounding moves a sum of n products by n units at most (Higham 2002)."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    bound = (len(b) + 1) * 2.0**-24 * (np.abs(a) @ np.abs(b))
    assert (np.abs(c - a @ b) <= bound).all()


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=150)
@given(rows=dimension, depth=dimension, columns=dimension)
@example(rows=1, depth=1, columns=1)
@example(rows=8, depth=LANES, columns=PANEL)
@example(rows=17, depth=LANES + 1, columns=PANEL + LANES + 1)
def test_product(form, rows, depth, columns):
    """Every shape up to more than two panels, and more than eight tiles."""
    a, b = drawn("a", size=(rows, depth)), drawn("b", size=(depth, columns))
    assert_product(multiplied(form, a, b), a, b)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", CROSSING, ids=str)
def test_product_about_the_limits(shape, form):
    """Whether b is copied or not, what comes out is the product."""
    rows, depth, columns = shape
    a, b = drawn("a", size=(rows, depth)), drawn("b", size=(depth, columns))
    assert_product(multiplied(form, a, b), a, b)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(7, 11, 13), (1, 1, 1), (9, 2, LANES), *CROSSING], ids=str)
def test_nothing_outside_is_touched(shape, form, guarded, at_the_edge):
    """Around c and the panel all stays as it was; no operand is read beyond its last entry."""
    rows, depth, columns = shape
    a, b = drawn("a", size=(rows, depth)), drawn("b", size=(depth, columns))
    c, panel = np.zeros((rows, columns), np.float32), np.zeros(panel_size(depth), np.float32)
    multiply(form, a, b, guarded(c), guarded(panel), at_the_edge)
    multiply(form, a, b, at_the_edge(c), at_the_edge(panel))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "shape",
    [(21, 11, 2 * PANEL + 5), (MANY + 5, 11, WIDE + 5), (MANY + 5, 259, WIDE + 5)],
    ids=str,
)
def test_an_entry_depends_on_its_row_and_column_alone(shape, form):
    """Bit for bit: in whatever matrix a row of a and a column of b stand, and however often."""
    rows, depth, columns = shape
    a, b = drawn("a", size=(rows, depth)), drawn("b", size=(depth, columns))
    c = multiplied(form, a, b)
    np.testing.assert_array_equal(multiplied(form, a, b), c)
    for some in (1, 5, 8, 13, rows - 1):
        np.testing.assert_array_equal(multiplied(form, a[-some:].copy(), b), c[-some:])
    for some in (1, LANES - 1, LANES, PANEL + 1, columns - 1):
        np.testing.assert_array_equal(multiplied(form, a, b[:, -some:].copy()), c[:, -some:])
    order = stream(5, "order").permutation(rows)
    np.testing.assert_array_equal(multiplied(form, a[order], b), c[order])
    a[1:] = np.nan
    np.testing.assert_array_equal(multiplied(form, a, b)[0], c[0])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(21, 11, 2 * PANEL + 5), (MANY + 5, 7, WIDE + 5)], ids=str)
def test_nan_and_infinity_are_seen(shape, form, value):
    """NaN and infinities in a are in their row, those in b in their column; no 0 hides one."""
    rows, depth, columns = shape
    a, b = drawn("a", size=(rows, depth)), drawn("b", size=(depth, columns))
    b[4, 2] = a[3, 6] = 0
    for i, j in ((0, 0), (rows - 1, columns - 1), (9, LANES + 1)):
        bad_a, bad_b = a.copy(), b.copy()
        bad_a[i, 4], bad_b[6, j] = value, value
        row, column = multiplied(form, bad_a, b), multiplied(form, a, bad_b)
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(row[i], value * b[4])
            np.testing.assert_array_equal(column[:, j], value * a[:, 6])
        assert np.isfinite(np.delete(row, i, axis=0)).all()
        assert np.isfinite(np.delete(column, j, axis=1)).all()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(21, 11, 2 * PANEL + 5), (MANY + 5, 7, WIDE + 5)], ids=str)
def test_a_strip_writes_its_columns_alone(shape, form):
    """In whatever order strips are taken, each fills a panel's width of c and leaves the rest."""
    rows, depth, columns = shape
    a, b = drawn("a", size=(rows, depth)), drawn("b", size=(depth, columns))
    expected = multiplied(form, a, b)
    c, panel = np.full((rows, columns), np.nan, np.float32), room(depth)
    last = strips(columns) - 1
    for strip in (last, 0):
        multiply(form, a, b, c, panel, order=[strip])
        there = slice(strip * PANEL, (strip + 1) * PANEL)
        np.testing.assert_array_equal(c[:, there], expected[:, there])
    assert np.isnan(c[:, PANEL : last * PANEL]).all()
    multiply(form, a, b, c, panel, order=range(last, -1, -1))
    np.testing.assert_array_equal(c, expected)


@pytest.mark.parametrize(("rows", "columns"), [(3, 5), (11, PANEL + 3), (MANY + 3, WIDE + 5)])
def test_a_sum_of_nothing_is_0(rows, columns):
    """Of no depth, as where all inputs are categories: written over what stood there."""
    a, b = np.empty((rows, 0), np.float32), np.empty((0, columns), np.float32)
    np.testing.assert_array_equal(multiplied("plain", a, b), np.zeros((rows, columns)))


@pytest.mark.parametrize("form", FORMS)
def test_no_rows(form):
    """A product without rows has nothing to be written."""
    a, b = np.empty((0, 7), np.float32), drawn("b", size=(7, WIDE + 5))
    assert multiplied(form, a, b).shape == (0, WIDE + 5)


@given(width=st.integers(1, 1000))
def test_strips(width):
    """As many panels as hold all columns, and no more."""
    assert (strips(width) - 1) * PANEL < width <= strips(width) * PANEL


@given(depth=st.integers(1, 1000))
def test_panel_size(depth):
    """Whole blocks of LANES, as many as the depth needs."""
    assert panel_size(depth) % (LANES * PANEL) == 0
    assert depth * PANEL <= panel_size(depth) < (depth + LANES) * PANEL
