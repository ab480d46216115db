"""Prediction: a row's outputs are its own, whatever is asked beside it and by how many threads."""

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.engine.network import Activation, Network, Place
from tunesmith.engine.predict import ROWS_AT_ONCE, ROWS_PER_THREAD, Predictor
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.errors import NetworkError
from tunesmith.rng import stream

NETWORKS = {
    "biases": Network(inputs=5, hidden=(9, 4), outputs=3, batch_norm=False),
    "before": Network(inputs=5, hidden=(9, 4), outputs=3, dropout=0.2),
    "after": Network(
        inputs=5, hidden=(9, 4), outputs=3, bn_place=Place.AFTER, activation=Activation.MISH
    ),
    "no layers": Network(inputs=5, hidden=(), outputs=3),
    "categories": Network(inputs=3, hidden=(9,), outputs=3, categories=(4, 6)),
    "categories alone": Network(inputs=0, hidden=(9,), outputs=3, categories=(4, 6, 2)),
}
MANY = 3 * ROWS_PER_THREAD + 77
"""Rows enough for three threads, which do not share them out evenly."""


def table(network, rows):
    """Draw inputs: numbers, then slots."""
    chance = stream(7, "predict")
    numbers = chance.normal(size=(rows, network.inputs))
    slots = [chance.integers(count, size=(rows, 1)) for count in network.categories]
    return np.hstack([numbers, *slots]).astype(np.float32)


@cache
def trained(name):
    """Return a training after an epoch, always the same."""
    x = table(NETWORKS[name], 47)
    training = Training(NETWORKS[name], Recipe(batch_size=9), x, np.arange(47) % 3, seed=7)
    training.train_epoch()
    return training


@pytest.mark.parametrize("name", NETWORKS)
def test_threads_change_nothing(name):
    """One, two, three or more threads than are of use: every bit of the outputs."""
    network, folded = NETWORKS[name], trained(name).folded()
    x = table(network, MANY)
    alone = Predictor(network).outputs(folded, x)
    assert np.isfinite(alone).all()
    for threads in (2, 3, 5):
        shared = Predictor(network, threads=threads).outputs(folded, x)
        assert shared.tobytes() == alone.tobytes()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("count", [1, 2, 7, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, MANY])
def test_a_row_is_predicted_alone(count, threads):
    """Its outputs do not depend on the rows around it, nor on how many there are."""
    network, folded = NETWORKS["categories"], trained("categories").folded()
    x = table(network, MANY)
    together = Predictor(network).outputs(folded, x)
    predictor = Predictor(network, threads=threads)
    first = predictor.outputs(folded, x[:count])
    np.testing.assert_allclose(first, together[:count], rtol=0, atol=1e-6)
    chosen = stream(7, "some").permutation(MANY)[:count]
    np.testing.assert_allclose(
        predictor.outputs(folded, x[chosen]), together[chosen], rtol=0, atol=1e-6
    )


@settings(max_examples=30)
@given(start=st.integers(0, 900), count=st.integers(1, 600))
def test_any_slice_is_predicted_alike(start, count):
    """Rows from anywhere, as many as one likes."""
    network, folded = NETWORKS["before"], trained("before").folded()
    x = table(network, 1500)
    whole = Predictor(network).outputs(folded, x)[start : start + count]
    part = Predictor(network).outputs(folded, x[start : start + count])
    np.testing.assert_allclose(part, whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_no_row_no_outputs(name, threads):
    """An empty table gives an empty one."""
    network = NETWORKS[name]
    x = np.empty((0, network.columns), np.float32)
    outputs = Predictor(network, threads=threads).outputs(trained(name).folded(), x)
    assert (outputs.shape, outputs.dtype) == ((0, 3), np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_predictor_needs_only_the_folded_weights(name):
    """Folded weights in a Predictor give what the Training gives, for x of any layout."""
    network, training = NETWORKS[name], trained(name)
    x = np.asfortranarray(table(network, 300), dtype=np.float64)
    x.flags.writeable = False
    outputs = Predictor(network).outputs(training.folded(), x)
    assert outputs.dtype == np.float32
    expected = training.outputs(x.astype(np.float32))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)


def test_one_predictor_serves_many_weights():
    """What was predicted with other weights before leaves nothing behind."""
    network, folded = NETWORKS["categories"], trained("categories").folded()
    x, predictor = table(network, 300), Predictor(network, threads=2)
    before = predictor.outputs(folded, x)
    other = predictor.outputs(2 * folded, x)
    assert not np.allclose(other, before)
    assert predictor.outputs(folded, x).tobytes() == before.tobytes()


@pytest.mark.parametrize("threads", [1, 3])
def test_an_output_that_is_no_number_stays_in_its_row(threads):
    """NaN among a row's numbers is seen in its outputs, and in no other row's."""
    network, folded = NETWORKS["before"], trained("before").folded()
    x = table(network, MANY)
    x[[3, MANY - 1], 2] = np.nan
    bad = np.isnan(Predictor(network, threads=threads).outputs(folded, x)).any(axis=1)
    assert np.flatnonzero(bad).tolist() == [3, MANY - 1]


@pytest.mark.parametrize("columns", [slice(0, 1), 2, slice(0, 4)])
def test_rows_of_another_width_are_not_predicted(columns):
    """Neither one column, nor a vector, nor four columns pass for five."""
    x = table(NETWORKS["before"], 47)[:, columns]
    sentence = f"x must have shape [N, 5], got {list(x.shape)}: give one column for each input"
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Predictor(NETWORKS["before"]).outputs(trained("before").folded(), x)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_slot_that_there_is_not_is_not_predicted(threads):
    """It would be read from beyond the weights."""
    x = table(NETWORKS["categories"], MANY)
    x[MANY - 5, 4] = 6
    sentence = "column 4 is a category: its slots must be whole numbers from 0 to 5, got 6 at row"
    with pytest.raises(NetworkError, match=f"^{sentence} {MANY - 5}$"):
        Predictor(NETWORKS["categories"], threads=threads).outputs(np.zeros(1), x)


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_threads_are_counted(threads):
    """The error names what was given."""
    sentence = f"^threads must be a whole number of 1 or more, got {threads}$"
    with pytest.raises(NetworkError, match=sentence):
        Predictor(NETWORKS["before"], threads=threads)
