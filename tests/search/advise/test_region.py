"""Where a study has looked."""

from types import MappingProxyType

import numpy as np
import pytest

from tunesmith.history import History
from tunesmith.search.advise.judged import judged
from tunesmith.search.advise.region import good_region, whole_space
from tunesmith.search.propose.axes import axes_of
from tunesmith.space import Choice, Float, Space
from tunesmith.study import Round, Study
from tunesmith.trial import Config

SPACE = Space(a=Float(0, 1, limits=(-1, 2)), kind=Choice(("x", "y")))
AXES = axes_of(SPACE)
ROUNDS = [
    Round(
        number=number,
        first=number,
        low=(0.25 * number, 0.0),
        high=(0.75, 1.0),
        whole_low=(0.0, 0.0),
        whole_high=(1.0 + 0.5 * number, 1.0),
        ranges=MappingProxyType({"a": (0.25, 0.75)}),
        reason="",
    )
    for number in range(2)
]


def test_without_rounds(drawn):
    """The whole space is as given, the good region where the best quarter lies, options open."""
    history = drawn(SPACE, lambda config, _: abs(config["a"] - 0.3), 40)
    whole = whole_space(AXES, history)
    assert (whole.low.tolist(), whole.high.tolist()) == ([0, 0], [1, 1])
    rung = judged(history.study, history)[0]
    region = good_region(AXES, history, rung)
    places = rung.points[:10, 0]
    assert (region.low.tolist(), region.high.tolist()) == ([places.min(), 0], [places.max(), 1])
    assert places.min() < 0.3 < places.max()


def test_with_rounds(drawn):
    """The last round says it; the first has narrowed nothing yet."""
    history = History(Study(space=SPACE, trials=9))
    history.start(Config({"a": 0.3, "kind": "x"}), 1, opened=ROUNDS[0])
    rung = judged(*(lambda h: (h.study, h))(drawn(SPACE, lambda c, _: c["a"], 8)))[0]
    assert good_region(AXES, history, rung).high[0] == pytest.approx(rung.points[1, 0])
    history.start(Config({"a": 0.3, "kind": "x"}), 1, opened=ROUNDS[1])
    assert whole_space(AXES, history).high.tolist() == [1.5, 1]
    assert good_region(AXES, history, rung).low.tolist() == [0.25, 0]


def test_where_all_diverged(drawn):
    """There is no good region."""
    history = drawn(SPACE, lambda *_: np.nan, 7)
    assert good_region(AXES, history, judged(history.study, history)[0]) is None
