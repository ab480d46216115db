"""What networks learn: targets and inputs."""

import numpy as np
import pytest
from tests.fit.test_objective import CONFIG

from tunesmith.engine.network import Loss
from tunesmith.fit.lesson import Lesson, targets_of
from tunesmith.fit.space import network_of
from tunesmith.table.bins import NO_BINS, Bins


def test_predictions_of_classes_are_their_logits(datas):
    """A metric judges what the network puts out."""
    targets = targets_of(datas["fruit"], datas["fruit"].split.train)
    logits = np.array([[0.5, -3.0, 2.0]], np.float32)
    assert targets.loss is Loss.CROSS_ENTROPY
    assert targets.predictions(logits) is logits


def test_predictions_of_numbers_are_in_the_targets_unit(datas):
    """Back from the standardised scale, within the range of the rows learned from."""
    data = datas["price"]
    rows = data.split.train
    targets = targets_of(data, rows)
    predicted = targets.predictions(np.array([[0.0], [1.0], [99.0]], np.float32))
    mean, deviation = data.y[rows].mean(), data.y[rows].std()
    np.testing.assert_allclose(predicted, [mean, mean + deviation, data.y[rows].max()])


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_a_lesson_drawn_by_hand(datas, name):
    """Bins are fitted on the rows given and widen the network; categories stay behind them."""
    data = datas[name]
    rows = data.split.train[4:60]
    lesson = Lesson.of(data, CONFIG, rows)
    bins = Bins.of(data.x[rows, :3], 5)
    assert lesson.bins == bins != Bins.of(data.x[data.split.train, :3], 5)
    assert lesson.network == network_of(
        CONFIG, inputs=3 + bins.width, categories=(5,), outputs=data.outputs
    )
    np.testing.assert_array_equal(lesson.x, bins.spread(data.x[rows]))


def test_a_lesson_without_bins(datas):
    """One bin is the number itself."""
    data = datas["price"]
    lesson = Lesson.of(data, {**CONFIG, "bins": 1}, data.split.train)
    assert lesson.bins == NO_BINS
    np.testing.assert_array_equal(lesson.x, data.x[data.split.train])
