"""What is seen of a deep layer."""

import numpy as np
import pytest

from tunesmith import rng
from tunesmith.engine.network import Activation
from tunesmith.lessons.data import digits
from tunesmith.lessons.glass import gradient, parts
from tunesmith.lessons.networks import dense, trained, with_momentum
from tunesmith.lessons.w2_moving_layers import ARMS, HIDDEN, Course, Noise, follow, turn

TABLE = digits()


def test_distances_by_hand():
    """One unit from mean 0 to 3 and deviation 1 to 5, then nowhere: 5 deviations, then none."""
    course = Course(
        loss=np.ones(2),
        means=np.array([[0.0], [3.0], [3.0]]),
        deviations=np.array([[1.0], [5.0], [5.0]]),
        before=np.array([[1.0], [-1.0], [2.0]]),
        angles=np.zeros(2),
        changes=np.array([[1.0, 2.0], [2.0, 4.0], [1.0, 2.0], [3.0, 6.0]]),
    )
    assert course.moved == pytest.approx([5, 0], rel=1e-5)
    assert course.moved_before == pytest.approx(5)
    assert course.together == pytest.approx(1)


@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_learns_and_is_watched(arm):
    """One record for each epoch; the same address gives the same course."""
    one, again = (follow(TABLE, arm, 2, 3, 0) for _ in range(2))
    assert one.loss.shape == one.angles.shape == one.moved.shape == (2,)
    assert one.loss[-1] < one.loss[0]
    assert np.array_equal(one.means, again.means)


def test_noise_shifts_hidden_layers_alone():
    """Other values each time, the outputs as they are; its slope is what it stretched by."""
    noise, y = Noise(rng.stream(3)), np.ones((7, 5))
    first = noise(y, 0)
    scale = noise.scale[0]
    assert scale.min() > 0.8
    assert not np.array_equal(noise(y, 1), first)
    assert len(noise.scale) == 2
    assert noise(y, len(HIDDEN)) is y
    noise(y, 0)
    assert len(noise.scale) == 1


def test_a_gradient_does_not_turn_without_a_step(monkeypatch):
    """Nor where no layer comes before; else it does, and the network itself stays as it was."""
    network = dense(TABLE, HIDDEN, activation=Activation.SIGMOID)
    weights = trained(network, with_momentum(0.1), TABLE.train, 1, seed=3).weights
    weights = weights.astype(np.float64)
    layers, before = parts(network, weights), weights.copy()
    x, y = TABLE.train.x[:60].astype(np.float64), TABLE.train.y[:60]
    assert 0.1 < turn(network, layers, x, y) < 90
    assert np.array_equal(weights, before)
    with monkeypatch.context() as changed:
        changed.setattr("tunesmith.lessons.w2_moving_layers.DEEP", 0)
        assert turn(network, layers, x, y) == pytest.approx(0, abs=1e-4)
    monkeypatch.setattr("tunesmith.lessons.w2_moving_layers.RATE", 0.0)
    assert turn(network, layers, x, y) == pytest.approx(0, abs=1e-4)
    assert gradient(network, layers, x, y)[0] > 0
