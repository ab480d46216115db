"""scikit-learn's callbacks, told of epochs."""

import sys
from importlib import reload

import pytest
from sklearn.base import clone

import tunesmith as ts
from tunesmith.estimators import callbacks
from tunesmith.estimators.callbacks import Reporter


class Diary:
    """A callback that writes down what it is told, and may ask to stop."""

    def __init__(self, stop_after=None):
        self.told, self.stop_after = [], stop_after

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        score = fitted_estimator.score(X, y)
        self.told.append(f"end {context.task_name} {context.task_id} {score:.4f}")
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after


def test_a_callback_follows_the_epochs(array):
    """It is told of every epoch, with an estimator that predicts as training is then."""
    x, y = array
    diary = Diary()
    model = ts.DenseClassifier(epochs=3, batch_size=9, random_state=0)
    model.set_callbacks(diary).fit(x, y)
    scores = [
        ts.DenseClassifier(epochs=epochs, batch_size=9, random_state=0).fit(x, y).score(x, y)
        for epochs in (1, 2, 3)
    ]
    expected = ["setup", "begin fit"]
    for epoch, score in enumerate(scores):
        expected += ["begin epoch", f"end epoch {epoch} {score:.4f}"]
    assert diary.told == [*expected, f"end fit 0 {scores[-1]:.4f}", "teardown"]


def test_a_callback_may_stop(array):
    """Training ends after the epoch at which a callback asks for it."""
    model = ts.DenseClassifier(epochs=9, random_state=0)
    assert model.set_callbacks(Diary(stop_after=2)).fit(*array).n_iter_ == 2
    assert clone(model).set_callbacks().fit(*array).n_iter_ == 9


def test_without_callbacks_it_is_silent():
    """No context is made, and nothing asks to stop."""
    reporter = Reporter(ts.DenseClassifier(), None, None, epochs=3)
    reporter.begin_epoch()
    assert reporter.end_epoch(lambda: pytest.fail("nobody asks for it")) is False
    reporter.end(lambda: pytest.fail("nobody asks for it"))


def test_an_older_scikit_learn(monkeypatch):
    """Without sklearn.callback the method stays as it is, and the base adds nothing."""
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    try:
        older = reload(callbacks)
        assert older.with_callbacks(len) is len
        assert older.CallbackSupportMixin is object
    finally:
        monkeypatch.undo()
        reload(callbacks)
