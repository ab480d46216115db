"""Studies whose truth is known."""

import math

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.blas import one_blas_thread
from tunesmith.history import History
from tunesmith.study import Study
from tunesmith.trial import Config, Measurement, State


@pytest.fixture(autouse=True)
def one_thread():
    """Hold BLAS at one thread, as who asks for advice does."""
    with one_blas_thread():
        yield


@pytest.fixture
def drawn():
    """Return a function that draws configs of a space and judges them by a function of a config.

    It gives a loss, or a list with one for each epoch; who gives no finite loss has diverged.
    """

    def play(space, losses, trials, *, epochs=1, seed=3, goal=None):
        extra = {} if goal is None else {"goal": goal}
        history = History(Study(space=space, trials=trials, epochs=epochs, seed=seed, **extra))
        for number in range(trials):
            chance = rng.stream(seed, "drawn", number)
            config = Config(space.draw(chance))
            given = losses(config, chance)
            curve = given if isinstance(given, list) else [given] * epochs
            history.start(config, len(curve))
            good = all(map(math.isfinite, curve))
            measured = [Measurement(at, {"loss": loss}) for at, loss in enumerate(curve, 1)]
            history.end(number, State.DONE if good else State.DIVERGED, measured)
        return history

    return play


@pytest.fixture
def told():
    """Return a function that makes a history of configs and losses that are written down."""

    def play(space, rows, *, seed=3):
        history = History(Study(space=space, trials=len(rows), seed=seed))
        for number, (config, loss) in enumerate(rows):
            history.start(Config(config), 1)
            state = State.DONE if np.isfinite(loss) else State.DIVERGED
            history.end(number, state, [Measurement(1, {"loss": loss})])
        return history

    return play
