"""Keras 3: a dense network with batch norm; a checkpoint is the model's own file."""

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import tunesmith as ts

IMAGES, LABELS = load_digits(return_X_y=True)
TRAIN_X, VALID_X, TRAIN_Y, VALID_Y = train_test_split(IMAGES / 16, LABELS, random_state=0)

SPACE = ts.Space(
    learning_rate=ts.Float(1e-4, 0.3, scale=ts.LOG, priority=1),
    units=ts.Int(16, 128, scale=ts.LOG, priority=2),
)


def begin(units, learning_rate):
    """Return a new model."""
    layers = [
        keras.Input((64,)),
        keras.layers.Dense(units, use_bias=False),  # batch norm would cancel a bias
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.Dense(10),
    ]
    model = keras.Sequential(layers)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def train(attempt):
    """Go on from the checkpoint if there is one; record each epoch; leave a checkpoint."""
    saved = attempt.checkpoint / "model.keras"
    keras.utils.set_random_seed(1000 * attempt.number + attempt.epochs.start)
    if saved.exists():
        model = keras.models.load_model(saved)  # with the state of its optimizer
    else:
        model = begin(attempt["units"], attempt["learning_rate"])
    for _ in attempt.epochs:
        model.fit(TRAIN_X, TRAIN_Y, batch_size=128, verbose=0)
        attempt.record(accuracy=model.evaluate(VALID_X, VALID_Y, 512, verbose=0)[1])
    part = saved.with_name("part.keras")
    model.save(part)
    part.replace(saved)  # whole, or not there
    keras.backend.clear_session()


if __name__ == "__main__":
    history = ts.tune(train, SPACE, metric="accuracy", goal="max", trials=3, epochs=3)
    best = history.best
    print(f"accuracy {best.metric('accuracy'):.3f} with {dict(best.config)}")
