"""When to stop: once the loss on other rows has not fallen for a while; and back to its best."""

import math
from collections.abc import Mapping
from typing import Any, final

from numpy.typing import NDArray

from tunesmith.engine.network import check_count
from tunesmith.engine.train import Training


@final
class EarlyStopping:
    """Watches a training from epoch to epoch, and keeps its state at the best of them.

    `patience` is how many epochs in a row may pass without a loss below the best so far
    (Prechelt 1998). Raises NetworkError for a patience that is no whole number of 1 or more.
    """

    def __init__(self, training: Training, *, patience: int) -> None:
        check_count("patience", patience)
        self.patience = patience
        self.best_epoch = 0
        """The epoch with the smallest loss; 0 while there was none that is finite."""
        self.best_loss = math.inf
        self._training = training
        self._state: Mapping[str, NDArray[Any]] = training.state()
        self._start = training.epoch

    def watch(self, loss: float) -> bool:
        """Take the loss after an epoch, such as on validation rows; return whether to stop.

        A loss that is not finite stops at once: what has diverged does not come back.
        """
        if not math.isfinite(loss):
            return True
        epoch = self._training.epoch
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, epoch
            self._state = self._training.state()
        return epoch - max(self.best_epoch, self._start) >= self.patience

    def restore(self) -> None:
        """Take the training back to its best epoch, or to where it was when this began."""
        self._training.restore(self._state)
