"""Who is compared on which tables: the runs that follow, spread over processes and judged."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, final

from benchmarks.contest import traces
from benchmarks.contest.peers import Peer
from benchmarks.contest.runs import Job, Judged, Returned, Run
from benchmarks.report import progress


class Method(Protocol):
    """A search, ours or a peer."""

    def run(self, table: str, seed: int, budgets: Sequence[int]) -> Run:
        """Search a table for each budget."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Our searches, their peers, and how both are judged."""

    ours: Mapping[str, Method]
    peers: Mapping[str, Peer]
    score: Callable[[str, Returned], float]
    """How far from the best is what was returned on the table of this name."""
    folder: Path
    """Where the runs of slow peers are stored."""

    def jobs(
        self,
        methods: Sequence[str],
        tables: Sequence[str],
        budgets: tuple[int, ...],
        seeds: int,
        *,
        fresh: bool,
    ) -> list[Job]:
        """Return what is to be run or read; say on stderr which peers are left out."""
        jobs = [
            job
            for table in tables
            for method in methods
            for job in self._jobs_of(method, table, budgets, seeds, fresh=fresh)
        ]
        met = defaultdict(set)
        for job in jobs:
            met[job.method].add(job.table)
        for name in methods:
            missing = len(tables) - len(met[name])
            if missing and name in self.peers:
                why = self._why_absent(name)
                progress(f"{name}: left out on {missing} of {len(tables)} tables, {why}")
        return jobs

    def judge(self, jobs: Sequence[Job], processes: int, *, fresh: bool) -> Iterator[Judged]:
        """Do the jobs, say how far they are, and store what slow peers return.

        Each of the processes has one BLAS thread; runs are yielded as they end.
        """
        os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
        with get_context("spawn").Pool(processes) as pool:
            ends = pool.imap_unordered(partial(judged, self), jobs)
            for done, end in enumerate(ends, start=1):
                peer = self.peers.get(end.job.method)
                if fresh and peer is not None and peer.seeds is not None and not end.job.stored:
                    traces.write(self.folder, peer, end.run)
                if 10 * done // len(jobs) > 10 * (done - 1) // len(jobs):
                    progress(f"{done} of {len(jobs)} runs")
                yield end

    def versions(self, jobs: Sequence[Job]) -> list[str]:
        """Return the version of every peer that was run or read."""
        found: dict[str, None] = {}
        for job in jobs:
            peer = self.peers.get(job.method)
            if peer is not None:
                made = f"{traces.version(self.folder, peer, job.table)}, stored"
                found[f"{peer.name} ({made if job.stored else peer.version})"] = None
        return list(found)

    def _jobs_of(
        self, method: str, table: str, budgets: tuple[int, ...], seeds: int, *, fresh: bool
    ) -> Iterator[Job]:
        """Yield the jobs of one method on one table; none if it is absent."""
        peer = self.peers.get(method)
        limit = seeds if peer is None or peer.seeds is None else min(seeds, peer.seeds)
        stored = {} if peer is None else traces.read(self.folder, peer, table)
        runs = peer is None or (peer.installed and (fresh or peer.seeds is None))
        if runs and peer is not None and traces.version(self.folder, peer, table) != peer.version:
            stored = {}
        for seed in range(limit if runs else seeds):
            returned = stored[seed].returned if seed in stored else {}
            kept = tuple(budget for budget in budgets if budget in returned)
            if kept == budgets or (kept and not runs):
                yield Job(method=method, table=table, seed=seed, budgets=kept, stored=True)
            elif runs:
                yield Job(method=method, table=table, seed=seed, budgets=budgets)

    def _why_absent(self, name: str) -> str:
        peer = self.peers[name]
        why = "no trace is stored (--fresh makes it)" if peer.seeds else "no trace is stored"
        return why if peer.installed else f"{peer.package} is not installed, and {why}"


def judged(contest: Contest, job: Job) -> Judged:
    """Do one job."""
    if job.stored:
        run = traces.read(contest.folder, contest.peers[job.method], job.table)[job.seed]
    else:
        method = contest.ours.get(job.method) or contest.peers[job.method]
        run = method.run(job.table, job.seed, job.budgets)
    scores = {budget: contest.score(job.table, run.returned[budget]) for budget in job.budgets}
    return Judged(job=job, run=run, scores=scores)
