"""A dense network for numbers, whose hyperparameters are given."""

from typing import Any, Self, final

from tunesmith.errors import NetworkError
from tunesmith.estimators.dense import DenseEstimator
from tunesmith.estimators.network import NetworkRegressor


@final
class DenseRegressor(NetworkRegressor, DenseEstimator):
    """A dense network for numbers, with the hyperparameters given.

    It learns y on a scale of its own, with mean 0 and deviation 1, by squared error. Parameters
    and what is fitted are those of DenseClassifier, without class_weight; label_smoothing has to
    stay at 0.
    """

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch on X and y, going on from what was learned before; return self.

        The first call also types and normalises the columns, and finds the scale of y. A schedule
        that falls to 0, such as cosine, does so after `epochs` calls. Raises what `fit` raises.
        """
        self._check_parameters()
        first = not hasattr(self, "model_")
        given = self._given(X, y, sample_weight, reset=first)
        return self._go_on(given, self._learn_answers(given.y, given.rows) if first else None)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.label_smoothing:
            raise NetworkError(
                f"label_smoothing={self.label_smoothing!r} is for classes: leave it at 0"
            )
