"""Microseconds per training step, beside PyTorch on one thread: the engine by itself.

Both train a batch-normalised network with Adam on the same shapes of random rows; PyTorch runs
eagerly with its fused Adam and gathers its batches by indexing. Least of several turns each, A B
A B, since a busy machine only ever adds time.
"""

import argparse
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np
import scipy.linalg.blas

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress
from tunesmith.engine.compiled import one_blas_thread
from tunesmith.engine.network import Network
from tunesmith.engine.train import Recipe, Training
from tunesmith.rng import stream

TITLE = "microseconds per training step, beside PyTorch on one thread"

BATCHES = 20
"""Of an epoch."""


class Shape(NamedTuple):
    """A network's widths and its batch."""

    widths: tuple[int, ...]
    batch: int

    @property
    def flops(self) -> int:
        """Operations of a step's products: three for each layer, but two for the first."""
        products = [a * b for a, b in pairwise(self.widths)]
        return 2 * self.batch * (3 * sum(products) - products[0])


SHAPES = (
    Shape((64, 32, 32, 10), 32),
    Shape((64, 64, 64, 10), 64),
    Shape((64, 128, 128, 10), 64),
    Shape((64, 256, 256, 10), 64),
    Shape((64, 128, 128, 10), 256),
    Shape((784, 512, 512, 10), 128),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--turns", type=at_least(1), default=5, help="of each side (%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Measure every shape in turn: ours, theirs, ours, theirs, ..."""
    if find_spec("torch") is None:
        raise Refusal(
            "the peer is not installed: pip install torch (for the processor is enough)",
            exit_code=2,
        )
    rows, figures = [], []
    with one_blas_thread():
        for shape in SHAPES:
            sides = our_epoch(shape), their_epoch(shape)
            seconds: list[list[float]] = [[], []]
            rate = 0.0
            for _ in range(options.turns):
                rate = max(rate, product_rate())
                for side, epoch in enumerate(sides):
                    seconds[side].append(least(epoch, turns=10))
            ours, theirs = (1e6 * min(times) / BATCHES for times in seconds)
            share = shape.flops / ours / 1e3 / rate
            name = f"{'-'.join(map(str, shape.widths))}, batch {shape.batch}"
            progress(name)
            rows.append(
                [name, f"{ours:.1f}", f"{theirs:.0f}", f"{theirs / ours:.1f}", f"{share:.0%}"]
            )
            figures.append({"shape": name, "ours": ours, "theirs": theirs, "share": share})
    return Report(
        title="one training step, float32, batch norm, Adam, one thread",
        columns=["network", "ours us", "PyTorch us", "ratio", "of the core's sgemm"],
        rows=rows,
        notes=["least of the turns; sgemm: a product of 768 x 768 by SciPy's BLAS on one thread"],
        figures={"shapes": figures},
    )


def least(epoch: Callable[[], object], *, turns: int) -> float:
    """Return the seconds of the fastest of some epochs."""
    best = float("inf")
    for _ in range(turns):
        began = perf_counter()
        epoch()
        best = min(best, perf_counter() - began)
    return best


def product_rate() -> float:
    """Return the GFLOP/s of a large product on this core."""
    a = np.asfortranarray(stream(0, "product").normal(size=(768, 768)).astype(np.float32))
    seconds = least(lambda: scipy.linalg.blas.sgemm(1.0, a, a), turns=5)
    return float(2 * 768**3 / seconds / 1e9)


def our_epoch(shape: Shape) -> Callable[[], object]:
    """Return a function that trains one epoch of our engine."""
    rng, rows = stream(0, "rows"), BATCHES * shape.batch
    inputs, *hidden, outputs = shape.widths
    x = rng.normal(size=(rows, inputs)).astype(np.float32)
    labels = rng.integers(0, outputs, rows)
    network = Network(inputs=inputs, hidden=tuple(hidden), outputs=outputs)
    return Training(network, Recipe(batch_size=shape.batch), x, labels, seed=0).train_epoch


def their_epoch(shape: Shape) -> Callable[[], object]:
    """Return a function that trains one epoch in PyTorch."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    layers: list[nn.Module] = []
    for inputs, units in pairwise(shape.widths[:-1]):
        layers += [nn.Linear(inputs, units, bias=False), nn.BatchNorm1d(units), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(*shape.widths[-2:]))
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    x = torch.randn(BATCHES * shape.batch, shape.widths[0])
    labels = torch.randint(0, shape.widths[-1], (len(x),))

    def epoch() -> None:
        order = torch.randperm(len(x))
        for rows in order.split(shape.batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[rows]), labels[rows]).backward()
            optimizer.step()

    return epoch
