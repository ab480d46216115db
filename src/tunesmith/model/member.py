"""One trained network of a model: from a table's encoded rows to outputs."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np

from tunesmith.engine import reference
from tunesmith.engine.network import Floats, Network, fold
from tunesmith.engine.whole import parts, present
from tunesmith.table.bins import NO_BINS, Bins

if TYPE_CHECKING:
    from tunesmith.engine.train import Training


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """A network and its weights; it needs NumPy alone, no compiler."""

    network: Network
    weights: Floats
    """[network.weight_count], with gamma and beta; see Network.layers."""
    mean: Floats
    """[network.statistics_count], the batch-norm means used at test time."""
    variance: Floats
    bins: Bins = NO_BINS
    """What its numbers are spread over before they reach the network."""

    @classmethod
    def of(cls, training: "Training", bins: Bins = NO_BINS) -> "Member":
        """Return what a training has learned so far; it may go on, and this stays."""
        mean, variance = training.statistics()
        return cls(
            network=training.network,
            weights=training.weights.copy(),
            mean=mean,
            variance=variance,
            bins=bins,
        )

    @cached_property
    def folded(self) -> tuple[Network, Floats]:
        """The same network without batch norm, and its weights with batch norm folded in."""
        plain = replace(self.network, batch_norm=False, dropout=0.0)
        return plain, fold(self.network, self.weights, self.mean, self.variance)

    def outputs(self, x: Floats) -> Floats:
        """Return the network's outputs [N, K] for encoded rows x [N, D + C]."""
        network, weights = self.folded
        activate, _ = reference.ACTIVATIONS[network.activation]
        x = self.bins.spread(x)
        a: Any = x[:, : network.inputs]
        for number, layer in enumerate(network.layers):
            own = parts(layer, weights)
            a = reference.add_bias(reference.linear(a, own.w), present(own.bias))
            if number == 0:
                a = a + _gathered(network, weights, x)
            if number < len(network.hidden):
                a = activate(a)
        return np.asarray(a)


def _gathered(network: Network, weights: Floats, x: Floats) -> Any:
    """Return the sum of the weight rows of each category's slot, [N, H]; 0 without categories."""
    rows = weights[network.dense_count :].reshape(-1, network.widths[1])
    first = np.cumsum((0, *network.categories))[:-1]
    places = first + x[:, network.inputs :].astype(np.int64)
    return sum(rows[place] for place in places.T)
