import re
from xml.etree import ElementTree

import pytest

from tunesmith.report.svg.comparison import comparison

RESULT = {"score": 0.75, "interval": [0.5, 1.0], "baseline": {"linear": 0.25, "<b>": 0.5}}


def test_scores_lie_on_one_line():
    """A dot for the model and one for each baseline, in the order of their scores."""
    drawn = comparison(RESULT)
    assert ElementTree.fromstring(drawn) is not None
    xs = [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)]
    assert xs[1] < xs[2] < xs[0]
    assert "&lt;b&gt;" in drawn


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_a_baseline_that_failed_is_left_out(value):
    """It has no place on a line."""
    drawn = comparison(RESULT | {"baseline": {"linear": value}})
    assert drawn.count("<circle") == 1
