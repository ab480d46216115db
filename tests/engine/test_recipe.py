"""Recipes: what they refuse, the batches a table is cut into, and what compiled code is told."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine.network import Activation, Loss, Network, Place
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe, batch_count, settings_of
from tunesmith.errors import NetworkError


@given(rows=st.integers(2, 3000), batch_size=st.integers(1, 400))
def test_batches_suit_batch_norm(rows, batch_size):
    """No batch has one row; none is larger than batch_size unless rows would be left alone."""
    count = batch_count(rows, batch_size, batch_norm=True)
    sizes = np.diff(np.arange(count + 1) * rows // count)
    assert sizes.sum() == rows
    assert np.ptp(sizes) <= 1
    assert sizes.min() >= 2
    unavoidable = batch_size == 1 or (batch_size == 2 and rows % 2 == 1)
    assert sizes.max() <= (3 if unavoidable else batch_size)


@given(rows=st.integers(1, 3000), batch_size=st.integers(1, 400))
def test_batches_without_batch_norm(rows, batch_size):
    """As few as hold all rows, and one row alone is a batch too."""
    assert batch_count(rows, batch_size, batch_norm=False) == math.ceil(rows / batch_size)


@pytest.mark.parametrize(
    ("rows", "batch_size", "expected"),
    [(129, 64, 3), (128, 64, 2), (65, 64, 2), (5, 2, 2), (3, 1, 1), (2, 1, 1), (2, 500, 1)],
)
def test_batch_count(rows, batch_size, expected):
    """129 rows are 43 + 43 + 43, not 64 + 64 + 1."""
    assert batch_count(rows, batch_size, batch_norm=True) == expected


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"batch_size": 0}, "batch_size must be a whole number of 1 or more, got 0"),
        ({"batch_size": -5}, "batch_size must be a whole number of 1 or more, got -5"),
        ({"batch_size": 2.5}, "batch_size must be a whole number of 1 or more, got 2.5"),
        ({"label_smoothing": 1.0}, "label_smoothing must lie in [0, 1), got 1.0"),
        ({"label_smoothing": -0.1}, "label_smoothing must lie in [0, 1), got -0.1"),
        ({"label_smoothing": math.nan}, "label_smoothing must lie in [0, 1), got nan"),
    ],
)
def test_a_wrong_recipe_is_refused(wrong, sentence):
    """The error names the setting and its value."""
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Recipe(**wrong)


def test_settings():
    """Every setting stands under its own name, as a number of the kind that was compiled for."""
    network = Network(
        inputs=3,
        hidden=(5,),
        outputs=2,
        activation=Activation.GELU,
        bn_place=Place.AFTER,
        bn_group=np.int64(4),
        bn_decay=0.7,
        bn_epsilon=1,
        dropout=0.3,
    )
    optimizer = Optimizer(
        rule=Rule.NESTEROV,
        momentum=0.6,
        beta1=0.5,
        beta2=0,
        epsilon=0.01,
        weight_decay=2,
        clip_norm=np.float32(3),
    )
    recipe = Recipe(loss=Loss.HUBER, optimizer=optimizer, label_smoothing=0.2)
    settings = settings_of(network, recipe, 13)
    assert settings._asdict() == {
        "activation": Activation.GELU.code,
        "loss": Loss.HUBER.code,
        "rule": Rule.NESTEROV.code,
        "momentum": 0.6,
        "beta1": 0.5,
        "beta2": 0,
        "epsilon": 0.01,
        "weight_decay": 2,
        "clip_norm": 3,
        "smoothing": 0.2,
        "bn_after": True,
        "bn_group": 4,
        "bn_decay": 0.7,
        "bn_epsilon": 1,
        "dropout": 0.3,
        "dropout_key": 13,
    }
    other = settings_of(Network(inputs=3, hidden=(5,), outputs=2), Recipe(), 5)
    assert [type(value) for value in settings] == [type(value) for value in other]


def test_what_is_not_asked_for_is_0():
    """No clipping and no groups are 0; without batch norm nothing is normalised after anything."""
    network = Network(inputs=3, hidden=(5,), outputs=2, batch_norm=False, bn_place=Place.AFTER)
    settings = settings_of(network, Recipe(), 5)
    assert (settings.clip_norm, settings.bn_group, settings.bn_after) == (0, 0, False)
