"""What each part of the recipe for tables is worth: the default network with one part changed."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, Final, final

import numpy as np

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress
from benchmarks.tables.data import DATA_VARIABLE, data_folder, names, text_of
from benchmarks.tables.judge import interval

TITLE = "what each part of the recipe for tables is worth"

RATES: Final = (1e-3, 3e-3, 1e-2)
"""Learning rates, of which each network has the best by its validation rows."""

EPOCHS: Final = 40


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


def _changes() -> dict[str, Change]:
    from tunesmith.engine.network import Activation, Statistics
    from tunesmith.engine.schedules import Schedule, Shape

    constant = Schedule(shape=Shape.CONSTANT)
    return {
        "as it is": Change(),
        "no bins": Change(config={"bins": 1}),
        "48 bins": Change(config={"bins": 48}),
        "no batch norm": Change(config={"batch_norm": False}),
        "no dropout": Change(config={"dropout": 0.0}),
        "dropout 0.3": Change(config={"dropout": 0.3}),
        "no weight decay": Change(config={"weight_decay": 0.0}),
        "inverse decay 0.3": Change(config={"schedule": "inverse", "decay": 0.3}),
        "constant rate": Change(recipe=lambda r: replace(r, schedule=constant)),
        "constant, averaged": Change(
            recipe=lambda r: replace(r, schedule=constant),
            network=lambda n: replace(n, bn_stats=Statistics.EXACT),
            averaged=0.4,
        ),
        "relu": Change(network=lambda n: replace(n, activation=Activation.RELU)),
        "mish": Change(network=lambda n: replace(n, activation=Activation.MISH)),
        "label smoothing 0.1": Change(recipe=lambda r: replace(r, label_smoothing=0.1)),
        "beta2 0.95": Change(config={"beta2": 0.95}),
        "beta2 0.999": Change(config={"beta2": 0.999}),
        "robust, clipped": Change(normalize="robust"),
        "exact statistics": Change(network=lambda n: replace(n, bn_stats=Statistics.EXACT)),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--names", nargs="+", metavar="TABLE", help="only these tables")
    parser.add_argument("--changes", nargs="+", metavar="CHANGE", help="only these changes")
    parser.add_argument("--seeds", type=at_least(1), default=2, help="(%(default)s)")
    parser.add_argument("--processes", type=at_least(1), default=2, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Train every change on every table, and compare each with the recipe as it is."""
    there = names()
    if not there:
        raise Refusal(
            f"{data_folder()} has no index.json: name the folder of the tables in {DATA_VARIABLE}",
            exit_code=2,
        )
    changes = options.changes or list(_changes())
    changes = ["as it is", *(change for change in changes if change != "as it is")]
    jobs = [(name, tuple(changes), options.seeds) for name in options.names or there]
    scores: dict[str, dict[str, float]] = {}
    with get_context("spawn").Pool(options.processes) as pool:
        for name, found in pool.imap(_table, jobs):
            scores[name] = found
            progress(f"{name}  " + "  ".join(f"{value:.4f}" for value in found.values()))
    return _report(scores, changes, options)


def _report(
    scores: dict[str, dict[str, float]], changes: list[str], options: argparse.Namespace
) -> Report:
    rows, figures = [], {}
    for change in changes[1:]:
        gains = [_gain(found, change) for found in scores.values()]
        low, high = interval(gains)
        better = sum(gain > 0 for gain in gains)
        figures[change] = {"mean": float(np.mean(gains)), "low": low, "high": high}
        rows.append([change, f"{np.mean(gains):+.4f}", f"{low:+.4f} .. {high:+.4f}", f"{better}"])
    return Report(
        title=f"{len(scores)} tables, {options.seeds} seeds, {EPOCHS} epochs",
        columns=["changed", "mean gain", "95 % interval", "tables better"],
        rows=rows,
        notes=[
            "gain: as a share of what the recipe as it is has above a constant model",
            "judged on rows that neither trained nor chose",
            "each network has the best of three learning rates by its validation rows",
        ],
        figures={"scores": scores, "gains": figures},
    )


def _gain(found: dict[str, float], change: str) -> float:
    return (found[change] - found["as it is"]) / (found["as it is"] - found["constant"])


def _table(job: tuple[str, tuple[str, ...], int]) -> tuple[str, dict[str, float]]:
    """Return each change's score on a table's test rows, the mean over seeds."""
    from tunesmith.blas import one_blas_thread
    from tunesmith.fit.metrics import metric_of

    name, changes, seeds = job
    known, found = _changes(), {}
    with one_blas_thread():
        for change in changes:
            data = _data(name, known[change].normalize)
            of = metric_of(data.task).of
            tests = []
            for seed in range(seeds):
                tried = [_trained(data, known[change], rate, seed) for rate in RATES]
                judged = [of(outputs[0], data.y[_lesson(data)[1]]) for outputs in tried]
                best = tried[int(np.nanargmax(judged))]
                tests.append(of(best[1], data.y[data.split.test]))
            found[change] = float(np.mean(tests))
    y = data.y[data.split.test]
    flat = (
        np.full(len(y), data.y[data.split.train].mean())
        if data.outputs == 1
        else np.tile(np.bincount(data.y[data.split.train], minlength=data.outputs), (len(y), 1))
    )
    found["constant"] = of(flat, y)
    return name, found


def _data(name: str, normalize: str) -> Any:
    """Return a table split, with its numbers normalised in that way."""
    from tunesmith.fit.data import prepare
    from tunesmith.table.columns import type_columns
    from tunesmith.table.encode import fit_encoder
    from tunesmith.table.raw import RawTable
    from tunesmith.table.target import choose_target

    text, target, task = text_of(name)
    table = type_columns(RawTable(frame=text))
    data = prepare(table, choose_target(table, target, task), seed=0)
    if normalize == "standard":
        return data
    features = table.features(target)
    encoder = fit_encoder(table, features, data.split.train, normalize=normalize)
    return replace(data, encoder=encoder, x=encoder.transform(table))


def _lesson(data: Any) -> Any:
    """Return the rows to train on, and those to choose by: one fold where rows are few."""
    return data.split.lessons[0]


def _trained(data: Any, change: Change, rate: float, seed: int) -> tuple[Any, Any]:
    """Return predictions of the validation and of the test rows after training."""
    from tunesmith.engine.train import Training
    from tunesmith.fit.lesson import Lesson, goal_of
    from tunesmith.fit.space import recipe_of, table_space

    defaults = {name: param.default_value for name, param in table_space().items()}
    config = {**defaults, "learning_rate": rate, **(change.config or {})}
    rows, judging = _lesson(data)
    goal, lesson = goal_of(data, rows), Lesson.of(data, config, rows)
    training = Training(
        change.network(lesson.network),
        change.recipe(recipe_of(config, goal.loss, EPOCHS)),
        lesson.x,
        goal.values[rows],
        seed=seed,
    )
    total, count = np.zeros(len(training.weights)), 0
    for epoch in range(EPOCHS):
        training.train_epoch()
        if epoch >= EPOCHS * (1 - change.averaged):
            total, count = total + training.weights, count + 1
    if count:
        training.weights[:] = total / count
    parts = (judging, data.split.test)
    outputs = (training.outputs(lesson.bins.spread(data.x[part])) for part in parts)
    first, second = (goal.predictions(each) for each in outputs)
    return first, second
