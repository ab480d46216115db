"""Views without owners see and change the right cells of a flat array."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.compiled import compiled
from tunesmith.engine.views import matrix, matrix_at, part

KINDS = [np.float32, np.int64]


@compiled
def read_part(flat, start, length, result):
    view = part(flat, start, length)
    for i in range(view.shape[0]):
        result[i] = view[i]
    return view.size


@compiled
def fill_part(flat, start, values):
    part(flat, start, values.shape[0])[:] = values


@compiled
def read_matrix(flat, start, rows, columns, result):
    view = matrix(flat, start, rows, columns)
    for i in range(view.shape[0]):
        for j in range(view.shape[1]):
            result[i, j] = view[i, j]
    return view.size


@compiled
def fill_matrix(flat, start, values):
    matrix(flat, start, values.shape[0], values.shape[1])[:] = values


@compiled
def read_line(flat, start, rows, columns, line, row, column, turned):
    view = matrix(flat, start, rows, columns)
    row[:] = view[line]
    column[:] = view[:, line]
    turned[:] = view.T


@compiled
def read_line_at(address, rows, columns, line, row, column, turned):
    view = matrix_at(address, rows, columns)
    row[:] = view[line]
    column[:] = view[:, line]
    turned[:] = view.T


@compiled
def add_within(flat, start, rows, columns, value):
    whole = matrix(flat, start, rows, columns)
    for i in range(rows):
        line = part(whole, i * columns, columns)
        line[i] += value


@compiled
def read_at(address, rows, columns, result):
    view = matrix_at(address, rows, columns)
    for i in range(view.shape[0]):
        for j in range(view.shape[1]):
            result[i, j] = view[i, j]
    return view.size


@compiled
def fill_at(address, values):
    matrix_at(address, values.shape[0], values.shape[1])[:] = values


@compiled
def handed_on(values, result):
    """Write a matrix's entries, found by its address alone."""
    result[:] = matrix_at(values.ctypes.data, values.shape[0], values.shape[1])


def numbers(kind, *shape):
    """Return an array of 3, 4, 5 ..."""
    return np.arange(3, 3 + np.prod(shape), dtype=kind).reshape(shape)


@pytest.mark.parametrize("kind", KINDS)
@given(start=st.integers(0, 40), length=st.integers(0, 40), after=st.integers(0, 5))
def test_part(kind, start, length, after):
    """A part has the entries from its start on; writing to it changes these and no others."""
    flat = numbers(kind, start + length + after)
    expected, result = flat.copy(), np.zeros(length, dtype=kind)
    assert read_part(flat, start, length, result) == length
    np.testing.assert_array_equal(result, expected[start : start + length])
    fill_part(flat, start, -result)
    expected[start : start + length] *= -1
    np.testing.assert_array_equal(flat, expected)


@pytest.mark.parametrize("kind", KINDS)
@given(
    start=st.integers(0, 40),
    rows=st.integers(0, 11),
    columns=st.integers(0, 11),
    after=st.integers(0, 5),
)
def test_matrix(kind, start, rows, columns, after):
    """A matrix has the entries row by row; writing to it changes these and no others."""
    flat = numbers(kind, start + rows * columns + after)
    expected, result = flat.copy(), np.zeros((rows, columns), dtype=kind)
    end = start + rows * columns
    assert read_matrix(flat, start, rows, columns, result) == rows * columns
    np.testing.assert_array_equal(result, expected[start:end].reshape(rows, columns))
    fill_matrix(flat, start, -result)
    expected[start:end] *= -1
    np.testing.assert_array_equal(flat, expected)


@given(
    start=st.integers(0, 40),
    rows=st.integers(0, 11),
    columns=st.integers(0, 11),
    after=st.integers(0, 5),
)
def test_matrix_at(start, rows, columns, after):
    """The floats at an address, row by row; writing to them changes these and no others."""
    flat = numbers(np.float32, start + rows * columns + after)
    address, end = flat.ctypes.data + 4 * start, start + rows * columns
    expected, result = flat.copy(), np.zeros((rows, columns), dtype=np.float32)
    assert read_at(address, rows, columns, result) == rows * columns
    np.testing.assert_array_equal(result, expected[start:end].reshape(rows, columns))
    fill_at(address, -result)
    expected[start:end] *= -1
    np.testing.assert_array_equal(flat, expected)


def test_an_address_taken_by_compiled_code():
    """A matrix is found again where compiled code says that it lies."""
    values, result = numbers(np.float32, 7, 3), np.zeros((7, 3), dtype=np.float32)
    handed_on(values, result)
    np.testing.assert_array_equal(result, values)


@pytest.mark.parametrize("kind", KINDS)
def test_an_array_of_rows_counts_flat(kind):
    """Of an array [rows, columns], places are counted along its rows."""
    table, result = numbers(kind, 3, 7), np.zeros(5, dtype=kind)
    read_part(table, 9, 5, result)
    np.testing.assert_array_equal(result, table.ravel()[9:14])
    square = np.zeros((4, 3), dtype=kind)
    read_matrix(table, 8, 4, 3, square)
    np.testing.assert_array_equal(square, table.ravel()[8:20].reshape(4, 3))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", range(3))
def test_indexing_as_numba_knows_it(line, kind):
    """A row, a column and the transpose of a view are those of the matrix."""
    flat, turned = numbers(kind, 40), np.zeros((7, 3), dtype=kind)
    row, column = np.zeros(7, dtype=kind), np.zeros(3, dtype=kind)
    read_line(flat, 11, 3, 7, line, row, column, turned)
    whole = flat[11:32].reshape(3, 7)
    np.testing.assert_array_equal(row, whole[line])
    np.testing.assert_array_equal(column, whole[:, line])
    np.testing.assert_array_equal(turned, whole.T)


@pytest.mark.parametrize("line", range(3))
def test_indexing_what_stands_at_an_address(line):
    """The same of the floats from an address on."""
    flat, turned = numbers(np.float32, 40), np.zeros((7, 3), dtype=np.float32)
    row, column = np.zeros(7, dtype=np.float32), np.zeros(3, dtype=np.float32)
    read_line_at(flat.ctypes.data + 4 * 11, 3, 7, line, row, column, turned)
    whole = flat[11:32].reshape(3, 7)
    np.testing.assert_array_equal(row, whole[line])
    np.testing.assert_array_equal(column, whole[:, line])
    np.testing.assert_array_equal(turned, whole.T)


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_of_a_view(kind):
    """A part of a matrix that is a part: the changes reach the flat array."""
    flat = numbers(kind, 40)
    expected = flat.copy()
    expected[[11, 11 + 8, 11 + 16]] += 50
    add_within(flat, 11, 3, 7, kind(50))
    np.testing.assert_array_equal(flat, expected)


def test_views_own_nothing():
    """Nobody counts references to the array, up or down, when it is seen in parts."""
    flat, result = numbers(np.float32, 40), np.zeros(7, dtype=np.float32)
    before = sys.getrefcount(flat)
    for _ in range(23):
        read_part(flat, 11, 7, result)
    assert sys.getrefcount(flat) == before
    np.testing.assert_array_equal(flat, np.arange(3, 43))


def test_the_last_cells(at_the_edge):
    """A view that ends where memory does is read and written whole."""
    flat = at_the_edge(numbers(np.float32, 40))
    result = np.zeros((3, 7), dtype=np.float32)
    read_matrix(flat, 19, 3, 7, result)
    np.testing.assert_array_equal(result, np.arange(22, 43).reshape(3, 7))
    fill_matrix(flat, 19, -result)
    assert flat[-1] == -42
    read_at(flat.ctypes.data + 4 * 19, 3, 7, result)
    np.testing.assert_array_equal(result, -np.arange(22, 43).reshape(3, 7))
