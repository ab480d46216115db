"""The outputs of the best networks, kept while a search runs."""

import math
from threading import Thread

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tunesmith.fit.metrics import METRICS
from tunesmith.fit.remembered import KEPT, Remembered


@given(
    values=st.lists(st.sampled_from([0.25, 0.5, 0.75, math.nan]) | st.floats(0, 1), max_size=60),
    name=st.sampled_from(["accuracy", "log_loss"]),
)
@example(values=[0.5] * 20, name="accuracy")
def test_the_best_are_kept(values, name):
    """The outputs of the best KEPT are there, of equals the first; of the others none."""
    leaders = Remembered(METRICS[name])
    for number, value in enumerate(values):
        leaders.add(number, value, np.full((1, 1), number, np.float32))
    finite = [n for n, value in enumerate(values) if math.isfinite(value)]
    best = sorted(finite, key=lambda n: (-METRICS[name].merit(values[n]), n))[:KEPT]
    kept = [n for n in range(len(values)) if leaders.outputs(n) is not None]
    assert kept == sorted(best)
    assert all(leaders.outputs(n).item() == n for n in kept)


@pytest.mark.parametrize("order", [1, -1])
def test_threads_may_add(order):
    """Whoever comes first, the same are kept."""
    leaders = Remembered(METRICS["accuracy"])

    def add(numbers):
        for number in numbers:
            leaders.add(number, number / 1000, np.zeros((3, 2), np.float32))

    threads = [Thread(target=add, args=(range(start, 999, 3)[::order],)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [number for number in range(999) if leaders.outputs(number) is not None]
    assert kept == list(range(999 - KEPT, 999))
