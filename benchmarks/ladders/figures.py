"""What was judged, as tables to read: two of each family."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.contest.figures import Results, Section, cell, compared, mean, paired
from benchmarks.contest.statistics import quotient
from benchmarks.ladders.curves import FAMILIES


def sections(
    results: Results, methods: Sequence[str], peers: Sequence[str], budgets: Sequence[int]
) -> tuple[list[Section], list[dict[str, Any]]]:
    """Return the tables of every family that was judged, and their figures."""
    shown, figures = [], []
    for family in FAMILIES:
        group = results.group([family])
        rows = [line(group, method, methods[0], budgets) for method in methods]
        rows = [row for row in rows if row["seeds"]]
        if rows:
            shown += [regrets(group, family, rows), beside(family, rows, peers)]
            figures.append({"family": family, "tables": group.tables, "methods": rows})
    return shown, figures


def line(group: Results, method: str, first: str, budgets: Sequence[int]) -> dict[str, Any]:
    """Return the figures of one method on one family."""
    of = group.of(method)
    times = [j.run.milliseconds for j in of.judged if j.run.milliseconds is not None]
    spent = [
        np.array([j.run.returned[budget]["epochs"] for j in of.judged if budget in j.scores], float)
        for budget in budgets
    ]
    pairs = {budget: paired(group.of(first), of, budget) for budget in budgets}
    return {
        "method": method,
        "tables": len(of.tables),
        "seeds": len({j.job.seed for j in of.judged}),
        "milliseconds": float(np.mean(times)) if times else None,
        "epochs": [float(epochs.mean()) if epochs.size else None for epochs in spent],
        "mean": {b: mean(of, b, shares=False) for b in budgets},
        "minus": {b: compared(group.of(first), of, b, shares=False) for b in budgets},
        "divided": {b: quotient(*pair) if pair[0] else None for b, pair in pairs.items()},
    }


def regrets(group: Results, family: str, rows: Sequence[Mapping[str, Any]]) -> Section:
    """Return the regret of every method."""
    return Section(
        title=f"{FAMILIES[family]}, tasks: {len(group.tables)}; normalised regret, mean",
        columns=[
            *("method", *map(str, rows[0]["mean"])),
            *("tasks", "seeds", "epochs used", "ms a trial"),
        ],
        rows=[
            [
                *(row["method"], *map(cell, row["mean"].values())),
                *(str(row["tables"]), str(row["seeds"])),
                " ".join("-" if epochs is None else f"{epochs:.0f}" for epochs in row["epochs"]),
                "-" if row["milliseconds"] is None else f"{row['milliseconds']:.2f}",
            ]
            for row in rows
        ],
    )


def beside(family: str, rows: Sequence[Mapping[str, Any]], peers: Sequence[str]) -> Section:
    """Return the first method beside every other, and which peer is the best."""
    first, budgets = rows[0]["method"], list(rows[0]["mean"])
    others = [row for row in rows[1:] if row["method"] in peers]
    return Section(
        title=f"{FAMILIES[family]}: {first} beside the others",
        columns=["method", *(f"{b}: {how}" for b in budgets for how in ("minus", "divided by"))],
        rows=[
            [row["method"], *(cell(row[how][b]) for b in budgets for how in ("minus", "divided"))]
            for row in rows[1:]
        ],
        notes=[best(first, others, b) for b in budgets if others],
    )


def best(first: str, peers: Sequence[Mapping[str, Any]], budget: int) -> str:
    """Return a sentence about the best of these peers, with the first method beside it."""
    there = [row for row in peers if row["mean"][budget] is not None]
    if not there:
        return f"no peer was run for {budget}"
    row = min(there, key=lambda row: row["mean"][budget].value)
    divided = row["divided"][budget]
    beaten = "" if divided is None else f"; {first} divided by it is {cell(divided)}"
    return f"the best peer at {budget}: {row['method']}{beaten}"
