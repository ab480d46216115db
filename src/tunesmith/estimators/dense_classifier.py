"""A dense network for classes, whose hyperparameters are given."""

from typing import Any, Self, final

import numpy as np

from tunesmith.errors import DataError
from tunesmith.estimators.answers import Classes
from tunesmith.estimators.dense import DenseEstimator
from tunesmith.estimators.given import Given, with_classes_weighed
from tunesmith.estimators.network import NetworkClassifier


@final
class DenseClassifier(NetworkClassifier, DenseEstimator):
    """A dense network for classes, with the hyperparameters given.

    units, layers: units of each hidden layer, and how many there are; or `units` as a tuple, one
    width for each layer. activation: sigmoid, tanh, relu, leaky_relu, elu, selu, silu, gelu or
    mish. batch_norm: before each activation; bn_decay: weight of the old value in its running
    averages; bn_stats: "ema" for these at test time, "exact" for the statistics of all training
    rows. dropout: share of each hidden layer's outputs held at 0 while training.

    optimizer: sgd, momentum, nesterov, rmsprop, adam or adamw; `momentum` belongs to momentum and
    nesterov, beta1 and beta2 to adam and adamw, epsilon to all with beta2. schedule: constant,
    inverse, exponential, staircase, cosine or warmup_cosine, with its `decay`. batch_size: rows of
    a mini-batch; "auto" is an eighth of the rows, from 8 to 64, so that an epoch of few rows is
    several steps all the same. weight_decay: decoupled from the gradient. label_smoothing: share
    of each label spread over all classes. normalize: how numbers are, "none", "standard" or
    "robust".

    early_stopping: hold back validation_fraction of the rows, or judge by X_val, and stop once
    the loss there has not fallen for n_iter_no_change epochs; the network is that of the best.
    random_state: a seed; the same seed gives the same network, bit for bit.

    Fitted: model_ (see `save`), columns_ (what each column of X was taken for), loss_curve_,
    loss_, n_iter_, validation_loss_curve_ and validation_scores_ (accuracy or R2; None where
    nothing is judged), best_epoch_ (the network's epoch under early stopping, else the last).

    class_weight: None, "balanced", or a dict from class to what its rows count, beside
    sample_weight.
    """

    def __init__(
        self,
        *,
        units: int | tuple[int, ...] = 128,
        layers: int = 2,
        activation: str = "relu",
        batch_norm: bool = True,
        bn_decay: float = 0.9,
        bn_stats: str = "ema",
        optimizer: str = "adam",
        learning_rate: float = 1e-3,
        momentum: float = 0.9,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        schedule: str = "constant",
        decay: float = 0.0,
        batch_size: int | str = "auto",
        epochs: int = 27,
        dropout: float = 0.0,
        weight_decay: float = 0.0,
        label_smoothing: float = 0.0,
        normalize: str = "standard",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        class_weight: Any = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            units=units,
            layers=layers,
            activation=activation,
            batch_norm=batch_norm,
            bn_decay=bn_decay,
            bn_stats=bn_stats,
            optimizer=optimizer,
            learning_rate=learning_rate,
            momentum=momentum,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            schedule=schedule,
            decay=decay,
            batch_size=batch_size,
            epochs=epochs,
            dropout=dropout,
            weight_decay=weight_decay,
            label_smoothing=label_smoothing,
            normalize=normalize,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            random_state=random_state,
        )
        self.class_weight = class_weight

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch on X and y, going on from what was learned before; return self.

        classes: every class that will ever come; needed the first time. That first call also types
        and normalises the columns. A schedule that falls to 0, such as cosine, does so after
        `epochs` calls. Raises what `fit` raises, and DataError for a class that is not known.
        """
        if self.class_weight == "balanced":
            raise DataError(
                "class_weight='balanced' needs all rows at once: give partial_fit a dict instead"
            )
        self._check_parameters()
        first = not hasattr(self, "model_")
        if first and classes is None:
            raise DataError("the first call of partial_fit must know every class: give classes=")
        if not first and classes is not None:
            self._answers.known(np.asarray(classes))
        given = self._given(X, y, sample_weight, reset=first)
        answers = None
        if first:
            answers = Classes.of(np.asarray(classes))
            self.classes_ = answers.values
        return self._go_on(given, answers)

    def _given(self, x: Any, y: Any, weight: Any, *, reset: bool) -> Given:
        given = super()._given(x, y, weight, reset=reset)
        return with_classes_weighed(given, self.class_weight)
