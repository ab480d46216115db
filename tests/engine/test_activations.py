"""Every activation equals the function of the same name in reference.py, and hides no NaN."""

import numpy as np
import pytest

from tunesmith.engine import activations, reference
from tunesmith.engine.network import Activation
from tunesmith.rng import stream

NAMES = [activation.value for activation in Activation]

FROM_INPUTS = {activation.value for activation in Activation if activation.from_input}
"""Their slopes are taken from what went in, the others' from what came out."""

SHAPES = [(2, 1), (7, 13), (67, 33)]
"""Rows and units: fewer, and more by some, than a vector register holds."""

TOLERANCE = {"rtol": 2e-5, "atol": 2e-6}


def drawn(*address, size, scale=1.0):
    """Draw float32 numbers."""
    return stream(5, *address).normal(scale=scale, size=size).astype(np.float32)


def activated(name, y):
    """Return the activation of y."""
    a = np.full_like(y, 7)
    getattr(activations, name)(y, a)
    return a


def sloped(name, da, y, a):
    """Return the slope by y."""
    dy = da.copy()
    getattr(activations, f"{name}_backward")(dy, y if name in FROM_INPUTS else a)
    return dy


def agree(name, y, da):
    """Hold an activation of y, and its slope, against the reference in float64."""
    exact = y.astype(np.float64)
    expected = getattr(reference, name)(exact)
    slope = getattr(reference, f"{name}_backward")(
        da.astype(np.float64), exact if name in FROM_INPUTS else expected
    )
    a = activated(name, y)
    np.testing.assert_allclose(a, expected, **TOLERANCE)
    np.testing.assert_allclose(sloped(name, da, y, a), slope, **TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("rows", "units"), SHAPES)
def test_activations(name, rows, units):
    """Each activation and its slope, with inputs of some size."""
    agree(name, drawn("y", size=(rows, units), scale=8.0), drawn("da", size=(rows, units)))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", NAMES)
def test_activations_of_huge_and_tiny_inputs(name, sign):
    """Where exp over- or underflows float32, and at and around 0: nothing overflows."""
    sizes = [0, 1e-45, 1e-38, 1e-30, 1e-9, 1e-4, 5, 9.3, 20, 87, 88.5, 89, 104, 200, 1e4, 1e19]
    y = sign * np.array([sizes], dtype=np.float32)
    agree(name, y, drawn("da", size=y.shape))


@pytest.mark.parametrize("name", NAMES)
def test_in_place(name, guarded):
    """Input and output may be one array, and nothing around it is written."""
    y, da = drawn("y", size=(7, 13)), drawn("da", size=(7, 13))
    expected = activated(name, y)
    slope = sloped(name, da, y, expected)
    a, dy = guarded(y), guarded(da)
    getattr(activations, name)(a, a)
    np.testing.assert_array_equal(a, expected)
    getattr(activations, f"{name}_backward")(dy, y if name in FROM_INPUTS else a)
    np.testing.assert_array_equal(dy, slope)


@pytest.mark.parametrize("place", [(0, 0), (3, 7), (6, 12)])
@pytest.mark.parametrize("name", NAMES)
def test_activations_keep_nan(name, place):
    """A NaN stays where it is, forward and backward, and nowhere else."""
    y, da = drawn("y", size=(7, 13)), drawn("da", size=(7, 13))
    fine = activated(name, y)
    bad_y, bad_da = y.copy(), da.copy()
    bad_y[place] = bad_da[place] = np.nan
    for result in (activated(name, bad_y), sloped(name, bad_da, y, fine)):
        assert np.argwhere(np.isnan(result)).tolist() == [list(place)]


def test_relu_backward_keeps_nan():
    """A slope that is not a number is not hidden where the unit is off, as in the reference."""
    da = np.full((3, 7), np.nan, np.float32)
    activations.relu_backward(da, np.zeros_like(da))
    assert np.isnan(da).all()
