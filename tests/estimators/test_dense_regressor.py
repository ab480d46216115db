"""A network for numbers, its hyperparameters given."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.errors import DataError, NetworkError


def test_a_frame_as_it_is(frame, price):
    """Categories, dates and missing values are learned from without a pipeline."""
    model = ts.DenseRegressor(learning_rate=1e-2, random_state=3).fit(frame, price)
    assert model.score(frame, price) > 0.97


def test_it_learns_on_a_scale_of_its_own(array):
    """Numbers a million times as large, and far from 0, are learned as well."""
    x, y = array
    small = ts.DenseRegressor(random_state=3).fit(x, y)
    large = ts.DenseRegressor(random_state=3).fit(x, 1e6 * y - 3e7)
    np.testing.assert_allclose(large.predict(x), 1e6 * small.predict(x) - 3e7, rtol=1e-5)


def test_numbers_come_in_parts(array):
    """The first part sets the scale of y; later ones are learned on it."""
    x, y = array
    model = ts.DenseRegressor(random_state=3)
    for _ in range(60):
        model.partial_fit(x[:41], y[:41]).partial_fit(x[41:], y[41:])
    assert model.model_.scale.offset == pytest.approx(y[:41].mean())
    assert model.score(x, y) > 0.9


def test_label_smoothing_is_for_classes(array):
    """It is refused rather than ignored."""
    model = ts.DenseRegressor(label_smoothing=0.1)
    for fit in (model.fit, model.partial_fit):
        with pytest.raises(NetworkError) as error:
            fit(*array)
        assert str(error.value) == "label_smoothing=0.1 is for classes: leave it at 0"


def test_text_is_no_number(frame, fruit):
    """A regressor cannot learn names."""
    with pytest.raises(DataError, match="y holds what is no number"):
        ts.DenseRegressor().fit(frame, fruit)


def test_a_constant():
    """Where all numbers are the same, that one is learned."""
    model = ts.DenseRegressor(epochs=300, random_state=3)
    model.fit([[1.0], [2.0], [4.0]], [7.5, 7.5, 7.5])
    assert model.predict([[1.0], [2.0], [4.0]]) == pytest.approx([7.5] * 3, abs=0.1)
