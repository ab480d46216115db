"""scikit-learn: a linear classifier that is trained epoch by epoch with partial_fit."""

import joblib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

import tunesmith as ts

IMAGES, LABELS = load_digits(return_X_y=True)
TRAIN_X, VALID_X, TRAIN_Y, VALID_Y = train_test_split(IMAGES / 16, LABELS, random_state=0)

SPACE = ts.Space(
    eta0=ts.Float(1e-4, 1.0, scale=ts.LOG, priority=1),
    alpha=ts.Float(1e-7, 0.1, scale=ts.LOG, priority=2),
    loss=ts.Choice(("hinge", "log_loss", "modified_huber"), priority=3),
)


def train(attempt):
    """Go on from the checkpoint if there is one; record each epoch; leave a checkpoint."""
    saved = attempt.checkpoint / "model.joblib"
    if saved.exists():
        model = joblib.load(saved)
    else:
        model = SGDClassifier(learning_rate="constant", random_state=attempt.number, **attempt)
    for epoch in attempt.epochs:
        rows = np.random.default_rng([attempt.number, epoch]).permutation(len(TRAIN_X))
        model.partial_fit(TRAIN_X[rows], TRAIN_Y[rows], classes=range(10))
        attempt.record(accuracy=model.score(VALID_X, VALID_Y))
    part = saved.with_suffix(".part")
    joblib.dump(model, part)
    part.replace(saved)  # whole, or not there


if __name__ == "__main__":
    history = ts.tune(train, SPACE, metric="accuracy", goal="max", trials=40, epochs=16)
    best = history.best
    print(f"accuracy {best.metric('accuracy'):.3f} with {dict(best.config)}")
