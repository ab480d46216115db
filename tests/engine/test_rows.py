"""Data laid out and checked: whatever its layout it is the same, and what cannot be is named."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as drawn_arrays

from tunesmith.engine.network import Loss, Network
from tunesmith.engine.rows import as_inputs, as_matrix, make_rows
from tunesmith.errors import NetworkError
from tunesmith.rng import stream

NETWORK = Network(inputs=5, hidden=(9, 4), outputs=3)
MIXED = Network(inputs=2, hidden=(7,), outputs=3, categories=(4, 1, 9))
"""Two numbers, then three categories."""

LAYOUTS = {
    "float64": lambda x: x.astype(np.float64),
    "integers": lambda x: x.astype(np.int16),
    "columns first": np.asfortranarray,
    "every other row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "every other column": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "a slice": lambda x: np.pad(x, 3)[3:-3, 3:-3],
    "big-endian": lambda x: x.astype(">f4"),
    "unaligned": lambda x: np.frombuffer(b"7" + x.tobytes(), np.float32, offset=1).reshape(x.shape),
    "read-only": lambda x: read_only(x),
}
"""Whole numbers laid out in other ways."""


def read_only(x):
    """Return a copy that cannot be written to."""
    x = x.copy()
    x.flags.writeable = False
    return x


def refused(sentence):
    """Expect a NetworkError of exactly this sentence."""
    return pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$")


def table(rows=47):
    """Draw numbers and labels."""
    chance = stream(7, "rows")
    return chance.normal(size=(rows, 5)).astype(np.float32), chance.integers(3, size=rows)


# --- layout ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_is_laid_out_alike(layout):
    """Row by row, float32, aligned and writeable, as the compiled code was compiled for."""
    x = stream(7, "layout").integers(-50, 50, size=(11, 5)).astype(np.float32)
    given_x = LAYOUTS[layout](x)
    result = as_matrix(given_x)
    np.testing.assert_array_equal(result, x)
    assert result.dtype == np.float32
    assert result.flags.c_contiguous
    assert result.flags.aligned
    assert result.flags.writeable
    np.testing.assert_array_equal(given_x, x)


def test_what_is_right_is_not_copied():
    """A large table does not take its room twice."""
    x, labels = table()
    rows = make_rows(NETWORK, Loss.CROSS_ENTROPY, x, labels, None)
    assert rows.x is x
    assert rows.labels is labels


@pytest.mark.parametrize("kind", [np.int8, np.uint64, np.float64, np.bool_])
def test_labels_of_any_kind_are_whole_numbers(kind):
    """Labels counted by another type are the same labels."""
    x, labels = table()
    labels = labels % 2
    rows = make_rows(NETWORK, Loss.CROSS_ENTROPY, x, labels.astype(kind), None)
    assert rows.labels.dtype == np.int64
    np.testing.assert_array_equal(rows.labels, labels)


def test_one_target_may_be_a_vector():
    """Targets [N] are a single column."""
    network = Network(inputs=5, hidden=(4,), outputs=1)
    x, labels = table()
    rows = make_rows(network, Loss.HUBER, x, labels / 7, None)
    np.testing.assert_array_equal(rows.targets, (labels / 7).astype(np.float32)[:, None])


# --- numbers --------------------------------------------------------------------------------------


GOOD = np.zeros((4, 5), np.float32)
ONE_EACH = "give one column for each input"


@pytest.mark.parametrize(
    ("x", "labels", "sentence"),
    [
        (np.zeros((7, 4)), np.zeros(7, int), f"x must have shape [N, 5], got [7, 4]: {ONE_EACH}"),
        (np.zeros(5), np.zeros(1, int), f"x must have shape [N, 5], got [5]: {ONE_EACH}"),
        (
            np.zeros((7, 5, 1)),
            np.zeros(7, int),
            f"x must have shape [N, 5], got [7, 5, 1]: {ONE_EACH}",
        ),
        (
            GOOD[:1],
            np.zeros(1, int),
            (
                "batch norm needs at least 2 rows to train on, got 1: "
                "add rows, or set batch_norm=False"
            ),
        ),
        (GOOD[:0], np.zeros(0, int), "there are no rows to train on: give one at least"),
        (GOOD, np.zeros(6, int), "x has 4 rows but there are 6 targets: give one for each row"),
        (
            GOOD,
            np.array([0, 1.5, 2, 1]),
            "labels must be whole numbers from 0 to 2, got 1.5 at row 1",
        ),
        (
            GOOD,
            np.array([0, 1, np.nan, 1]),
            "labels must be whole numbers from 0 to 2, got nan at row 2",
        ),
        (
            GOOD,
            np.zeros((4, 1), int),
            "labels must have shape [N], got [4, 1]: give one number for each row",
        ),
        (
            GOOD,
            np.array([0, 2, 3, 1]),
            "labels must be whole numbers from 0 to 2, got 3 at row 2",
        ),
        (
            GOOD,
            np.array([0, 2, 1, -1]),
            "labels must be whole numbers from 0 to 2, got -1 at row 3",
        ),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused(x, labels, sentence):
    """The error names the shape, the place or the value."""
    with refused(sentence):
        make_rows(NETWORK, Loss.CROSS_ENTROPY, x, labels, None)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@given(row=st.integers(0, 46), column=st.integers(0, 4))
def test_a_number_that_is_not_finite_is_named(value, kind, row, column):
    """With the first row and column that it stands in."""
    x, labels = table()
    x = x.astype(kind)
    x[row, column] = x[46, 4] = value
    sentence = f"x holds {value} at row {row}, column {column}: fill in missing values first"
    with refused(sentence):
        make_rows(NETWORK, Loss.CROSS_ENTROPY, x, labels, None)


@pytest.mark.parametrize("loss", [loss for loss in Loss if loss is not Loss.CROSS_ENTROPY])
def test_targets_must_be_finite_and_as_wide_as_the_outputs(loss):
    """A missing target is named with its place, another width with both."""
    targets = np.zeros((4, 3))
    with refused("targets must have 3 columns, got 2: give one for each output"):
        make_rows(NETWORK, loss, GOOD, targets[:, 1:], None)
    targets[3, 1] = np.nan
    with refused("targets holds nan at row 3, column 1: fill in missing values first"):
        make_rows(NETWORK, loss, GOOD, targets, None)


# --- categories -----------------------------------------------------------------------------------


@given(data=st.data(), rows=st.integers(1, 20))
def test_slots_are_taken_as_they_are(data, rows):
    """From the first to the last slot of each category, behind any numbers."""
    parts = [
        data.draw(drawn_arrays(np.float64, (rows, 1), elements=st.integers(0, slots - 1)))
        for slots in MIXED.categories
    ]
    x = np.hstack([np.full((rows, 2), -3.5), *parts])
    np.testing.assert_array_equal(as_inputs(MIXED, x), x)


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (2, 4, "whole numbers from 0 to 3, got 4 at row 5"),
        (2, -1, "whole numbers from 0 to 3, got -1 at row 5"),
        (3, 1, "whole numbers from 0 to 0, got 1 at row 5"),
        (4, 1.5, "whole numbers from 0 to 8, got 1.5 at row 5"),
        (4, 8.001, "whole numbers from 0 to 8, got 8.001 at row 5"),
        (4, np.nan, "whole numbers from 0 to 8, got nan at row 5"),
        (4, np.inf, "whole numbers from 0 to 8, got inf at row 5"),
        (4, -np.inf, "whole numbers from 0 to 8, got -inf at row 5"),
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_slot_that_there_is_not_is_named(kind, column, value, sentence):
    """With its column, the range and the first row: training and prediction never read beyond."""
    x = np.zeros((7, 5), kind)
    x[5:, column] = value
    with refused(f"column {column} is a category: its slots must be {sentence}"):
        as_inputs(MIXED, x)
    with refused(f"column {column} is a category: its slots must be {sentence}"):
        make_rows(MIXED, Loss.CROSS_ENTROPY, x, np.zeros(7, int), None)


def test_numbers_may_be_missing_at_test_time_but_slots_may_not():
    """A row with NaN among its numbers has outputs, NaN; one with NaN for a slot has none."""
    x = np.zeros((7, 5), np.float32)
    x[3, 1] = np.nan
    assert np.isnan(as_inputs(MIXED, x)).sum() == 1


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_label_is_named(value):
    """Without a warning of NumPy's before the error."""
    labels = np.array([0, value, 2, 1])
    with refused(f"labels must be whole numbers from 0 to 2, got {value} at row 1"):
        make_rows(NETWORK, Loss.CROSS_ENTROPY, GOOD, labels, None)


def test_a_number_too_large_for_float32_is_named():
    """1e39 is finite in float64 and not in float32: an error, and no warning before it."""
    x = np.zeros((4, 5))
    x[2, 1] = 1e39
    with refused("x holds inf at row 2, column 1: fill in missing values first"):
        make_rows(NETWORK, Loss.CROSS_ENTROPY, x, np.zeros(4, int), None)


# --- what rows count ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weight",
    [
        np.ones(46),
        np.ones((47, 1)),
        np.where(np.arange(47) == 5, -1.0, 1.0),
        np.where(np.arange(47) == 5, np.nan, 1.0),
        np.where(np.arange(47) == 5, np.inf, 1.0),
    ],
    ids=["too few", "a matrix", "below 0", "nan", "infinite"],
)
def test_wrong_weights_are_refused(weight):
    """The error says how many there must be, and what they may be."""
    with refused("weight must be 47 finite numbers of 0 or more, one for each row"):
        make_rows(NETWORK, Loss.CROSS_ENTROPY, *table(), weight)


def test_weights_that_leave_nothing_are_refused():
    """Rows that do not count teach nothing."""
    with refused("every row has weight 0: nothing can be learned"):
        make_rows(NETWORK, Loss.CROSS_ENTROPY, *table(), np.zeros(47))


@given(weight=drawn_arrays(np.float64, 47, elements=st.floats(0.125, 1e6)))
def test_weights_have_mean_1(weight):
    """Only their ratios count; without any, each row counts 1."""
    scaled = make_rows(NETWORK, Loss.CROSS_ENTROPY, *table(), weight).weight
    assert scaled.mean(dtype=np.float64) == pytest.approx(1, rel=1e-6)
    np.testing.assert_allclose(scaled * weight[0], scaled[0] * weight, rtol=1e-5)
    assert set(make_rows(NETWORK, Loss.CROSS_ENTROPY, *table(), None).weight) == {1}
