"""What every estimator of ours is once it is fitted: a network that predicts from X."""

from abc import ABC
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from tunesmith.engine.network import Floats
from tunesmith.engine.predict import Predictor
from tunesmith.engine.train import Training
from tunesmith.estimators.answers import Amounts, Answers, Classes, as_numbers
from tunesmith.estimators.inputs import Inputs, checked_x
from tunesmith.model.file import save_model
from tunesmith.model.member import Member
from tunesmith.model.model import ROWS_AT_ONCE, Model, averaged
from tunesmith.model.ownership import Written, refuse_foreign
from tunesmith.number import as_count
from tunesmith.table.columns import Column, Table
from tunesmith.table.encode import Encoder

TARGET = "y"
"""What a model calls the column that it predicts."""


class NetworkEstimator(BaseEstimator, ABC):
    """A network that predicts from X: an array of numbers, or a pandas or polars data frame.

    Missing values and, in a frame, categories and dates need no preparation.
    """

    model_: Model
    columns_: tuple[Column, ...]
    _inputs: Inputs

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the fitted model to a file that `tunesmith predict` reads.

        A model that is there is replaced; another file is only with `force`.

        Raises FileError for another file of that name, ModelError where it cannot be written,
        NotFittedError before `fit`.
        """
        check_is_fitted(self)
        remedy = "choose another name, or replace it with force=True"
        refuse_foreign(Path(path), Written.MODEL, force=force, remedy=remedy)
        save_model(self.model_, Path(path))

    def _learn_inputs(self, table: Table, rows: NDArray[np.int64], **how: str) -> Floats:
        """Learn from `rows` of a table how it is encoded; return all of it encoded."""
        self._inputs = Inputs.fit(table, rows, **how)
        self.columns_ = table.columns
        return self._inputs.encoder.transform(table)

    def _outputs(self, x: Any) -> Floats:
        """Return the network's outputs [N, K]; a row's do not depend on the other rows."""
        check_is_fitted(self)
        x = self._inputs.encode(checked_x(self, x))
        outputs = [_member_outputs(member, x) for member in self.model_.members]
        return averaged(outputs, self.model_.task)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class NetworkClassifier(ClassifierMixin, ABC):
    """How classes are predicted."""

    classes_: NDArray[Any]
    _outputs: Any

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class of each row, [N]."""
        best = self._outputs(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, [N, K], in the order of `classes_`."""
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithm of each class's probability, [N, K]."""
        logits = self._outputs(X).astype(np.float64)
        shifted = logits - logits.max(axis=1, keepdims=True)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))

    def _learn_answers(self, y: NDArray[Any], rows: NDArray[np.int64]) -> Classes:  # noqa: ARG002
        """Return the classes of y: of all of it, those of rows without weight too."""
        answers = Classes.of(y)
        self.classes_ = answers.values
        return answers


class NetworkRegressor(RegressorMixin, ABC):
    """How numbers are predicted."""

    model_: Model
    _outputs: Any

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the number of each row, [N]."""
        outputs = self._outputs(X)
        return self.model_.scale.values(outputs)

    def _learn_answers(self, y: NDArray[Any], rows: NDArray[np.int64]) -> Amounts:
        """Return the numbers' scale, learned from `rows` of y."""
        return Amounts.of(as_numbers(y)[rows])


def _member_outputs(member: Member, x: Floats) -> Floats:
    """Return one network's outputs [N, K] for encoded rows, compiled."""
    _, folded = member.folded
    predictor = Predictor(member.network)
    starts = range(0, max(len(x), 1), ROWS_AT_ONCE)  # bins take many times the room of x
    parts = (member.bins.spread(x[start : start + ROWS_AT_ONCE]) for start in starts)
    return np.concatenate([predictor.outputs(folded, part) for part in parts])


def seed_of(random_state: Any) -> int:
    """Return the seed that all chance comes from: a whole number itself, else one drawn from it.

    None draws from NumPy's global generator, as everywhere in scikit-learn.
    """
    seed = as_count(random_state, least=0)
    if seed is not None:
        return seed
    return int(check_random_state(random_state).randint(2**31 - 1))


def model_of(training: Training, answers: Answers, encoder: Encoder) -> Model:
    """Return what a training has learned so far as a model."""
    return Model(
        members=(Member.of(training),),
        encoder=encoder,
        target=TARGET,
        task=answers.task,
        classes=answers.names,
        scale=answers.scale,
    )
