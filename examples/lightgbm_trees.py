"""LightGBM: an epoch is one more tree for each class; a checkpoint is the model's own file."""

import lightgbm
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import tunesmith as ts

IMAGES, LABELS = load_digits(return_X_y=True)
TRAIN_X, VALID_X, TRAIN_Y, VALID_Y = train_test_split(IMAGES, LABELS, random_state=0)

SPACE = ts.Space(
    learning_rate=ts.Float(0.01, 1.0, scale=ts.LOG, priority=1),
    num_leaves=ts.Int(3, 31, scale=ts.LOG, priority=2),
    min_data_in_leaf=ts.Int(3, 100, scale=ts.LOG, priority=2),
    lambda_l2=ts.Float(1e-4, 30.0, scale=ts.LOG, priority=3),
)
SETTINGS = {"objective": "multiclass", "num_class": 10, "num_threads": 1, "verbosity": -1}


def train(attempt):
    """Go on from the checkpoint if there is one; record each epoch; leave a checkpoint."""
    saved = attempt.checkpoint / "model.txt"

    def record(step):
        votes = step.model.predict(VALID_X, num_threads=1)
        attempt.record(accuracy=np.mean(votes.argmax(axis=1) == VALID_Y))

    model = lightgbm.train(
        SETTINGS | dict(attempt) | {"seed": attempt.number},
        lightgbm.Dataset(TRAIN_X, TRAIN_Y),
        num_boost_round=len(attempt.epochs),
        init_model=str(saved) if saved.exists() else None,
        callbacks=[record],
    )
    part = saved.with_suffix(".part")
    model.save_model(part)
    part.replace(saved)  # whole, or not there


if __name__ == "__main__":
    history = ts.tune(train, SPACE, metric="accuracy", goal="max", trials=16, epochs=16)
    best = history.best
    print(f"accuracy {best.metric('accuracy'):.3f} with {dict(best.config)}")
