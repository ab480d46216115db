"""A classifier meets images of another kind: black cats and coloured cats in small.

Tinted images are paler, on a grey ground; inverted ones are black where the others are white.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Floats
from tunesmith.lessons.data import Rows, Table, normaliser
from tunesmith.lessons.networks import dense, score, trained, with_momentum

Array = NDArray[np.float64]

KINDS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "tinted": lambda x: (0.5 * x + 1.5).astype(np.float32),
    "inverted": lambda x: -x,
}
"""What becomes of normalised pixels."""
CASES: Final = (
    "own kind",
    "tinted, as it comes",
    "tinted, normalised",
    "inverted, as it comes",
    "inverted, normalised",
    "inverted, retrained",
)
HIDDEN: Final = (32,)
EPOCHS: Final = 20


def accuracies(table: Table, seed: int, number: int) -> Array:
    """Train on images of one kind; return the accuracy on test images in each of CASES."""
    network, recipe = dense(table, HIDDEN, batch_norm=False), with_momentum(0.1)
    training = trained(network, recipe, table.train, EPOCHS, "kinds", number, seed=seed)
    right = [score(training, table.test).accuracy]
    for change in KINDS.values():
        x = change(table.test.x)
        own = normaliser(change(table.train.x).reshape(-1))
        right += [score(training, Rows(inputs, table.test.y)).accuracy for inputs in (x, own(x))]
    inverted = KINDS["inverted"]
    again = Rows(inverted(table.train.x), table.train.y)
    retrained = trained(network, recipe, again, EPOCHS, "retrained", number, seed=seed)
    right.append(score(retrained, Rows(inverted(table.test.x), table.test.y)).accuracy)
    return np.array(right)
