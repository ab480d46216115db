"""The engine compiled anew, which takes most of a minute."""

import os
import subprocess
import sys

from tunesmith.engine.compiled import CACHE_VARIABLE

TRAIN = """
import numpy as np
from tunesmith.engine.network import Network, Place
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training, warm_up

{first}
x = np.sin(np.arange(203 * 5, dtype=np.float32)).reshape(203, 5)
for place in Place:
    network = Network(inputs=5, hidden=(19, 8), outputs=3, bn_place=place)
    training = Training(network, Recipe(batch_size=67), x, np.arange(203) % 3, seed=7)
    training.train_epoch()
    print(training.weights.tobytes().hex(), training.outputs(x).tobytes().hex())
"""


def test_the_process_that_compiles_trains_as_any_other(tmp_path):
    """What the first process computes, the next one, which loads compiled code, computes again.

    Sums that may be reordered fail here: of a function compiled for itself and inside others,
    whichever copy is loaded first is the one that runs.
    """
    environment = {**os.environ, CACHE_VARIABLE: str(tmp_path)}
    printed = [
        subprocess.run(
            [sys.executable, "-c", TRAIN.format(first=first)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for first in ("warm_up()", "")
    ]
    assert len(printed[0]) > 1000
    assert printed[1] == printed[0]
