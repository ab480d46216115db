"""How good the config is that a search returns after so many epochs in all, beside other tuners.

Every task is a pool of configs with their learning curves; training one for an epoch is one
look-up, and a trial that goes on pays for its new epochs alone. A search returns one config, and
is judged on that config's loss after the full training, whether it was seen or not. Peers were run
once, and what they returned is read from `traces`; --fresh runs what is missing.
"""

import argparse
from pathlib import Path

from benchmarks.contest import command
from benchmarks.contest.contest import Contest
from benchmarks.contest.figures import Results, Sections
from benchmarks.contest.runs import Returned
from benchmarks.ladders.curves import EPOCHS, developed, found, load
from benchmarks.ladders.figures import sections
from benchmarks.ladders.ours import OURS
from benchmarks.ladders.peers import PEERS

TITLE = "the configs that searches return after so many epochs, judged on learning curves"

BUDGETS = (1000, 2000)


def score(table: str, returned: Returned) -> float:
    """Return the normalised regret of a returned row."""
    return float(load(table).regrets[returned["row"]])


CONTEST = Contest(ours=OURS, peers=PEERS, score=score, folder=Path(__file__).parent / "traces")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    command.add_options(parser, CONTEST, budgets=BUDGETS, least=EPOCHS, unit="epochs")


def run(options: argparse.Namespace) -> Sections:
    """Run every search on every task, and compare what they returned."""
    held = command.hold(CONTEST, options, command.chosen(options, found(), developed()))
    shown, groups = sections(Results(held.ends), held.methods, options.peers, held.budgets)
    return Sections(
        sections=shown,
        notes=[
            f"budgets are epochs in all; a full training has {EPOCHS}; our studies have 4 slots,",
            "a study of its own for each budget; peers train one trial at a time",
            "in brackets: 95 % intervals of a two-level bootstrap over tasks and seeds",
            "comparisons are paired by task and seed; ms a trial is of one processor, all but the",
            f"trainings, at {held.budgets[-1]} epochs",
            "peers: " + "; ".join(held.versions),
        ],
        figures=held.figures(groups),
    )
