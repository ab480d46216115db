"""Print the seconds from the import of the engine to its first step done, as JSON.

`python -m benchmarks.engine.first_step`, in a process of its own; with `all`, everything is
compiled or loaded before.
"""

import json
import sys
from time import perf_counter

BEGAN = perf_counter()

from benchmarks.engine.job import training  # noqa: E402  the import is what is measured
from benchmarks.engine.shapes import SHAPES  # noqa: E402
from tunesmith.engine.train import warm_up  # noqa: E402

if __name__ == "__main__":
    imported = perf_counter()
    if "all" in sys.argv:
        warm_up()
    warm = perf_counter()
    training(SHAPES[1]).train_epoch()
    done = perf_counter()
    seconds = {"import": imported - BEGAN, "warm_up": warm - imported, "step": done - warm}
    print(json.dumps({**seconds, "all": done - BEGAN}))
