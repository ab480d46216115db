"""Brackets: trials that climb together; a rung is decided when all that will come have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

from tunesmith.history import History
from tunesmith.study import Promote, Study
from tunesmith.trial import Origin, State, Trial


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """The trials first, first + 1, ..., first + size - 1."""

    first: int
    size: int
    rungs: tuple[int, ...]
    """The epochs after which they are compared; the last is the full training."""


def promotion(study: Study, history: History, bracket: Bracket, eta: int) -> Promote | None:
    """Return who goes on next: of every rung the best 1 / eta, one at least.

    A rung is decided when every trial of the bracket that will come there has come; a bracket is
    decided as it is where no more trials will start.
    """
    trials = members(history, bracket)
    full = study.trials is not None and len(history.trials) >= study.trials
    if len(history.trials) < bracket.first + bracket.size and not full:
        return None
    for rung, above in pairwise(bracket.rungs):
        here = [trial for trial in trials if trial.epochs >= rung]
        if any(trial.state is State.RUNNING and trial.epochs == rung for trial in here):
            return None
        came = [trial for trial in here if not (trial.state.bad and trial.epochs == rung)]
        ranked = sorted(came, key=lambda trial: (study.loss_at(trial, rung), trial.number))
        for trial in ranked[: max(1, len(here) // eta)]:
            if trial.state is State.PAUSED and trial.epochs == rung:
                return Promote(trial.number, above)
        trials = [trial for trial in here if trial.epochs > rung]
    return None


def members(history: History, bracket: Bracket) -> list[Trial]:
    """Return its trials, but for those that have no part in it.

    That is, those begun in full, since they train one of the best again, and those that the space
    no longer holds.
    """
    trials = history.trials[bracket.first : bracket.first + bracket.size]
    again, outside = Origin.AGAIN, history.outside
    return [t for t in trials if t.origin is not again and t.number not in outside]


def bracket_of(number: int, cycle: Sequence[Bracket]) -> Bracket:
    """Return the bracket of trial `number`, where brackets of these sizes follow each other."""
    length = sum(bracket.size for bracket in cycle)
    turn, place = divmod(number, length)
    for bracket in cycle:
        if place < bracket.first + bracket.size:
            break
    return Bracket(first=turn * length + bracket.first, size=bracket.size, rungs=bracket.rungs)


def decide(
    study: Study, history: History, cycle: Sequence[Bracket], eta: int
) -> Promote | int | None:
    """Return a promotion, or the epochs of a new trial, or None to wait for an outcome.

    Brackets of the `cycle` follow each other. While one waits for its last trials, the next is
    filled, but not the one after it.
    """
    number = len(history.trials)
    open_ones = [bracket_of(number, cycle)]
    while len(open_ones) < 3 and open_ones[0].first > 0:
        open_ones.insert(0, bracket_of(open_ones[0].first - 1, cycle))
    for bracket in open_ones:
        promoted = promotion(study, history, bracket, eta)
        if promoted is not None:
            return promoted
    newest, before = open_ones[-1], open_ones[:-2]
    fresh = number == newest.first
    if fresh and any(t.state is State.RUNNING for b in before for t in members(history, b)):
        return None
    return newest.rungs[0]
