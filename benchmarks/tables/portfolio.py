"""Which configs do well on many tables: those that a search begins with, beside many drawn."""

import argparse
from multiprocessing import get_context
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.options import at_least
from benchmarks.report import Report, progress
from benchmarks.tables.data import asked_for
from benchmarks.tables.one_network import constant, judging, metric_of, table_of, trained

TITLE = "the configs that a search of a table begins with, beside many that are drawn"

EPOCHS: Final = 40


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--names", nargs="+", metavar="TABLE", help="only these tables")
    parser.add_argument("--draws", type=at_least(1), default=32, help="(%(default)s)")
    parser.add_argument("--seed", type=at_least(0), default=0, help="(%(default)s)")
    parser.add_argument("--processes", type=at_least(1), default=2, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Train the defaults, the portfolio and the drawn configs in full on every table."""
    configs = _configs(options.draws, options.seed)
    jobs = [(name, configs) for name in asked_for(options.names)]
    scores: dict[str, NDArray[np.float64]] = {}
    with get_context("spawn").Pool(options.processes) as pool:
        for name, found in pool.imap(_table, jobs):
            scores[name] = found
            progress(f"{name}  defaults {found[0, 1]:.4f}  best of all {found[:-1, 1].max():.4f}")
    return _report(scores, len(configs) - options.draws, options)


def _configs(draws: int, seed: int) -> list[dict[str, Any]]:
    """Return the defaults, the portfolio in its order, and configs drawn from the space."""
    from tunesmith import rng
    from tunesmith.fit.portfolio import portfolio
    from tunesmith.fit.space import table_space

    space = table_space()
    drawn = [space.draw(rng.stream(seed, "portfolio", n)) for n in range(draws)]
    return [space.defaults(), *map(dict, portfolio(space)), *drawn]


def _report(
    scores: dict[str, NDArray[np.float64]], known: int, options: argparse.Namespace
) -> Report:
    """Say how near the best of all the defaults come, so many of the portfolio, and of the draws.

    Each choice is made by the rows to choose by, and judged by the others.
    """
    groups = {"the defaults": [0]}
    groups |= {f"the first {n} of the portfolio": list(range(1, n + 1)) for n in range(1, known)}
    total = known + options.draws
    groups |= {
        f"the first {n} drawn": list(range(known, known + n))
        for n in (1, 4, 8, 16, 32, 64)
        if n <= options.draws
    }
    rows, figures = [], {}
    for group, places in groups.items():
        found = [_scaled(table, places, total) for table in scores.values()]
        figures[group] = found
        rows.append([group, f"{np.mean(found):.4f}", f"{np.min(found):.4f}"])
    return Report(
        title=f"{len(scores)} tables, each config trained for {EPOCHS} epochs",
        columns=["the best of", "mean", "worst table"],
        rows=rows,
        notes=[
            "chosen by some rows, judged by others; 0 for a constant model, 1 for the best of all",
        ],
        figures={"scores": {n: s.tolist() for n, s in scores.items()}, "groups": figures},
    )


def _scaled(table: NDArray[np.float64], places: list[int], total: int) -> float:
    """Return the score of the one of `places` that is chosen, scaled; see `_table`."""
    least = table[total, 1]
    chosen = places[int(np.argmax(table[places, 0]))]
    return float((table[chosen, 1] - least) / (table[:total, 1].max() - least))


def _table(job: tuple[str, list[dict[str, Any]]]) -> tuple[str, NDArray[np.float64]]:
    """Return the scores of each config, by the rows to choose by and those to judge by.

    [configs + 1, 2]; the last row is of a constant model; what diverged is far below it.
    """
    from tunesmith.blas import one_blas_thread

    name, configs = job
    with one_blas_thread():
        data = table_of(name)
        metric, parts = metric_of(name, data), judging(data)
        found = [
            [
                metric.of(predictions, data.y[rows])
                for predictions, rows in zip(
                    trained(data, config, metric=metric, epochs=EPOCHS, seed=0), parts, strict=True
                )
            ]
            for config in configs
        ]
    flat = constant(data, metric)
    return name, np.nan_to_num(np.array([*found, [flat, flat]]), nan=flat - 1.0)
