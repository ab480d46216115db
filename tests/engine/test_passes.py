"""A batch through the network: what holds for any weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine import arrays, loop, passes
from tunesmith.engine.arrays import BODY, COLUMNS, KEPT, OUT, X_HAT, Z
from tunesmith.engine.network import Activation, Loss, Network, Place
from tunesmith.engine.optimizers import Rule
from tunesmith.engine.passes import TEST_TIME
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.rng import stream


def forwarded(network, rows=23):
    """Return a training whose work holds one batch taken forward, and the batch's rows."""
    rng = stream(11, "passes")
    x = rng.normal(0.3, 1, (rows, network.inputs)).astype(np.float32)
    training = Training(network, Recipe(batch_size=rows), x, np.arange(rows) % 3, seed=5)
    loop.gradient(training._arrays, training._settings, training._data, np.arange(rows), 0)
    return training, rows


def values(training, rows, layer, column):
    """Return the matrix [rows, units] that a column of the plan points to."""
    table = training._arrays.plan
    units, start = table[layer, passes.UNITS], table[layer, column]
    return training._arrays.work[start : start + rows * units].reshape(rows, units)


def test_codes_are_the_places_in_the_enums():
    """The compiled code and the enums count alike."""
    for kind in (Activation, Loss, Rule):
        assert [member.code for member in kind] == list(range(len(kind)))
        for member in kind:
            assert getattr(passes, member.name) == member.code


@pytest.mark.parametrize("place", Place)
def test_what_is_normalised_has_mean_0_and_variance_1(place):
    """Per unit, over the batch, wherever batch norm stands."""
    training, rows = forwarded(
        Network(inputs=4, hidden=(7, 5), outputs=3, bn_place=place, activation=Activation.TANH)
    )
    for layer in range(2):
        x_hat = values(training, rows, layer, X_HAT)
        np.testing.assert_allclose(x_hat.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(x_hat.var(axis=0), 1, rtol=1e-2)


def test_a_group_is_normalised_by_itself():
    """Ghost batch norm: each group of rows has mean 0."""
    training, rows = forwarded(Network(inputs=4, hidden=(7,), outputs=3, bn_group=6))
    x_hat = values(training, rows, 0, X_HAT)
    count = passes.group_count(rows, 6)
    assert count == 4
    for n in range(count):
        group = x_hat[n * rows // count : (n + 1) * rows // count]
        np.testing.assert_allclose(group.mean(axis=0), 0, atol=1e-5)


@given(rows=st.integers(1, 3000), bn_group=st.none() | st.integers(2, 400))
def test_group_count(rows, bn_group):
    """The compiled code cuts a batch into as many groups as there is room for."""
    assert passes.group_count(rows, bn_group or 0) == arrays.groups(rows, bn_group)


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_groups_do_not_see_each_other(place):
    """A row moves what batch norm makes of its own group, and no bit of another."""
    training, rows = forwarded(
        Network(inputs=4, hidden=(7, 5), outputs=3, bn_place=place, bn_group=4), rows=11
    )
    before = values(training, rows, 2, Z).copy()
    training._data.x[5] += 1  # in the second of the groups 0..2, 3..6, 7..10
    loop.gradient(training._arrays, training._settings, training._data, np.arange(rows), 0)
    changed = (values(training, rows, 2, Z) != before).any(axis=1)
    assert changed.tolist() == [False] * 3 + [True] * 4 + [False] * 4


def test_relu_in_one_pass_is_relu():
    """No output of a hidden layer is below 0, and some are above."""
    training, rows = forwarded(Network(inputs=4, hidden=(7,), outputs=3))
    out = values(training, rows, 0, BODY)
    assert training._arrays.plan.shape[1] == COLUMNS
    assert out.min() == 0
    assert out.max() > 0


# --- dropout -------------------------------------------------------------------------------------


def dropped(share=0.3, seed=5):
    """Return a Training whose two hidden layers are wide, and of one width."""
    network = Network(inputs=3, hidden=(203, 203), outputs=2, batch_norm=False, dropout=share)
    x = stream(11, "rows").normal(size=(67, 3)).astype(np.float32)
    return Training(network, Recipe(batch_size=67), x, np.arange(67) % 2, seed=seed)


def masks(training, step):
    """Return what is drawn in a step: 0, or what the rest is multiplied by; [2, 67, 203]."""
    passes.forward(training._arrays, training._settings, 67, step)
    return np.array([values(training, 67, layer, KEPT) for layer in range(2)])


@pytest.mark.parametrize("share", [0.05, 0.3, 0.71])
def test_dropout_holds_its_share(share):
    """About `share` is held at 0, in every row and unit, and the rest makes up for it."""
    training = dropped(share)
    kept = np.concatenate([masks(training, step) for step in range(20)])
    assert set(np.unique(kept)) == {0, np.float32(1 / (1 - share))}
    spread = np.sqrt(share * (1 - share))
    assert abs((kept == 0).mean() - share) < 3 * spread / np.sqrt(kept.size)
    assert abs(kept.mean(dtype=float) - 1) < 3 * spread / (1 - share) / np.sqrt(kept.size)
    for axes in ((0, 1), (0, 2), (1, 2)):  # the shares of 203 units, 67 rows, 40 masks
        shares = (kept == 0).mean(axis=axes)
        assert abs(shares - share).max() < 5 * spread / np.sqrt(kept.size / shares.size)


def test_what_dropout_gives():
    """Each output is what the layer gave, times the mask."""
    training = dropped()
    kept = masks(training, 13)
    for layer in range(2):
        body, out = values(training, 67, layer, BODY), values(training, 67, layer, OUT)
        np.testing.assert_array_equal(out, body * kept[layer])


def test_masks_are_of_their_own():
    """Two steps, layers, seeds, rows or units agree in as many places as chance would have it."""
    training = dropped()
    (first, second), (next_first, next_second) = masks(training, 13), masks(training, 14)
    other, _ = masks(dropped(seed=6), 13)
    chance = 0.3**2 + 0.7**2
    for one, two in [
        (first, second),
        (first, next_first),
        (first, next_second),
        (second, next_first),
        (first, other),
        (first[:-1], first[1:]),
        (first[:, :-1], first[:, 1:]),
    ]:
        agreement = ((one > 0) == (two > 0)).mean()
        assert abs(agreement - chance) < 5 * np.sqrt(chance * (1 - chance) / one.size)


def test_a_mask_has_an_address():
    """The same seed and step draw the same mask, whatever was drawn in between."""
    training = dropped()
    expected = [masks(training, step) for step in (3, 14, 13)][-1]
    np.testing.assert_array_equal(masks(dropped(), 13), expected)


def test_a_step_of_training_draws_its_own_mask():
    """Step number 13 of an epoch draws what belongs to step 13."""
    training, expected = dropped(), masks(dropped(), 13)
    still = (1e-30, 1e-30)
    order = np.arange(67)
    loop.train(training._arrays, training._settings, training._data, order, 1, 0, 1, 13, still)
    drawn = [values(training, 67, layer, KEPT) for layer in range(2)]
    np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_nothing_is_dropped_at_test_time(place):
    """The same weights with and without dropout give the same outputs."""
    outputs = []
    for dropout in (0.0, 0.6):
        training, rows = forwarded(
            Network(inputs=4, hidden=(7, 5), outputs=3, bn_place=place, dropout=dropout)
        )
        passes.forward(training._arrays, training._settings, rows, TEST_TIME)
        outputs.append(values(training, rows, 2, Z).copy())
    np.testing.assert_array_equal(*outputs)
