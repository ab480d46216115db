"""A network for numbers, its hyperparameters searched."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.errors import DataError


def test_a_frame_as_it_is(frame, price):
    """Categories, dates and missing values are learned from without a pipeline."""
    model = ts.TunedRegressor(trials=4, random_state=3).fit(frame[::2], price[::2])
    assert model.score(frame[1::2], price[1::2]) > 0.7
    assert model.history_.study.metric == "r2"


def test_predictions_stay_within_what_was_seen(array):
    """A network knows nothing of what lies beyond."""
    x, y = array
    model = ts.TunedRegressor(trials=3, random_state=3).fit(x, y)
    far = model.predict(np.vstack([100 * x, -100 * x]))
    assert y.min() <= far.min() <= far.max() <= y.max()


def test_a_constant(array):
    """Configs cannot be compared by R2 there."""
    with pytest.raises(DataError, match="y is 7 in all 83 rows"):
        ts.TunedRegressor(trials=3).fit(array[0], np.full(83, 7))
