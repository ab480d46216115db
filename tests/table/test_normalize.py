"""Numbers brought to the size that networks learn from best."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import iqr
from sklearn.preprocessing import RobustScaler, StandardScaler

from tunesmith.errors import DataError
from tunesmith.rng import stream
from tunesmith.table.normalize import (
    FARTHEST,
    LARGEST,
    Normalize,
    center_and_spread,
    normalized,
)

X = np.array([4.0, 9.0, 5.0, 7.0, 65.0])
"""Median 7; quartiles 5 and 9; mean 18; deviation 23.57."""

any_float = st.floats(width=64)
arrays = st.lists(any_float, min_size=1, max_size=20).map(np.array)


def fitted(x, how, training=None):
    """Normalise x by what `training` shows, by default x itself."""
    return normalized(x, how, *center_and_spread(x if training is None else training, how))


def test_names():
    """The names people give, and the sentence for one that is none."""
    assert [Normalize.of(name) for name in ("none", "standard", "robust")] == list(Normalize)
    with pytest.raises(DataError) as caught:
        Normalize.of("minmax")
    assert str(caught.value) == "no normalize 'minmax'; choose none, standard, robust"


def test_drawn_by_hand():
    """Center and spread of five numbers, one far away."""
    assert center_and_spread(X, Normalize.ROBUST) == pytest.approx((7, 4), rel=1e-15)
    assert center_and_spread(X, Normalize.STANDARD) == pytest.approx((18, 555.2**0.5), rel=1e-15)
    assert center_and_spread(X, Normalize.NONE) == pytest.approx((18, 1), rel=1e-15)
    z = np.array([-0.75, 0.5, -0.5, 0, 14.5])
    expected = z / np.sqrt(1 + z**2 / 9)
    np.testing.assert_allclose(fitted(X, Normalize.ROBUST), expected, rtol=1e-14)


def test_the_scalers_of_scikit_learn_agree():
    """Standard is StandardScaler; robust is RobustScaler, then the smooth clip."""
    x = stream(4, "x").gamma(0.7, 31.0, 83)
    standard = StandardScaler().fit_transform(x[:, None])[:, 0]
    np.testing.assert_allclose(fitted(x, Normalize.STANDARD), standard, rtol=1e-9)
    z = RobustScaler().fit_transform(x[:, None])[:, 0]
    np.testing.assert_allclose(fitted(x, Normalize.ROBUST), z / np.sqrt(1 + (z / 3) ** 2))
    assert center_and_spread(x, Normalize.ROBUST)[1] == pytest.approx(iqr(x), rel=1e-12)


def test_most_values_equal():
    """An inter-quartile range of 0 gives way to half of the whole range."""
    x = np.array([3.0, 3, 3, 3, 3, 3, 3, -2, 5])
    assert center_and_spread(x, Normalize.ROBUST) == pytest.approx((3, 3.5), rel=1e-15)


@pytest.mark.parametrize("how", Normalize)
def test_a_constant_has_no_spread(how):
    """It gives 0 wherever a later value lies, even if its rounded deviation would not."""
    x, later = np.full(7, 0.1), np.array([0.1, 0.3, np.nan, -np.inf])
    assert x.std() > 0
    expected = [0.1, 0.3, 0.1, -LARGEST] if how is Normalize.NONE else [0, 0, 0, 0]
    np.testing.assert_array_equal(fitted(later, how, x), expected)


@pytest.mark.parametrize("how", Normalize)
def test_without_a_number_there_is_nothing_to_learn(how):
    """Gaps and infinities alone: the center is 0."""
    x = np.array([np.nan, np.inf, np.nan])
    assert center_and_spread(x, how)[0] == 0
    assert center_and_spread(x[:0], how)[0] == 0
    np.testing.assert_array_equal(fitted(np.array([np.nan]), how, x), [0])


@pytest.mark.parametrize("how", Normalize)
def test_a_gap_is_filled_with_the_center(how):
    """A missing value gives what the center gives: 0, or the mean where nothing is changed."""
    x = np.append(X, np.nan)
    z = fitted(x, how)
    np.testing.assert_array_equal(z[:5], fitted(X, how))
    assert z[5] == pytest.approx(18 if how is Normalize.NONE else 0, abs=1e-12)


def test_none_changes_nothing():
    """Numbers stay as they are, up to the largest of float32."""
    x = np.array([-1e30, 0.25, 7e9, 1e39, np.inf])
    expected = [-1e30, 0.25, 7e9, LARGEST, LARGEST]
    np.testing.assert_array_equal(fitted(x, Normalize.NONE), expected)


def test_a_wild_value_is_held_back():
    """Far outside of training a number is 10^6 spreads away, or 3 once smoothly clipped."""
    later = np.array([-np.inf, -1e308, 1e300])
    far = FARTHEST * np.array([-1, -1, 1])
    np.testing.assert_array_equal(fitted(later, Normalize.STANDARD, X), far)
    np.testing.assert_allclose(fitted(later, Normalize.ROBUST, X), [-3, -3, 3], rtol=1e-9)


def test_the_widest_spread_is_finite():
    """Quartiles further apart than the largest number."""
    x = np.array([-1.7e308, -1.7e308, 1.7e308, 1.7e308, 0])
    assert center_and_spread(x, Normalize.ROBUST) == (0, sys.float_info.max)


@pytest.mark.parametrize("how", Normalize)
@given(training=arrays, later=arrays)
def test_whatever_comes_is_finite(how, training, later):
    """NaN, infinities, the largest and the smallest numbers: finite as float32, no warning."""
    center, spread = center_and_spread(training, how)
    assert abs(center) <= sys.float_info.max
    assert 0 <= spread <= sys.float_info.max
    for x in (training, later):
        assert np.isfinite(normalized(x, how, center, spread).astype(np.float32)).all()


@pytest.mark.parametrize("how", Normalize)
@given(x=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20).map(np.array))
def test_order_is_kept(how, x):
    """A larger number never becomes a smaller one."""
    z = fitted(np.sort(x), how)
    assert (np.diff(z) >= 0).all()


@given(x=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20).map(np.array))
def test_robust_lies_within_3(x):
    """However far one value lies from the others."""
    assert (np.abs(fitted(x, Normalize.ROBUST)) <= 3).all()


@pytest.mark.parametrize("how", [Normalize.STANDARD, Normalize.ROBUST])
@pytest.mark.parametrize("unit", [3e-7, 1e250])
def test_units_do_not_matter(how, unit):
    """Millimetres or light years: the same column gives the same numbers."""
    x = stream(4, "units").normal(11, 3, 29)
    np.testing.assert_allclose(fitted(x * unit, how), fitted(x, how), rtol=1e-9, atol=1e-12)
