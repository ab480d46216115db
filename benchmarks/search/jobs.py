"""Runs of searches on tables, spread over processes and judged where they were made."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from typing import final

from benchmarks.search import traces
from benchmarks.search.ours import OURS
from benchmarks.search.peers import PEERS
from benchmarks.search.runs import Run
from benchmarks.search.tables import load


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A search to run on a table, or to read from its stored trace."""

    method: str
    table: str
    seed: int
    budgets: tuple[int, ...]
    stored: bool = False


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a job."""

    job: Job
    run: Run
    scores: Mapping[int, float]
    """By budget: how far the returned config is from the best."""


def judge(job: Job) -> Judged:
    """Do one job."""
    if job.stored:
        run = traces.read(PEERS[job.method], job.table)[job.seed]
    else:
        method = OURS[job.method] if job.method in OURS else PEERS[job.method]
        run = method.run(job.table, job.seed, job.budgets)
    table = load(job.table)
    return Judged(
        job=job,
        run=run,
        scores={budget: table.score(run.returned[budget]) for budget in job.budgets},
    )


def judge_all(jobs: Iterable[Job], processes: int) -> Iterator[Judged]:
    """Do all jobs in as many processes, each with one BLAS thread; yield them as they end."""
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(judge, jobs)
