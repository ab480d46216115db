"""Every loss equals the function of the same name in reference.py, and hides no NaN."""

import numpy as np
import pytest

from tunesmith.engine import losses, reference
from tunesmith.rng import stream

TOLERANCE = {"rtol": 2e-5, "atol": 2e-6}

DISTANCES = ["squared_error", "absolute_error", "huber", "logistic"]


def drawn(*address, size, scale=1.0):
    """Draw float32 numbers."""
    return stream(5, *address).normal(scale=scale, size=size).astype(np.float32)


def weights(kind, rows):
    """Return what each row counts: 1, or anything from 0 on, a few of them 1."""
    if kind == "even":
        return np.ones(rows, dtype=np.float32)
    drawn_ones = stream(5, "weights").exponential(size=rows).astype(np.float32)
    drawn_ones[::3], drawn_ones[1::7] = 1, 0
    return drawn_ones


def cross_entropy(logits, labels, weight=None, smoothing=0.0):
    """Return loss and slope."""
    slope = np.full_like(logits, 7)
    weight = weights("even", len(logits)) if weight is None else weight
    return losses.softmax_cross_entropy(logits, labels, weight, smoothing, slope), slope


def distance(name, outputs, targets, weight=None):
    """Return loss and slope."""
    slope = np.full_like(outputs, 7)
    weight = weights("even", len(outputs)) if weight is None else weight
    return getattr(losses, name)(outputs, targets, weight, slope), slope


def exactly(name, *arguments):
    """Call the reference in float64."""
    exact = (
        v.astype(np.float64) if isinstance(v, np.ndarray) and v.dtype == np.float32 else v
        for v in arguments
    )
    return getattr(reference, name)(*exact)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["even", "uneven"])
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4], ids=["small", "large", "huge"])
@pytest.mark.parametrize(("rows", "classes"), [(2, 3), (67, 10), (33, 37), (5, 1)])
def test_softmax_cross_entropy(rows, classes, scale, kind, smoothing):
    """Loss and slope, also where exp alone would overflow."""
    logits = drawn("logits", classes, size=(rows, classes), scale=scale)
    labels, weight = stream(5, "labels").integers(classes, size=rows), weights(kind, rows)
    expected = exactly("softmax_cross_entropy", logits, labels, weight, smoothing)
    loss, slope = cross_entropy(logits, labels, weight, smoothing)
    assert loss == pytest.approx(expected[0], rel=2e-6, abs=1e-6)
    np.testing.assert_allclose(slope, expected[1], **TOLERANCE)


@pytest.mark.parametrize("kind", ["even", "uneven"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5], ids=["tiny", "small", "huge"])
@pytest.mark.parametrize("name", DISTANCES)
def test_distances(name, scale, kind):
    """Loss and slope over several columns, also where exp alone would overflow."""
    outputs = drawn("outputs", size=(67, 3), scale=scale)
    targets = drawn("targets", size=(67, 3))
    if name == "logistic":
        targets = (targets > 0).astype(np.float32)
    weight = weights(kind, 67)
    expected = exactly(name, outputs, targets, weight)
    loss, slope = distance(name, outputs, targets, weight)
    assert loss == pytest.approx(expected[0], rel=1e-6)
    np.testing.assert_allclose(slope, expected[1], **TOLERANCE)


@pytest.mark.parametrize("name", ["softmax_cross_entropy", *DISTANCES])
def test_an_even_weight_is_a_factor(name):
    """Rows that all count 2.5 have 2.5 times the loss, and the slope."""
    outputs = drawn("outputs", size=(67, 5))
    goal = np.arange(67) % 5 if name == "softmax_cross_entropy" else np.ones_like(outputs)
    results = []
    for count in (1, 2.5):
        weight = np.full(67, count, dtype=np.float32)
        if name == "softmax_cross_entropy":
            results.append(cross_entropy(outputs, goal, weight))
        else:
            results.append(distance(name, outputs, goal, weight))
    (loss, slope), (more_loss, more_slope) = results
    assert more_loss == pytest.approx(2.5 * loss)
    np.testing.assert_allclose(more_slope, 2.5 * slope, rtol=1e-6, atol=1e-9)


def test_a_loss_sums_small_numbers_in_full():
    """100,003 equal losses average to themselves: the sum is kept in float64."""
    outputs = np.full((100_003, 1), 0.1, dtype=np.float32)
    loss, _ = distance("squared_error", outputs, np.zeros_like(outputs))
    assert loss == pytest.approx(0.005, rel=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("classes", [5, 37])
def test_cross_entropy_keeps_nan(classes, bad):
    """A NaN among the logits is in the loss and in its row's slopes, whichever class it is.

    Infinity minus infinity is NaN, as in the reference.
    """
    labels = np.arange(7) % 5
    for column in range(classes):
        logits = drawn("logits", size=(7, classes))
        logits[3, column] = bad
        loss, slope = cross_entropy(logits, labels)
        assert np.isnan(loss)
        assert np.isnan(slope[3, column])
        if np.isnan(bad):
            assert np.isnan(slope).all(axis=1).tolist() == [row == 3 for row in range(7)]
        assert np.isfinite(np.delete(slope, 3, axis=0)).all()


@pytest.mark.parametrize("name", DISTANCES)
def test_distances_keep_nan(name):
    """An output that is NaN gives a loss of NaN, and a slope of NaN in its own place."""
    outputs = drawn("outputs", size=(7, 5))
    outputs[3, 2] = np.nan
    loss, slope = distance(name, outputs, np.zeros_like(outputs))
    assert np.isnan(loss)
    assert np.argwhere(np.isnan(slope)).tolist() == [[3, 2]]


@pytest.mark.parametrize("far", [-1e25, np.inf])
@pytest.mark.parametrize("name", ["squared_error", "absolute_error", "huber"])
def test_distances_do_not_hide_a_far_output(name, far):
    """However far an output is, its loss is counted in full; at infinity it is infinite."""
    outputs = drawn("outputs", size=(7, 5))
    outputs[3, 2] = far
    targets = np.zeros_like(outputs)
    expected, _ = exactly(name, outputs, targets, weights("even", 7))
    assert distance(name, outputs, targets)[0] == pytest.approx(expected, rel=1e-6)
