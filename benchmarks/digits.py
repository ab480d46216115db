"""The job that both sides of a comparison do: digits, and how networks for it are drawn."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

Config = Mapping[str, Any]

EPOCHS = 27
CLASSES = 10

LEARNING_RATE = (1e-4, 1e-1)
"""Drawn on a log scale."""
LAYERS = (1, 3)


class Ranges(NamedTuple):
    """What differs between the spaces; both drawn on a log scale."""

    units: tuple[int, int]
    """Of each hidden layer."""
    batch_size: tuple[int, int]
    """Rows."""


SPACES = {"small": Ranges((8, 64), (16, 64)), "wide": Ranges((16, 256), (16, 256))}
"""Small networks cost a framework more in calls than in arithmetic; wide ones the other way."""


class Digits(NamedTuple):
    """8 x 8 pixels, standardised by the training rows."""

    x: NDArray[np.float32]
    """[N, 64]"""
    y: NDArray[np.int64]
    """[N]"""
    x_valid: NDArray[np.float32]
    y_valid: NDArray[np.int64]


def load() -> Digits:
    """Return scikit-learn's digits: 1,437 rows to train on, 360 to validate, always the same."""
    x, y = load_digits(return_X_y=True)
    x, x_valid, y, y_valid = train_test_split(x, y, test_size=0.2, stratify=y, random_state=0)
    scaler = StandardScaler().fit(x)
    return Digits(
        scaler.transform(x).astype(np.float32),
        y.astype(np.int64),
        scaler.transform(x_valid).astype(np.float32),
        y_valid.astype(np.int64),
    )
