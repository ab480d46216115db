"""One search on one table: what is to be run, what it returned, and how good that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from tunesmith.space.params import Value

Returned = Mapping[str, Value]
"""What a search returns: a config, or whatever else a benchmark can judge."""


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
class Run:
    """What one search returned on one table, from one seed."""

    table: str
    method: str
    seed: int
    returned: Mapping[int, Returned]
    """By budget."""
    milliseconds: float | None
    """Of processor time a trial, all but the trainings; None where it was not measured."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a job."""

    job: Job
    run: Run
    scores: Mapping[int, float]
    """By budget: how far what it returned is from the best."""
