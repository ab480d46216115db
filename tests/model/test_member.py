"""A network on its own: bins, layers and categories, as its own words say."""

import numpy as np
import pytest

from tunesmith.engine.network import Activation, Network
from tunesmith.engine.predict import Predictor
from tunesmith.model.member import Member
from tunesmith.rng import stream
from tunesmith.table.bins import Bins

NOTHING = np.empty(0, np.float32)

EDGES = ((-1.0, 0.0, 0.5, 2.0), (), (10.0, 20.0, 40.0, 50.0))
"""Of three numbers; the second has no bins."""


def member_of(weights, *, bins, categories=(), hidden=(), **more):
    """Return a network of one output without batch norm."""
    network = Network(
        inputs=3 + bins.width,
        categories=categories,
        hidden=hidden,
        outputs=1,
        batch_norm=False,
        **more,
    )
    return Member(
        network=network,
        weights=np.asarray(weights, np.float32),
        mean=NOTHING,
        variance=NOTHING,
        bins=bins,
    )


def test_bins_come_behind_the_numbers():
    """Each of nine inputs has a weight that shows it; the bias is 0.5, the categories' last."""
    weights = [1, 10, 100, *(1e3, 2e3, 4e3), *(1e4, 2e4, 4e4), 0.5, 1e6, 2e6]
    member = member_of(weights, bins=Bins(EDGES), categories=(2,))
    x = np.array([[0.25, 3, 30, 1], [5, -4, 5, 0]], np.float32)
    first = 0.25 + 30 + 3000 + (1e3 + 1e3) + (1e4 + 1e4) + 0.5 + 2e6
    second = 5 - 40 + 500 + 7e3 + 0.5 + 1e6
    np.testing.assert_array_equal(member.outputs(x), [[first], [second]])


def test_without_bins_the_numbers_are_the_inputs():
    """Nothing comes between."""
    member = member_of([1, 10, 100, 0.5], bins=Bins())
    np.testing.assert_array_equal(member.outputs(np.array([[1, 2, 3]], np.float32)), [[321.5]])


@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_outputs_are_the_compiled_ones(activation):
    """Plain NumPy and the kernels agree on rows that are spread over bins."""
    bins = Bins(EDGES)
    chance = stream(7, "member")
    network = Network(
        inputs=3 + bins.width, categories=(4, 3), hidden=(6, 5), outputs=2, activation=activation
    )
    member = Member(
        network=network,
        weights=chance.normal(size=network.weight_count).astype(np.float32),
        mean=chance.normal(size=network.statistics_count).astype(np.float32),
        variance=chance.uniform(0.5, 2, network.statistics_count).astype(np.float32),
        bins=bins,
    )
    slots = [chance.integers(slots, size=(29, 1)) for slots in network.categories]
    x = np.hstack([chance.normal(size=(29, 3)) * [1, 1, 30], *slots]).astype(np.float32)
    outputs = member.outputs(x)
    assert (outputs.shape, outputs.dtype) == ((29, 2), np.float32)
    _, folded = member.folded
    compiled = Predictor(network).outputs(folded, bins.spread(x))
    np.testing.assert_allclose(outputs, compiled, rtol=1e-4, atol=1e-4)


def test_what_is_folded_is_kept():
    """It is worked out once for a network."""
    member = member_of([1, 10, 100, 0.5], bins=Bins())
    assert member.folded is member.folded
