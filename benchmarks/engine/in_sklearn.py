"""scikit-learn's side: MLPClassifier, which has no batch norm and draws its own first weights."""

from time import perf_counter
from typing import final

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.engine.job import orders, rows
from benchmarks.engine.shapes import Shape


@final
class Sklearn:
    """MLPClassifier on the one core it is given, an epoch a call, without its L2."""

    def prepare(self, shape: Shape) -> None:
        """Make ready to train; the first call draws the weights and makes a first step."""
        self._shape, self._turns, self._rows = shape, 0, rows(shape)
        self._classes = np.arange(shape.widths[-1])
        self._model = MLPClassifier(
            shape.widths[1:-1], batch_size=shape.batch, alpha=0.0, shuffle=False
        )

    def turn(self) -> tuple[float, float]:
        """Train for a turn; return its seconds and the mean loss of its last epoch."""
        epochs = orders(self._shape, self._turns).reshape(self._shape.epochs, -1)
        self._turns += 1
        (x, labels), began = self._rows, perf_counter()
        for order in epochs:
            self._model.partial_fit(x[order], labels[order], classes=self._classes)
        return perf_counter() - began, float(self._model.loss_)
