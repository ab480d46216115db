"""Which config a search returns after so many trainings, beside other tuners.

Every table holds the losses of every config for several seeds, or trees that stand for them. A
training is one look-up; the config that is returned is judged on its mean over the seeds, never on
the loss that was observed. Each budget is a study of its own. Slow peers were run once, and what
they returned is read from `traces`; --fresh runs them again.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.options import at_least
from benchmarks.report import Refusal, progress
from benchmarks.search import overhead, traces
from benchmarks.search.figures import Results, Sections, sections
from benchmarks.search.jobs import Job, Judged, judge_all
from benchmarks.search.ours import OURS
from benchmarks.search.peers import PEERS
from benchmarks.search.tables import FOLDER_VARIABLE, folder, names, of_part

TITLE = "the configs that searches return, judged on tables of trained networks"

BUDGETS = (25, 50, 100)
SEEDS = 20


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
    jobs = [
        job
        for table in tables
        for method in methods
        for job in jobs_of(method, table, budgets, options.seeds, fresh=options.fresh)
    ]
    say_absent(jobs, tables, options.peers)
    if not jobs:
        raise Refusal("there is nothing to run: name a peer that is there", exit_code=2)
    judged = sorted(
        followed(jobs, options.processes, fresh=options.fresh),
        key=lambda j: (j.job.table, methods.index(j.job.method), j.job.seed),
    )
    shown, groups = sections(Results(judged), methods, budgets)
    return Sections(
        sections=shown,
        notes=[
            "in brackets: 95 % intervals of a two-level bootstrap over tables and seeds",
            "comparisons are paired by table and seed; ms a trial is of one processor, all but the",
            f"trainings, at {budgets[-1]} trials; our studies have 4 slots",
            "peers: " + "; ".join(versions(jobs)),
        ],
        figures={
            "budgets": budgets,
            "tables": tables,
            "peers": versions(jobs),
            "groups": groups,
            "runs": [plain(j) for j in judged],
        },
    )


def plain(judged: Judged) -> dict[str, Any]:
    """Return what became of a job as plain data."""
    return {
        "table": judged.job.table,
        "method": judged.job.method,
        "seed": judged.job.seed,
        "scores": judged.scores,
        "milliseconds": judged.run.milliseconds,
    }


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


def jobs_of(
    method: str, table: str, budgets: tuple[int, ...], seeds: int, *, fresh: bool
) -> Iterator[Job]:
    """Yield what is to be run or read of one method on one table; nothing if it is absent."""
    peer = PEERS.get(method)
    if peer is None or (peer.installed and (fresh or peer.seeds is None)):
        limit = seeds if peer is None or peer.seeds is None else min(seeds, peer.seeds)
        for seed in range(limit):
            yield Job(method=method, table=table, seed=seed, budgets=budgets)
        return
    for seed, run in traces.read(peer, table).items():
        kept = tuple(budget for budget in budgets if budget in run.returned)
        if seed < seeds and kept:
            yield Job(method=method, table=table, seed=seed, budgets=kept, stored=True)


def say_absent(jobs: Sequence[Job], tables: Sequence[str], peers: Sequence[str]) -> None:
    """Say on stderr which peers are left out."""
    met = defaultdict(set)
    for job in jobs:
        met[job.method].add(job.table)
    for name in peers:
        peer, missing = PEERS[name], len(tables) - len(met[name])
        if missing:
            why = "no trace is stored (--fresh makes it)" if peer.seeds else "no trace is stored"
            why = why if peer.installed else f"{peer.package} is not installed, and {why}"
            progress(f"{name}: left out on {missing} of {len(tables)} tables, {why}")


def followed(jobs: Sequence[Job], processes: int, *, fresh: bool) -> Iterator[Judged]:
    """Do the jobs, say how far they are, and store what slow peers return."""
    for done, judged in enumerate(judge_all(jobs, processes), start=1):
        peer = PEERS.get(judged.job.method)
        if fresh and peer is not None and peer.seeds is not None and not judged.job.stored:
            traces.write(peer, judged.run)
        if 10 * done // len(jobs) > 10 * (done - 1) // len(jobs):
            progress(f"{done} of {len(jobs)} runs")
        yield judged


def versions(jobs: Sequence[Job]) -> list[str]:
    """Return the version of every peer that was run or read."""
    found: dict[str, None] = {}
    for job in jobs:
        peer = PEERS.get(job.method)
        if peer is not None:
            version = traces.version(peer, job.table) + ", stored" if job.stored else peer.version
            found[f"{peer.name} ({version})"] = None
    return list(found)
