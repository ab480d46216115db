"""What is given as y: classes or numbers, what a network learns of them, and how it is judged."""

from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets

from tunesmith.engine import reference
from tunesmith.engine.network import Floats, Loss
from tunesmith.errors import DataError
from tunesmith.fit.metrics import accuracy, r2
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import AS_THEY_ARE, TargetScale

Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]
Known = NDArray[Any]
"""What is known of each row, [N]: labels, or numbers."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Classes in order; a network has an output for each."""

    values: NDArray[Any]
    """[K], as they were given."""

    task = TaskKind.CLASSIFICATION
    loss = Loss.CROSS_ENTROPY
    scale = AS_THEY_ARE

    @classmethod
    def of(cls, y: NDArray[Any]) -> Self:
        """Return the classes that y [N] has; ValueError in scikit-learn's words if it has none."""
        check_classification_targets(y)
        return cls(np.unique(y))

    @property
    def outputs(self) -> int:
        """How many outputs a network has."""
        return len(self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as text, numbers without a needless .0."""
        plain = self.values.tolist()
        return tuple(
            str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            for value in plain
        )

    def known(self, y: NDArray[Any]) -> Labels:
        """Return each row's place among the classes; DataError for any other value."""
        places = np.searchsorted(self.values, y)
        found = self.values[np.minimum(places, self.outputs - 1)] == y
        if not np.all(found):
            other = np.asarray(y)[~found][:1].tolist()[0]
            raise DataError(
                f"y has {other!r}, which is none of the {self.outputs} classes known: "
                "leave these rows out, or name every class when you begin"
            )
        return places.astype(np.int64)

    def goal(self, known: Known) -> NDArray[Any]:
        """Return what a network is trained on: the labels."""
        return known

    def judge(self, outputs: Floats, known: Known) -> tuple[float, float]:
        """Return the cross entropy and the accuracy of outputs [N, K] for labels [N]."""
        logits = outputs.astype(np.float64)
        loss, _ = reference.softmax_cross_entropy(logits, known, np.ones(len(known)), 0.0)
        return loss, accuracy(outputs, known)


@final
@dataclass(frozen=True, slots=True)
class Amounts:
    """Numbers, and the scale on which a network is shown them."""

    scale: TargetScale

    task = TaskKind.REGRESSION
    loss = Loss.SQUARED_ERROR
    names = ()
    outputs = 1

    @classmethod
    def of(cls, y: Numbers) -> Self:
        """Return the scale on which y [N] has mean 0 and deviation 1."""
        return cls(TargetScale.of(y, clamp=False))

    def known(self, y: NDArray[Any]) -> Numbers:
        """Return y as numbers."""
        return as_numbers(y)

    def goal(self, known: Known) -> NDArray[Any]:
        """Return what a network is trained on [N, 1]: the numbers on their scale."""
        return self.scale.targets(known)

    def judge(self, outputs: Floats, known: Known) -> tuple[float, float]:
        """Return the loss, on the scale of training, and the R2 of outputs [N, 1]."""
        goal = self.goal(known).astype(np.float64)
        loss, _ = reference.squared_error(outputs.astype(np.float64), goal, np.ones(len(goal)))
        return loss, r2(self.scale.values(outputs), known)


Answers = Classes | Amounts


def as_numbers(y: NDArray[Any]) -> Numbers:
    """Return y [N] as float64; DataError for what is no number."""
    try:
        return np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"y holds what is no number ({error}): use a classifier, or give numbers"
        ) from error
