"""A model of trials that were judged after the same number of epochs."""

import numpy as np

from tunesmith.search.advise.modelled import modelled
from tunesmith.search.propose.axes import axes_of
from tunesmith.space import Float, Space


def test_it_foretells_what_it_has_not_seen():
    """A smooth function, at other places, to a tenth of its deviation."""
    chance = np.random.default_rng(3)
    axes = axes_of(Space(a=Float(0, 1), b=Float(0, 1)))

    def truth(points):
        return np.sin(4 * points[:, 0]) * 1.7

    seen, new = chance.random((60, 2)), chance.random((200, 2))
    mean, _ = modelled(axes, seen, truth(seen) - truth(seen).mean()).predict(new)
    assert np.abs(mean + truth(seen).mean() - truth(new)).mean() < 0.1 * truth(new).std()
