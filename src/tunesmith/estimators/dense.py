"""One dense network whose hyperparameters are given: what its classifier and regressor share."""

from abc import ABC
from typing import Any, Self

import numpy as np
from sklearn.base import is_classifier

from tunesmith.engine.network import Floats, check_count
from tunesmith.engine.train import Training
from tunesmith.estimators.answers import Answers
from tunesmith.estimators.callbacks import CallbackSupportMixin, Reporter, with_callbacks
from tunesmith.estimators.course import Judge, train, train_epoch
from tunesmith.estimators.given import Given, Rows, check_given, check_validation, held_back
from tunesmith.estimators.inputs import table_of
from tunesmith.estimators.network import NetworkEstimator, model_of, seed_of
from tunesmith.estimators.settings import count_of, flag_of, hidden_of, network_of, recipe_of
from tunesmith.model.model import Model


class DenseEstimator(CallbackSupportMixin, NetworkEstimator, ABC):
    """What both dense estimators are; DenseClassifier tells of the parameters."""

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
        random_state: Any = None,
    ) -> None:
        self.units = units
        self.layers = layers
        self.activation = activation
        self.batch_norm = batch_norm
        self.bn_decay = bn_decay
        self.bn_stats = bn_stats
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.schedule = schedule
        self.decay = decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.normalize = normalize
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Train on X [N, D], an array or a data frame, and y [N]; return self.

        sample_weight [N]: what each row counts; one of weight 0 is left out. X_val, y_val: rows
        that are not trained on and on which each epoch is judged; early stopping goes by them
        instead of by a part of X.

        Raises ValueError in scikit-learn's words for what is no X or y, DataError for a frame
        that cannot be learned from, NetworkError for parameters that cannot be meant and for a
        training that diverges.
        """
        self._check_parameters()
        given = self._given(X, y, sample_weight, reset=True)
        own = check_validation(self, X_val, y_val)
        self._seed = seed_of(self.random_state)
        rows, held = self._parts(given, own)
        answers = self._learn_answers(given.y, rows)
        x = self._learn_inputs(table_of(given.x), rows, normalize=self.normalize)
        judge = None
        if own is not None:
            judge = Judge(answers=answers, x=self._inputs.encode(own.x), known=answers.known(own.y))
        elif len(held):
            judge = Judge(answers=answers, x=x[held], known=answers.known(given.y[held]))
        training = self._training(answers, x[rows], given, rows)
        epochs = count_of("epochs", self.epochs)
        course = train(
            training,
            epochs=epochs,
            judge=judge,
            patience=count_of("n_iter_no_change", self.n_iter_no_change) if self._stops else None,
            reporter=Reporter(self, given.x, given.y, epochs=epochs),
            fitted=lambda: {"model_": self._model(training, answers)},
        )
        self.loss_curve_ = course.losses
        self.validation_loss_curve_ = course.validation_losses if judge else None
        self.validation_scores_ = course.validation_scores if judge else None
        return self._keep(training, answers)

    def _go_on(self, given: Given, answers: Answers | None) -> Self:
        """Train for one more epoch, on what is given; the first time begin with `answers`."""
        rows = given.rows
        if answers is not None:
            self._seed = seed_of(self.random_state)
            x = self._learn_inputs(table_of(given.x), rows, normalize=self.normalize)
            self.loss_curve_ = []
            self.validation_loss_curve_ = self.validation_scores_ = None
        else:
            answers = self._answers
            x = self._inputs.encode(given.x)
        training = self._training(answers, x[rows], given, rows)
        if self.loss_curve_:
            training.restore(self._state)
        self.loss_curve_ = [*self.loss_curve_, train_epoch(training)]
        return self._keep(training, answers)

    def _given(self, x: Any, y: Any, weight: Any, *, reset: bool) -> Given:
        """Check what is given; batch norm needs two rows at least."""
        batch_norm = flag_of("batch_norm", self.batch_norm)
        least = 2 if batch_norm and hidden_of(self.units, self.layers) else 1
        return check_given(self, x, y, weight, reset=reset, rows=least)

    def _parts(self, given: Given, own: Given | None) -> tuple[Rows, Rows]:
        """Return the rows to train on, and those held back to judge by."""
        if own is not None or not self._stops:
            return given.rows, np.empty(0, dtype=np.int64)
        share, by_class = self.validation_fraction, is_classifier(self)
        return held_back(given, share=share, by_class=by_class, seed=self._seed)

    def _training(self, answers: Answers, x: Floats, given: Given, rows: Rows) -> Training:
        """Return a training of this network on `rows`, x [len(rows), D + C], not yet begun."""
        return Training(
            network_of(self, self._inputs.encoder, answers),
            recipe_of(self, answers, len(rows)),
            x,
            answers.goal(answers.known(given.y[rows])),
            weight=given.weight_of(rows),
            seed=self._seed,
        )

    def _model(self, training: Training, answers: Answers) -> Model:
        """Return what the training has learned so far."""
        return model_of(training, answers, self._inputs.encoder)

    def _keep(self, training: Training, answers: Answers) -> Self:
        """Keep what a training has learned, and what it needs to go on."""
        self.model_ = self._model(training, answers)
        self.n_iter_, self.loss_ = len(self.loss_curve_), self.loss_curve_[-1]
        self.best_epoch_ = training.epoch
        self._answers, self._state = answers, training.state()
        return self

    @property
    def _stops(self) -> bool:
        """Whether training may end early."""
        return flag_of("early_stopping", self.early_stopping)

    def _check_parameters(self) -> None:
        """Refuse what would otherwise be seen only later, or never."""
        check_count("epochs", self.epochs)
        check_count("n_iter_no_change", self.n_iter_no_change)
