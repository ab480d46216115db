"""An optimizer is checked where it is made."""

import math
import re

import pytest

from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.errors import NetworkError


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be a finite number above 0, got 0.0"),
        ({"learning_rate": -0.3}, "learning_rate must be a finite number above 0, got -0.3"),
        ({"learning_rate": math.nan}, "learning_rate must be a finite number above 0, got nan"),
        ({"momentum": 1.0}, "momentum must lie in [0, 1), got 1.0"),
        ({"momentum": -0.1}, "momentum must lie in [0, 1), got -0.1"),
        ({"beta1": 1.5}, "beta1 must lie in [0, 1), got 1.5"),
        ({"beta2": math.nan}, "beta2 must lie in [0, 1), got nan"),
        ({"epsilon": 0.0}, "epsilon must be a finite number above 0, got 0.0"),
        ({"epsilon": -1e-8}, "epsilon must be a finite number above 0, got -1e-08"),
        ({"weight_decay": -0.1}, "weight_decay must be a finite number of 0 or more, got -0.1"),
        ({"weight_decay": math.inf}, "weight_decay must be a finite number of 0 or more, got inf"),
        ({"clip_norm": 0.0}, "clip_norm must be None or a finite number above 0, got 0.0"),
        ({"clip_norm": -2.0}, "clip_norm must be None or a finite number above 0, got -2.0"),
        ({"clip_norm": math.nan}, "clip_norm must be None or a finite number above 0, got nan"),
    ],
)
def test_a_wrong_setting_is_refused(wrong, sentence):
    """The error names the setting, its range and the value."""
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        Optimizer(**wrong)


def test_what_is_not_finite_is_refused():
    """An infinite rate, epsilon or length is no number to train with."""
    for wrong in ({"learning_rate": math.inf}, {"epsilon": math.inf}, {"clip_norm": math.inf}):
        with pytest.raises(NetworkError, match="got inf"):
            Optimizer(**wrong)


def test_a_setting_at_its_lower_end():
    """An average that keeps nothing of the old value is an average still."""
    optimizer = Optimizer(rule=Rule.SGD, momentum=0.0, beta1=0.0, beta2=0.0, weight_decay=0.0)
    assert (optimizer.momentum, optimizer.beta1, optimizer.beta2) == (0, 0, 0)
    assert (optimizer.weight_decay, optimizer.clip_norm) == (0, None)


def test_codes_are_distinct():
    """Every rule has a code of its own."""
    assert sorted(rule.code for rule in Rule) == list(range(len(Rule)))
