"""A contest on the command line: its options, and what comes of them."""

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, final

from benchmarks.contest.contest import Contest
from benchmarks.contest.runs import Judged
from benchmarks.options import at_least
from benchmarks.report import Refusal

SEEDS = 20


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A contest that was held."""

    methods: Sequence[str]
    budgets: Sequence[int]
    tables: Sequence[str]
    versions: Sequence[str]
    """Of the peers."""
    ends: Sequence[Judged]
    """By table, method and seed."""

    def figures(self, groups: Sequence[Any]) -> dict[str, Any]:
        """Return all that was measured as plain data, with the `groups` that were made of it."""
        return {
            "budgets": self.budgets,
            "tables": self.tables,
            "peers": self.versions,
            "groups": groups,
            "runs": [
                {
                    "table": end.job.table,
                    "method": end.job.method,
                    "seed": end.job.seed,
                    "scores": end.scores,
                    "milliseconds": end.run.milliseconds,
                }
                for end in self.ends
            ],
        }


def add_options(
    parser: argparse.ArgumentParser,
    contest: Contest,
    *,
    budgets: Sequence[int],
    least: int,
    unit: str,
) -> None:
    """Add the options that every contest has; a budget is counted in `unit`, `least` or more."""
    add, usual = parser.add_argument, " ".join(map(str, budgets))
    add("--tables", nargs="+", metavar="NAME", help="FAMILY or FAMILY/TASK (all)")
    add("--part", choices=["development", "holdout", "all"], default="all", help="(%(default)s)")
    add("--seeds", type=at_least(1), default=SEEDS, help="(%(default)s; slow peers have fewer)")
    add("--budgets", type=at_least(least), nargs="+", default=budgets, help=f"{unit} ({usual})")
    names = list(contest.peers)
    add("--peers", nargs="*", choices=names, default=names, metavar="NAME", help="(all)")
    add("--peers-only", action="store_true", help="leave our searches out")
    fresh = "run slow peers where no run of this version is stored, and store them"
    add("--fresh", action="store_true", help=fresh)
    add("--processes", type=at_least(1), default=2, help="(%(default)s)")


def chosen(
    options: argparse.Namespace, there: Sequence[str], developed: Collection[str]
) -> list[str]:
    """Return which of the tables that are `there` to search; Refusal if there are none.

    The search was built on those `developed` on; the others are held out.
    """
    wanted = {"all": (True, False), "development": (True,), "holdout": (False,)}[options.part]
    tables = [name for name in there if (name in developed) in wanted]
    if options.tables:
        for name in options.tables:
            if not any(table == name or table.startswith(f"{name}/") for table in there):
                raise Refusal(f"no table {name!r}; there are {', '.join(there)}", exit_code=2)
        asked = tuple(options.tables)
        tables = [t for t in tables if t in asked or t.split("/")[0] in asked]
    if not tables:
        raise Refusal(f"none of these tables is of the part {options.part}", exit_code=2)
    return tables


def hold(contest: Contest, options: argparse.Namespace, tables: Sequence[str]) -> Held:
    """Run every method on every table and judge it; Refusal if there is nothing to run."""
    budgets = tuple(sorted(set(options.budgets)))
    methods = [*(() if options.peers_only else contest.ours), *options.peers]
    jobs = contest.jobs(methods, tables, budgets, options.seeds, fresh=options.fresh)
    if not jobs:
        raise Refusal("there is nothing to run: name a peer that is there", exit_code=2)
    ends = sorted(
        contest.judge(jobs, options.processes, fresh=options.fresh),
        key=lambda end: (end.job.table, methods.index(end.job.method), end.job.seed),
    )
    return Held(
        methods=methods,
        budgets=budgets,
        tables=tables,
        versions=contest.versions(jobs),
        ends=ends,
    )
