"""The examples with PyTorch, JAX, Keras and LightGBM: they find what is good, and go on well."""

import pytest
from tests.examples import accuracy_of, loaded, measured


def test_pytorch(tmp_path):
    """A convolutional network with batch norm."""
    pytest.importorskip("torch")
    assert accuracy_of("pytorch_convnet", tmp_path) > 0.97


def test_jax(tmp_path):
    """A dense network of functions."""
    pytest.importorskip("jax")
    assert accuracy_of("jax_network", tmp_path) > 0.95


def test_keras(tmp_path):
    """Few trials: it takes a while to load."""
    pytest.importorskip("keras")
    assert accuracy_of("keras_network", tmp_path) > 0.7


def test_lightgbm(tmp_path):
    """Trees."""
    pytest.importorskip("lightgbm")
    assert accuracy_of("lightgbm_trees", tmp_path) > 0.9


@pytest.mark.parametrize(
    ("needs", "name"),
    [("torch", "pytorch_convnet"), ("jax", "jax_network")],
)
def test_a_training_in_parts_is_the_training_in_one(tmp_path, needs, name):
    """To the last bit: weights, momentum, running statistics, order of the rows."""
    pytest.importorskip(needs)
    example = loaded(name)
    whole = measured(example, tmp_path / "whole", (3,))
    assert measured(example, tmp_path / "parts", (1, 3)) == whole


@pytest.mark.filterwarnings("default")  # TensorFlow's own
@pytest.mark.parametrize(
    ("needs", "name"), [("keras", "keras_network"), ("lightgbm", "lightgbm_trees")]
)
def test_a_training_in_parts_goes_on(tmp_path, needs, name):
    """Its second part ends better than the first began."""
    pytest.importorskip(needs)
    example = loaded(name)
    parts = measured(example, tmp_path / "parts", (2, 4))
    assert len(parts) == 4
    assert parts[3] > parts[0]
