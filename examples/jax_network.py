"""JAX: a dense network in a few functions; what it is made of is one tree of arrays."""

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import tunesmith as ts

IMAGES, LABELS = load_digits(return_X_y=True)
TRAIN_X, VALID_X, TRAIN_Y, VALID_Y = map(
    jnp.asarray, train_test_split((IMAGES / 16).astype(np.float32), LABELS, random_state=0)
)
BATCH, UNITS = 64, 64

SPACE = ts.Space(
    learning_rate=ts.Float(1e-4, 1.0, scale=ts.LOG, priority=1),
    momentum=ts.Float(0.5, 0.99, scale=ts.LOG1M, priority=2),
    weight_decay=ts.Float(1e-6, 1e-2, scale=ts.LOG, priority=3),
)


def outputs(weights, x):
    """Return the logits of two layers."""
    return jax.nn.relu(x @ weights["first"] + weights["shift"]) @ weights["last"]


def loss(weights, x, y, decay):
    """Return the cross-entropy and the decay of the weights."""
    chosen = jnp.take_along_axis(jax.nn.log_softmax(outputs(weights, x)), y[:, None], axis=1)
    return decay * sum(jnp.sum(w**2) for w in weights.values()) - chosen.mean()


@jax.jit
def train_epoch(state, order, rate, momentum, decay):
    """Take a step for each batch; the rates are arguments, so that it is compiled once."""

    def step(state, rows):
        weights, speed = state
        slope = jax.grad(loss)(weights, TRAIN_X[rows], TRAIN_Y[rows], decay)
        speed = {name: momentum * speed[name] + slope[name] for name in weights}
        return ({name: weights[name] - rate * speed[name] for name in weights}, speed), None

    return jax.lax.scan(step, state, order)[0]


def begin(seed):
    """Return new weights, and their speed, which is 0."""
    chance = np.random.default_rng(seed)
    weights = {
        "first": chance.normal(0, (2 / 64) ** 0.5, (64, UNITS)),
        "shift": np.zeros(UNITS),
        "last": chance.normal(0, UNITS**-0.5, (UNITS, 10)),
    }
    weights = {name: jnp.asarray(w, jnp.float32) for name, w in weights.items()}
    return weights, {name: jnp.zeros_like(w) for name, w in weights.items()}


def train(attempt):
    """Go on from the checkpoint if there is one; record each epoch; leave a checkpoint."""
    state = begin(attempt.number)
    saved = attempt.checkpoint / "state.npz"
    if saved.exists():
        with np.load(saved) as arrays:
            state = tuple({n: jnp.asarray(arrays[f"{i}.{n}"]) for n in state[i]} for i in (0, 1))
    batches = len(TRAIN_X) // BATCH
    for epoch in attempt.epochs:
        rows = np.random.default_rng([attempt.number, epoch]).permutation(len(TRAIN_X))
        order = rows[: batches * BATCH].reshape(batches, BATCH)
        state = train_epoch(state, order, *attempt.values())
        hits = outputs(state[0], VALID_X).argmax(axis=1) == VALID_Y
        attempt.record(accuracy=hits.mean())
    part = saved.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, **{f"{i}.{name}": w for i in (0, 1) for name, w in state[i].items()})
    part.replace(saved)  # whole, or not there


if __name__ == "__main__":
    history = ts.tune(train, SPACE, metric="accuracy", goal="max", trials=30, epochs=16)
    best = history.best
    print(f"accuracy {best.metric('accuracy'):.3f} with {dict(best.config)}")
