"""Images of another kind."""

import numpy as np
import pytest

from tunesmith.lessons.data import digits, normaliser
from tunesmith.lessons.w2_kinds_of_data import CASES, KINDS, accuracies

TABLE = digits()


def test_what_normalising_brings_back():
    """Tinted images become what they were; inverted ones stay inverted."""
    x = TABLE.train.x
    for kind, sign in (("tinted", 1), ("inverted", -1)):
        other = KINDS[kind](x)
        assert normaliser(other.reshape(-1))(other) == pytest.approx(sign * x, abs=1e-4)


def test_accuracies():
    """Good on its own kind, poor on another, good again when retrained."""
    right = dict(zip(CASES, accuracies(TABLE, 3, 0), strict=True))
    assert min(right["own kind"], right["inverted, retrained"]) > 0.9
    assert right["inverted, normalised"] < 0.2
    assert right["tinted, normalised"] == pytest.approx(right["own kind"], abs=0.01)
    assert np.argmin(list(right.values())) > 0
