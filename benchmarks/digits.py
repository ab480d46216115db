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
UNITS = (16, 128)
"""Of each hidden layer; drawn on a log scale."""
LAYERS = (1, 3)
BATCH_SIZE = (32, 128)
"""Rows; drawn on a log scale."""


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
