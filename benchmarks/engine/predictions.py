"""The networks whose predictions are timed, ours and PyTorch's, on the same million rows."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, final

import numpy as np

from benchmarks.engine.job import parts, training
from benchmarks.engine.shapes import Shape
from tunesmith.engine.network import Floats
from tunesmith.engine.predict import Predictor
from tunesmith.engine.train import Training
from tunesmith.rng import stream

SHAPE = Shape((64, 64, 64, 10), 64)
ROWS = 1_000_000
CALLS = 2_000
"""Predictions of one row in a turn."""

SAMPLE = slice(0, ROWS, 9_973)
"""Rows whose outputs are compared."""


def trained() -> Training:
    """Return the network after an epoch, so that its batch norm does something."""
    whole = training(SHAPE)
    whole.train_epoch()
    return whole


def million() -> Floats:
    """Draw the rows [N, D]."""
    return stream(0, "million").standard_normal((ROWS, SHAPE.widths[0]), dtype=np.float32)


def one_by_one(outputs: Callable[[Any], object], row: object) -> float:
    """Return the seconds of one prediction of one row, as the median of a loop."""
    seconds = []
    for _ in range(CALLS):
        began = perf_counter()
        outputs(row)
        seconds.append(perf_counter() - began)
    return median(seconds)


@final
class OurPredictions:
    """Our engine on the cores it is given, a thread each."""

    def __init__(self, threads: int) -> None:
        network = trained()
        predictor = Predictor(network.network, threads=threads)
        self._outputs = partial(predictor.outputs, network.folded())
        self._x = million()

    def row(self) -> float:
        """Return the seconds of one row."""
        return one_by_one(self._outputs, self._x[:1])

    def rows(self) -> tuple[float, Floats]:
        """Return the seconds of a million rows, and the outputs of a sample."""
        began = perf_counter()
        outputs = self._outputs(self._x)
        return perf_counter() - began, outputs[SAMPLE].copy()


@final
class TorchPredictions:
    """PyTorch on the cores it is given: batch norm folded or plain, in chunks or at once."""

    def __init__(self, threads: int, folded: bool, chunk: int) -> None:
        import torch

        from benchmarks.engine import in_torch

        torch.set_num_threads(threads)
        self._torch, self._chunk = torch, chunk
        ours = trained()
        bare = replace(ours.network, batch_norm=False)
        weights = parts(bare, ours.folded()) if folded else parts(ours.network, ours.weights)
        self._model = in_torch.network(weights).eval()
        if not folded:
            in_torch.set_statistics(self._model, *ours.statistics())
        self._x = torch.from_numpy(million())

    def row(self) -> float:
        """Return the seconds of one row."""
        with self._torch.inference_mode():
            return one_by_one(self._model, self._x[:1])

    def rows(self) -> tuple[float, Floats]:
        """Return the seconds of a million rows, and the outputs of a sample."""
        with self._torch.inference_mode():
            began = perf_counter()
            outputs = self._torch.empty(ROWS, SHAPE.widths[-1])
            for start in range(0, ROWS, self._chunk):
                rows = slice(start, start + self._chunk)
                outputs[rows] = self._model(self._x[rows])
            return perf_counter() - began, outputs[SAMPLE].numpy().copy()
