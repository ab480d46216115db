"""Two trials on two cores against one: what the second core is worth to a search."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from statistics import median
from time import perf_counter
from typing import final

from benchmarks.engine.job import training
from benchmarks.engine.pinned import Pinned, cores
from benchmarks.engine.shapes import Shape
from benchmarks.report import Refusal, Report, progress

CORES = 2
REPEATED = 3
"""Turns in a row of one measurement: two threads do not begin and end at one moment."""


@final
class Pair:
    """Two trainings in one process, each for a thread of its own, as `tunesmith fit` runs them."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(CORES)

    def prepare(self, shape: Shape) -> None:
        """Make two trainings of the shape ready."""
        self._epochs = REPEATED * shape.epochs
        self._trainings = [training(shape, "trial", number) for number in range(CORES)]
        self.seconds(CORES)

    def seconds(self, count: int) -> float:
        """Return how long `count` trainings take, from the first start to the last end."""
        began = perf_counter()
        for done in [self._pool.submit(self._train, number) for number in range(count)]:
            done.result()
        return perf_counter() - began

    def _train(self, number: int) -> None:
        for _ in range(self._epochs):
            self._trainings[number].train_epoch()


def report(shapes: Sequence[Shape], turns: int) -> Report:
    """Measure one trial and two by turns, at every shape."""
    if len(cores()) < CORES:
        raise Refusal("two trials need two cores, and this process has one", exit_code=2)
    figures = []
    # the trials are to have one BLAS thread each, though the process has two cores
    with closing(
        Pinned(
            "benchmarks.engine.pairs:Pair",
            threads=CORES,
            environment={"OPENBLAS_NUM_THREADS": "1"},
        )
    ) as pair:
        for shape in shapes:
            pair.ask("prepare", shape)
            turn = [(pair.ask("seconds", 1), pair.ask("seconds", CORES)) for _ in range(turns)]
            one, two = (median(seconds) for seconds in zip(*turn, strict=True))
            steps = REPEATED * shape.steps
            gain = median(CORES * alone / both for alone, both in turn)
            figures.append({"shape": shape.name, "one": steps / one, "two": CORES * steps / two})
            figures[-1] |= {"ratio": gain, "ratios": [CORES * a / b for a, b in turn]}
            progress(f"{shape.name}: {gain:.2f}")
    return Report(
        title="Two trials on two cores against one trial on one",
        columns=["network", "steps/s, one", "steps/s, two", "ratio"],
        rows=[
            [f["shape"], f"{f['one']:,.0f}", f"{f['two']:,.0f}", f"{f['ratio']:.2f}"]
            for f in figures
        ],
        notes=[
            f"medians of {turns} turns, one two one two, the ratio's too; threads of one process",
            "OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are unset",
        ],
        figures={"shapes": figures},
    )
