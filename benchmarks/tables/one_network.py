"""One network on a real table, on the rows that the arms of `tables` learn from.

What is decided by these is not decided by the rows that judge those arms.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, final

import msgspec
import numpy as np

from benchmarks.tables.data import BALANCED, TEST_SHARE, text_of


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One part changed: of the config, the network, the recipe, or how numbers are normalised."""

    config: dict[str, Any] | None = None
    network: Callable[[Any], Any] = lambda network: network
    recipe: Callable[[Any], Any] = lambda recipe: recipe
    normalize: str = "standard"
    averaged: float = 0.0
    """Share of the epochs, the last ones, whose weights are averaged."""
    best: bool = False
    """Whether it is left as it was after its best epoch, by the rows to choose by."""
    clamped: bool = True
    """Whether predicted numbers are kept within the range of those learned from."""


AS_IT_IS = Change()


def table_of(name: str, normalize: str = "standard") -> Any:
    """Return a table split, with its numbers normalised in that way."""
    from tunesmith.fit.data import prepare
    from tunesmith.table.columns import type_columns
    from tunesmith.table.encode import fit_encoder
    from tunesmith.table.raw import RawTable
    from tunesmith.table.target import choose_target

    text, target, task = text_of(name)
    known = text[: round((1 - TEST_SHARE) * text.height)]
    table = type_columns(RawTable(frame=known))
    data = prepare(table, choose_target(table, target, task), seed=0)
    if normalize == "standard":
        return data
    features = table.features(target)
    encoder = fit_encoder(table, features, data.split.train, normalize=normalize)
    return replace(data, encoder=encoder, x=encoder.transform(table))


def metric_of(name: str, data: Any) -> Any:
    """Return what networks of a table are judged by."""
    from tunesmith.fit.metrics import metric_of

    return metric_of(data.task, "balanced_accuracy" if name in BALANCED else None)


def judging(data: Any) -> Any:
    """Return the rows to choose by, one fold where rows are few, and those to judge by."""
    return data.split.lessons[0][1], data.split.test


def constant(data: Any, metric: Any) -> float:
    """Return what a model without any feature scores on the rows that judge."""
    y, known = data.y[data.split.test], data.y[data.split.train]
    if data.outputs == 1:
        return float(metric.of(np.full(len(y), known.mean()), y))
    shares = np.bincount(known, minlength=data.outputs)
    return float(metric.of(np.tile(shares, (len(y), 1)), y))


def trained(
    data: Any,
    config: dict[str, Any],
    *,
    metric: Any,
    epochs: int,
    seed: int,
    change: Change = AS_IT_IS,
) -> tuple[Any, Any]:
    """Return predictions of the rows to choose by and of those to judge by."""
    from tunesmith.engine.train import Training
    from tunesmith.fit.lesson import Lesson, targets_of
    from tunesmith.fit.space import recipe_of

    rows = data.split.lessons[0][0]
    targets, lesson = targets_of(data, rows), Lesson.of(data, config, rows)
    if not change.clamped:
        free = msgspec.structs.replace(targets.scale, low=None, high=None)
        targets = replace(targets, scale=free)
    training = Training(
        change.network(lesson.network),
        change.recipe(recipe_of(config, targets.loss, epochs)),
        lesson.x,
        targets.values[rows],
        seed=seed,
    )
    inputs = [lesson.bins.spread(data.x[part]) for part in judging(data)]

    def predicted() -> tuple[Any, Any]:
        first, second = (targets.predictions(training.outputs(x)) for x in inputs)
        return first, second

    known = data.y[judging(data)[0]]
    total, count = np.zeros(len(training.weights)), 0
    after, merits = [], []
    for epoch in range(epochs):
        training.train_epoch()
        if epoch >= epochs * (1 - change.averaged):
            total, count = total + training.weights, count + 1
        if change.best:
            after.append(predicted())
            merits.append(metric.merit(metric.of(after[-1][0], known)))
    if count:
        training.weights[:] = total / count
    return after[int(np.argmax(merits))] if change.best else predicted()
