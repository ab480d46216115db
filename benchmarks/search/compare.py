"""Which config a search returns after so many trainings, beside other tuners.

Every table holds the losses of every config for several seeds, or trees that stand for them. A
training is one look-up; the config that is returned is judged on its mean over the seeds, never on
the loss that was observed. Each budget is a study of its own. Slow peers were run once, and what
they returned is read from `traces`; --fresh runs what is missing.
"""

import argparse
from pathlib import Path

from benchmarks.contest import command
from benchmarks.contest.contest import Contest
from benchmarks.contest.figures import Results, Sections
from benchmarks.contest.runs import Returned
from benchmarks.search import overhead
from benchmarks.search.figures import sections
from benchmarks.search.ours import OURS
from benchmarks.search.peers import PEERS
from benchmarks.search.tables import developed, found, load

TITLE = "the configs that searches return, judged on tables of trained networks"

BUDGETS = (25, 50, 100)


def score(table: str, returned: Returned) -> float:
    """Return how far a returned config is from the best."""
    return load(table).score(returned)


CONTEST = Contest(ours=OURS, peers=PEERS, score=score, folder=Path(__file__).parent / "traces")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    command.add_options(parser, CONTEST, budgets=BUDGETS, least=2, unit="trainings")
    parser.add_argument(
        "--overhead", action="store_true", help="time and memory of our searches, nothing else"
    )


def run(options: argparse.Namespace) -> Sections:
    """Run every search on every table, and compare what they returned."""
    if options.overhead:
        return overhead.report()
    held = command.hold(CONTEST, options, command.chosen(options, found(), developed()))
    shown, groups = sections(Results(held.ends), held.methods, held.budgets)
    return Sections(
        sections=shown,
        notes=[
            "in brackets: 95 % intervals of a two-level bootstrap over tables and seeds",
            "comparisons are paired by table and seed; ms a trial is of one processor, all but the",
            f"trainings, at {held.budgets[-1]} trials; our studies have 4 slots",
            "peers: " + "; ".join(held.versions),
        ],
        figures=held.figures(groups),
    )
