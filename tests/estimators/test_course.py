"""A training from its first epoch to its last."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.engine.network import Network
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training
from tunesmith.errors import NetworkError
from tunesmith.estimators.answers import Classes
from tunesmith.estimators.callbacks import Reporter
from tunesmith.estimators.course import Judge, train
from tunesmith.rng import stream

CLASSES = Classes(np.arange(2))


def begin(learning_rate=0.05):
    """Return a training, and a judge on other rows; the labels are noise, so it soon overfits."""
    chance = stream(5, "course")
    x = chance.normal(size=(60, 4)).astype(np.float32)
    y = chance.integers(0, 2, 60)
    network = Network(inputs=4, hidden=(32,), outputs=2)
    recipe = Recipe(optimizer=Optimizer(learning_rate=learning_rate), batch_size=10)
    training = Training(network, recipe, x[:40], y[:40], seed=0)
    return training, Judge(answers=CLASSES, x=x[40:], known=y[40:])


def run(training, judge, *, epochs=30, patience=None):
    reporter = Reporter(ts.DenseClassifier(), None, None, epochs=epochs)
    return train(
        training, epochs=epochs, judge=judge, patience=patience, reporter=reporter, fitted=dict
    )


def test_without_a_judge():
    """Every epoch is trained, and has its loss."""
    training, _ = begin()
    course = run(training, None, epochs=7)
    assert len(course.losses) == training.epoch == 7
    assert course.losses[-1] < course.losses[0]
    assert (course.validation_losses, course.validation_scores) == ([], [])


def test_a_judge_alone_does_not_stop():
    """Each epoch is judged; the network is that of the last."""
    training, judge = begin()
    course = run(training, judge)
    assert len(course.validation_losses) == len(course.validation_scores) == training.epoch == 30
    assert course.validation_losses[-1] == judge(training)[0]


def test_patience():
    """It ends `patience` epochs after the best, and goes back to that one."""
    training, judge = begin()
    course = run(training, judge, patience=4)
    best = int(np.argmin(course.validation_losses))
    assert len(course.losses) == best + 1 + 4 < 30
    assert training.epoch == best + 1
    assert judge(training)[0] == course.validation_losses[best]


def test_a_training_that_diverges():
    """The epoch, the learning rate and the remedy are named."""
    training, _ = begin(learning_rate=1e38)
    with pytest.raises(NetworkError) as error:
        run(training, None)
    assert str(error.value) == (
        f"training diverged in epoch {training.epoch} with learning_rate=1e+38: lower it"
    )
