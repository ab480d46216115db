"""What was judged, as tables to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest.runs import Judged
from benchmarks.contest.statistics import Estimate, estimate, geometric
from benchmarks.machine import machine
from benchmarks.report import table


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table, with its title and the sentences below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def lines(self) -> list[str]:
        """Return it as lines."""
        return [self.title, "", *table(self.columns, self.rows), *self.notes, ""]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """A benchmark's answer in several tables."""

    sections: Sequence[Section]
    notes: Sequence[str]
    figures: Mapping[str, Any]
    machine: Mapping[str, str] = field(default_factory=machine)

    def text(self) -> str:
        """Return it as lines: every table, notes, machine."""
        about = [f"{name}: {value}" for name, value in self.machine.items()]
        tables = chain.from_iterable(section.lines() for section in self.sections)
        return "\n".join([*tables, *self.notes, *about])

    def to_builtins(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {"machine": dict(self.machine), **self.figures}


@final
@dataclass(frozen=True, slots=True)
class Results:
    """All that was judged, by method, table and seed."""

    judged: Sequence[Judged]

    def group(self, families: Sequence[str]) -> "Results":
        """Return what was judged on tables of these families."""
        return Results([j for j in self.judged if j.job.table.split("/")[0] in families])

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        return sorted({j.job.table for j in self.judged})

    def of(self, method: str) -> "Results":
        """Return what was judged of one method."""
        return Results([j for j in self.judged if j.job.method == method])

    def scores(self, budget: int) -> dict[str, dict[int, float]]:
        """Return the scores by table and seed."""
        scores: dict[str, dict[int, float]] = {name: {} for name in self.tables}
        for j in self.judged:
            if budget in j.scores:
                scores[j.job.table][j.job.seed] = j.scores[budget]
        return {name: by_seed for name, by_seed in scores.items() if by_seed}


def mean(results: Results, budget: int, *, shares: bool) -> Estimate | None:
    """Return the mean score of one method; None if nothing was judged."""
    tables = [np.array(list(seeds.values())) for seeds in results.scores(budget).values()]
    return (geometric if shares else estimate)(tables) if tables else None


def paired(
    ours: Results, peer: Results, budget: int
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Return our scores and a peer's, an array a table, for the tables and seeds of both."""
    mine, others = ours.scores(budget), peer.scores(budget)
    left, right = [], []
    for name in sorted(mine.keys() & others.keys()):
        seeds = sorted(mine[name].keys() & others[name].keys())
        if seeds:
            left.append(np.array([mine[name][seed] for seed in seeds]))
            right.append(np.array([others[name][seed] for seed in seeds]))
    return left, right


def compared(ours: Results, peer: Results, budget: int, *, shares: bool) -> Estimate | None:
    """Return our scores beside a peer's, paired by table and seed: a ratio or a difference."""
    pairs = list(zip(*paired(ours, peer, budget), strict=True))
    if not pairs:
        return None
    if shares:
        return geometric([left / right for left, right in pairs])
    return estimate([left - right for left, right in pairs])


def cell(value: Estimate | None) -> str:
    """Return a mean with its interval, two digits each."""
    if value is None:
        return "-"
    mean, low, high = (digits(number) for number in value)
    return f"{mean} ({low} .. {high})"


def digits(number: float) -> str:
    """Return a number with two digits that count, without an exponent."""
    return np.format_float_positional(number, precision=2, fractional=False, trim="-")
