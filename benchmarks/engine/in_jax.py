"""JAX's side: all steps of a turn in one compiled scan, the state donated, on one thread."""

from functools import partial
from time import perf_counter
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
from jax import lax

from benchmarks.engine.job import first_weights, orders, rows
from benchmarks.engine.shapes import Shape

DECAY, EPSILON = 0.9, 1e-5
"""Of batch norm."""
RATE, BETA1, BETA2, TINY = 1e-3, 0.9, 0.999, 1e-8
"""Of Adam."""

Tree = Any
"""Arrays in lists and dicts."""


class State(NamedTuple):
    """All that changes in a step."""

    weights: Tree
    """A dict for each layer, as first_weights gives them."""
    first: Tree
    """Adam's running means of the gradient, and of its square."""
    second: Tree
    averages: Tree
    """Running mean and variance [H] of each hidden layer."""
    step: jax.Array


def loss_of(weights: Tree, x: jax.Array, labels: jax.Array) -> tuple[jax.Array, Tree]:
    """Return a batch's mean loss, and the mean and variance of each hidden layer."""
    statistics = []
    for layer in weights[:-1]:
        z = x @ layer["w"]
        mean, variance = z.mean(0), z.var(0)
        statistics.append((mean, variance))
        x_hat = (z - mean) * lax.rsqrt(variance + EPSILON)
        x = jax.nn.relu(layer["gamma"] * x_hat + layer["beta"])
    shares = jax.nn.log_softmax(x @ weights[-1]["w"] + weights[-1]["bias"])
    right = jax.nn.one_hot(labels, shares.shape[1])
    return -(right * shares).sum(1).mean(), statistics


def one_step(x: jax.Array, labels: jax.Array, state: State, chosen: jax.Array) -> Any:
    """Return the state after a batch, and its loss."""
    slopes = jax.value_and_grad(loss_of, has_aux=True)
    (loss, statistics), gradient = slopes(state.weights, x[chosen], labels[chosen])
    each, step = jax.tree.map, state.step + 1
    first = each(lambda v, g: BETA1 * v + (1 - BETA1) * g, state.first, gradient)
    second = each(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, state.second, gradient)
    rate, root = RATE / (1 - BETA1**step), jnp.sqrt(1 - BETA2**step)
    weights = each(
        lambda w, v, s: w - rate * v / (jnp.sqrt(s) / root + TINY), state.weights, first, second
    )
    averages = each(lambda old, new: DECAY * old + (1 - DECAY) * new, state.averages, statistics)
    return State(weights, first, second, averages, step), loss


@partial(jax.jit, donate_argnums=2)
def train(x: jax.Array, labels: jax.Array, state: State, batches: jax.Array) -> Any:
    """Return the state after all batches [steps, batch], and their losses [steps]."""
    return lax.scan(partial(one_step, x, labels), state, batches)


@final
class Jax:
    """JAX on the one core it is given."""

    def prepare(self, shape: Shape) -> float:
        """Make ready to train; return the seconds of compiling a whole turn."""
        weights = jax.tree.map(jnp.array, first_weights(shape))
        zeros, units = jax.tree.map(jnp.zeros_like, weights), shape.widths[1:-1]
        averages = [(jnp.zeros(n), jnp.ones(n)) for n in units]
        again = jax.tree.map(jnp.copy, zeros)
        self._state = State(weights, zeros, again, averages, jnp.zeros((), jnp.float32))
        x, labels = rows(shape)
        self._rows = jnp.array(x), jnp.array(labels, jnp.int32)
        self._shape, self._turns = shape, 0
        batches = jax.ShapeDtypeStruct((shape.steps, shape.batch), jnp.int32)
        began = perf_counter()
        self._train = train.lower(*self._rows, self._state, batches).compile()
        return perf_counter() - began

    def turn(self) -> tuple[float, float]:
        """Train for a turn; return its seconds and the mean loss of its last epoch."""
        batches = jnp.array(orders(self._shape, self._turns), jnp.int32)
        self._turns += 1
        began = perf_counter()
        self._state, losses = self._train(*self._rows, self._state, batches)
        jax.block_until_ready((self._state, losses))
        seconds = perf_counter() - began
        return seconds, float(losses[-len(losses) // self._shape.epochs :].mean())
