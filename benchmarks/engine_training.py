"""Our side: the same networks trained by our engine, under the public loop, on threads."""

from time import perf_counter

import tunesmith as ts
from benchmarks.digits import (
    CLASSES,
    EPOCHS,
    LAYERS,
    LEARNING_RATE,
    Config,
    Digits,
    Ranges,
)
from tunesmith.blas import one_blas_thread
from tunesmith.engine.network import Network
from tunesmith.engine.optimizers import Optimizer
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.train import Training


def space(ranges: Ranges) -> ts.Space:
    """Return what the configs are drawn from."""
    return ts.Space(
        learning_rate=ts.Float(*LEARNING_RATE, scale=ts.LOG),
        units=ts.Int(*ranges.units, scale=ts.LOG),
        layers=ts.Int(*LAYERS),
        batch_size=ts.Int(*ranges.batch_size, scale=ts.LOG),
    )


def run(
    ranges: Ranges, count: int, data: Digits, seed: int, study_seed: int, workers: int
) -> tuple[float, list[Config], list[float]]:
    """Draw and train `count` configs; return the seconds, the configs and their accuracies.

    The configs are those of `study_seed`; `seed` draws weights and the order of rows. The engine
    has been compiled before.
    """

    def objective(attempt: ts.Attempt) -> None:
        training = Training(
            network(attempt, data.x.shape[1]),
            recipe(attempt),
            data.x,
            data.y,
            seed=seed,
            path=("trial", attempt.number),
        )
        for _ in attempt.epochs:
            training.train_epoch()
            right = training.outputs(data.x_valid).argmax(axis=1) == data.y_valid
            attempt.record(accuracy=right.mean())

    with one_blas_thread():
        began = perf_counter()
        history = ts.tune(
            objective,
            space(ranges),
            metric="accuracy",
            goal="max",
            search=ts.RandomSearch(),
            trials=count,
            epochs=EPOCHS,
            executor="threads",
            workers=workers,
            seed=study_seed,
        )
        seconds = perf_counter() - began
    for trial in history.trials:
        if trial.epochs_trained != EPOCHS:
            raise RuntimeError(f"trial {trial.number} was not trained in full: {trial.reason}")
    accuracies = [trial.metric("accuracy") for trial in history.trials]
    return seconds, [dict(trial.config) for trial in history.trials], accuracies


def network(config: Config, inputs: int) -> Network:
    """Return the network that a config describes."""
    hidden = (config["units"],) * config["layers"]
    return Network(inputs=inputs, hidden=hidden, outputs=CLASSES)


def recipe(config: Config) -> Recipe:
    """Return how a config trains: Adam at a constant learning rate."""
    optimizer = Optimizer(learning_rate=config["learning_rate"])
    return Recipe(optimizer=optimizer, batch_size=config["batch_size"])
