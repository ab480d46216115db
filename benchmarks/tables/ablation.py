"""What each part of the recipe for tables is worth: the default network with one part changed."""

import argparse
from dataclasses import replace
from multiprocessing import get_context
from typing import Final

import numpy as np

from benchmarks.options import at_least
from benchmarks.report import Report, progress
from benchmarks.tables.data import asked_for
from benchmarks.tables.judge import interval
from benchmarks.tables.one_network import Change, constant, judging, metric_of, table_of, trained

TITLE = "what each part of the recipe for tables is worth"

RATES: Final = (1e-3, 3e-3, 1e-2)
"""Learning rates, of which each network has the best by its validation rows."""

EPOCHS: Final = 40


def _changes() -> dict[str, Change]:
    from tunesmith.engine.network import Activation, Statistics
    from tunesmith.engine.schedules import Schedule, Shape

    constant = Schedule(shape=Shape.CONSTANT)
    return {
        "as it is": Change(),
        "no bins": Change(config={"bins": 1}),
        "64 bins": Change(config={"bins": 64}),
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
        "left at its best epoch": Change(best=True),
        "numbers not clamped": Change(clamped=False),
        "relu": Change(network=lambda n: replace(n, activation=Activation.RELU)),
        "mish": Change(network=lambda n: replace(n, activation=Activation.MISH)),
        "label smoothing 0.1": Change(recipe=lambda r: replace(r, label_smoothing=0.1)),
        "beta2 0.99": Change(config={"beta2": 0.99}),
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
    changes = options.changes or list(_changes())
    changes = ["as it is", *(change for change in changes if change != "as it is")]
    jobs = [(name, tuple(changes), options.seeds) for name in asked_for(options.names)]
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
        middle = f"{np.median(gains):+.4f}"
        mean, span = f"{np.mean(gains):+.4f}", f"{low:+.4f} .. {high:+.4f}"
        rows.append([change, mean, span, middle, f"{better}"])
    return Report(
        title=f"{len(scores)} tables, {options.seeds} seeds, {EPOCHS} epochs",
        columns=["changed", "mean gain", "95 % interval", "median gain", "tables better"],
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
    """Return each change's score on a table's rows that judge, the mean over seeds."""
    from tunesmith.blas import one_blas_thread
    from tunesmith.fit.space import table_space

    name, changes, seeds = job
    known, found = _changes(), {}
    defaults = {n: p.default_value for n, p in table_space().items()}
    with one_blas_thread():
        for change in (known[name] for name in changes):
            data = table_of(name, change.normalize)
            metric, (choosing, rows) = metric_of(name, data), judging(data)
            tests = []
            for seed in range(seeds):
                tried = [
                    trained(
                        data,
                        {**defaults, "learning_rate": rate, **(change.config or {})},
                        metric=metric,
                        epochs=EPOCHS,
                        seed=seed,
                        change=change,
                    )
                    for rate in RATES
                ]
                judged = [metric.of(outputs[0], data.y[choosing]) for outputs in tried]
                best = tried[int(np.nanargmax(judged))]
                tests.append(metric.of(best[1], data.y[rows]))
            found[changes[len(found)]] = float(np.mean(tests))
    found["constant"] = constant(data, metric)
    return name, found
