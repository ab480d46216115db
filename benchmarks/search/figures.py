"""What was judged, as tables to read: a family each, and one over the two of grids."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.contest.figures import Results, Section, cell, compared, mean
from benchmarks.search.tables import FAMILIES

GRIDS = ("fcnet", "hpobench_nn")
"""The families whose scores are shares: their means are geometric, their comparisons ratios."""


def sections(
    results: Results, methods: Sequence[str], budgets: Sequence[int]
) -> tuple[list[Section], list[dict[str, Any]]]:
    """Return the tables of every group of families that was judged, and their figures."""
    shown, figures = [], []
    for families in (GRIDS, *((family,) for family in FAMILIES)):
        group = results.group(families)
        if {name.split("/")[0] for name in group.tables} == set(families):
            rows = [line(group, method, methods[0], budgets) for method in methods]
            rows = [row for row in rows if row["seeds"]]
            shown += [score_section(group, families, rows), ratio_section(families, rows)]
            figures.append({"families": families, "tables": group.tables, "methods": rows})
    return shown, figures


def line(group: Results, method: str, first: str, budgets: Sequence[int]) -> dict[str, Any]:
    """Return the figures of one method over one group of tables."""
    shares = group.judged[0].job.table.split("/")[0] in GRIDS
    of = group.of(method)
    times = [j.run.milliseconds for j in of.judged if j.run.milliseconds is not None]
    return {
        "method": method,
        "tables": len(of.tables),
        "seeds": len({j.job.seed for j in of.judged}),
        "milliseconds": float(np.mean(times)) if times else None,
        "mean": {b: mean(of, b, shares=shares) for b in budgets},
        "compared": {b: compared(group.of(first), of, b, shares=shares) for b in budgets},
    }


def score_section(
    group: Results, families: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> Section:
    """Return the scores of every method."""
    kind = "share of the table better, plus 1 / its size, geometric mean"
    if families[0] not in GRIDS:
        kind = "normalised regret, mean"
    return Section(
        title=f"{title(families)}, tables: {len(group.tables)}; {kind}",
        columns=["method", *map(str, rows[0]["mean"]), "tables", "seeds", "ms a trial"],
        rows=[
            [
                row["method"],
                *map(cell, row["mean"].values()),
                *(str(row["tables"]), str(row["seeds"])),
                "-" if row["milliseconds"] is None else f"{row['milliseconds']:.2f}",
            ]
            for row in rows
        ],
    )


def ratio_section(families: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Section:
    """Return the first method beside every other."""
    first = rows[0]["method"]
    how = "divided by" if families[0] in GRIDS else "minus"
    return Section(
        title=f"{title(families)}: {first} {how}",
        columns=["method", *map(str, rows[0]["mean"])],
        rows=[[row["method"], *map(cell, row["compared"].values())] for row in rows[1:]],
    )


def title(families: Sequence[str]) -> str:
    """Return the families' names."""
    return " and ".join(FAMILIES[family] for family in families)
