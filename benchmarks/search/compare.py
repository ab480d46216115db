"""Which config a search returns after so many trainings, beside other tuners.

Every table holds the losses of every config for several seeds, or trees that stand for them. A
training is one look-up; the config that is returned is judged on its mean over the seeds, never on
the loss that was observed. Each budget is a study of its own. Slow peers were run once, and what
they returned is read from `traces`; --fresh runs them again.
"""

import argparse
from pathlib import Path

from benchmarks.contest.contest import Contest, plain
from benchmarks.contest.figures import Results, Sections
from benchmarks.contest.runs import Returned
from benchmarks.options import at_least
from benchmarks.report import Refusal
from benchmarks.search import overhead
from benchmarks.search.figures import sections
from benchmarks.search.ours import OURS
from benchmarks.search.peers import PEERS
from benchmarks.search.tables import FOLDER_VARIABLE, folder, load, names, of_part

TITLE = "the configs that searches return, judged on tables of trained networks"

BUDGETS = (25, 50, 100)
SEEDS = 20


def score(table: str, returned: Returned) -> float:
    """Return how far a returned config is from the best."""
    return load(table).score(returned)


CONTEST = Contest(ours=OURS, peers=PEERS, score=score, folder=Path(__file__).parent / "traces")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--tables", nargs="+", metavar="NAME", help="FAMILY or FAMILY/TASK (all)")
    add("--part", choices=["development", "holdout", "all"], default="all", help="(%(default)s)")
    add("--seeds", type=at_least(1), default=SEEDS, help="(%(default)s; slow peers have fewer)")
    add("--budgets", type=at_least(2), nargs="+", default=BUDGETS, help="trainings (25 50 100)")
    add("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="NAME", help="(all)")
    add("--peers-only", action="store_true", help="leave our searches out")
    add("--fresh", action="store_true", help="run slow peers too, and store what they return")
    add("--processes", type=at_least(1), default=2, help="(%(default)s)")
    add("--overhead", action="store_true", help="time and memory of our searches, nothing else")


def run(options: argparse.Namespace) -> Sections:
    """Run every search on every table, and compare what they returned."""
    if options.overhead:
        return overhead.report()
    tables = chosen(options)
    budgets = tuple(sorted(set(options.budgets)))
    methods = [*(() if options.peers_only else OURS), *options.peers]
    jobs = CONTEST.jobs(methods, tables, budgets, options.seeds, fresh=options.fresh)
    if not jobs:
        raise Refusal("there is nothing to run: name a peer that is there", exit_code=2)
    ends = sorted(
        CONTEST.judge(jobs, options.processes, fresh=options.fresh),
        key=lambda end: (end.job.table, methods.index(end.job.method), end.job.seed),
    )
    shown, groups = sections(Results(ends), methods, budgets)
    versions = CONTEST.versions(jobs)
    return Sections(
        sections=shown,
        notes=[
            "in brackets: 95 % intervals of a two-level bootstrap over tables and seeds",
            "comparisons are paired by table and seed; ms a trial is of one processor, all but the",
            f"trainings, at {budgets[-1]} trials; our studies have 4 slots",
            "peers: " + "; ".join(versions),
        ],
        figures={
            "budgets": budgets,
            "tables": tables,
            "peers": versions,
            "groups": groups,
            "runs": [plain(end) for end in ends],
        },
    )


def chosen(options: argparse.Namespace) -> list[str]:
    """Return the names of the tables to search; Refusal if there are none."""
    there = names()
    if not there:
        raise Refusal(
            f"{folder()} holds none of the tables: name their folder in {FOLDER_VARIABLE}",
            exit_code=0,
        )
    wanted = of_part(options.part, there)
    if options.tables:
        for name in options.tables:
            if not any(table == name or table.startswith(f"{name}/") for table in there):
                raise Refusal(f"no table {name!r}; there are {', '.join(there)}", exit_code=2)
        asked = tuple(options.tables)
        wanted = [t for t in wanted if t in asked or t.split("/")[0] in asked]
    if not wanted:
        raise Refusal(f"none of these tables is of the part {options.part}", exit_code=2)
    return wanted
