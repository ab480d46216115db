"""A dense network for numbers, whose hyperparameters are searched."""

from typing import final

from tunesmith.estimators.network import NetworkRegressor
from tunesmith.estimators.tuned import TunedEstimator


@final
class TunedRegressor(NetworkRegressor, TunedEstimator):
    """A dense network for numbers, with the hyperparameters that a search finds.

    Networks are compared by R2, or by the metric named: rmse or mae. Predictions stay within the
    range of the y that was learned from. Parameters and what is fitted are those of
    TunedClassifier, without classes_.
    """
