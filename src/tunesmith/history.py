"""The answers to a study: its trials in order, what was decided between them, and the best."""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import NamedTuple, final, overload

from tunesmith.errors import NothingFound
from tunesmith.rungs import standing
from tunesmith.study import Advice, Recommendation, Round, Study
from tunesmith.trial import Config, Measurement, Origin, State, Trial


@final
class Trials(Sequence[Trial]):
    """The trials of a study in order of number; a view that cannot be changed."""

    __slots__ = ("_list",)

    def __init__(self, trials: list[Trial]) -> None:
        self._list = trials

    @overload
    def __getitem__(self, index: int) -> Trial: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trial]: ...
    def __getitem__(self, index: int | slice) -> Trial | list[Trial]:
        return self._list[index]

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._list)

    def __repr__(self) -> str:
        return f"<{len(self._list)} trials>"


class Ending(NamedTuple):
    """That a trial came to the end of the epochs it was given, or went wrong on the way."""

    number: int
    epochs: int
    """How many it had been given, in all."""


Pieces = tuple[Advice, ...]
"""What is advised, the most useful first."""

Group = tuple[Config, int]
"""Trainings of one config to the same epoch, which differ in their seed."""


@final
class History:
    """The answers to a study so far. Trials are frozen; the loop alone appends.

    `version` counts the changes, so that what is derived from a history can be kept with it.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.finished = ""
        """Why the study is over; "" while it is not."""
        self.recommendation: Recommendation | None = None
        """What the search recommends; None while it runs, and if it leaves that to us."""
        self.advice: Pieces = ()
        """What the search says of the results; () while it runs."""
        self.version = 0
        self._trials: list[Trial] = []
        self._rounds: list[Round] = []
        self._running: dict[int, None] = {}
        self.endings: list[Ending] = []
        """Of all trials, again after each promotion, in the order they came."""
        self._epochs = 0
        self._group: dict[int, Group] = {}
        self._losses: dict[Group, dict[int, float]] = {}
        """Of the trials of each group, by number."""
        self._order: list[tuple[int, float, int, int, Group]] = []
        """A heap of the groups, the best first; among them places they no longer hold."""
        self._latest: dict[Group, tuple[int, float, int, int] | None] = {}

    @property
    def trials(self) -> Trials:
        """All trials, in order of their number."""
        return Trials(self._trials)

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds of a search that has rounds, in order."""
        return tuple(self._rounds)

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the trials that are being trained."""
        return tuple(self._running)

    @property
    def epochs(self) -> int:
        """Epochs spent: trained, or given to running trials; 1 at least for one that went wrong."""
        return self._epochs

    @property
    def has_best(self) -> bool:
        """Whether any trial gave a finite loss."""
        return bool(self._order)

    @property
    def best(self) -> Trial:
        """The first trial of the config that the search recommends.

        While it runs, and where it recommends none: the config with the smallest loss, as the mean
        over its trainings, at the most epochs any trial has reached.

        Raises NothingFound if no trial has a finite loss.
        """
        if not self._order:
            raise NothingFound(
                f"none of the {len(self._trials)} trials gave a finite {self.study.metric}: "
                "lower the top of the learning rate's range, or look at the reasons of the trials"
            )
        if self.recommendation is not None:
            return self._trials[self.recommendation.number]
        return self._trials[self._order[0][2]]

    def ranked(self) -> list[Trial]:
        """Return the trials that could be recommended, the recommended one first, then the best."""
        chosen = None if self.recommendation is None else self.recommendation.number

        def key(trial: Trial) -> tuple[bool, int, float, int]:
            return trial.number != chosen, *self._rank(self._group[trial.number])[:2], trial.number

        return sorted((self._trials[number] for number in self._group), key=key)

    @property
    def digest(self) -> str:
        """SHA-256 over every trial's config, measurements, state and reason; no times."""
        sha = hashlib.sha256()
        for trial in self._trials:
            measured = [
                [m.epoch, {name: float(v).hex() for name, v in m.metrics.items()}]
                for m in trial.measurements
            ]
            config = {
                name: float(v).hex() if isinstance(v, float) else v
                for name, v in trial.config.items()
            }
            line = [trial.number, config, trial.epochs, measured, trial.state.value, trial.reason]
            sha.update(json.dumps(line, sort_keys=True).encode() + b"\n")
        return sha.hexdigest()

    def start(
        self,
        config: Config,
        epochs: int,
        origin: Origin = Origin.ANYWHERE,
        opened: Round | None = None,
    ) -> Trial:
        """Append a new, running trial, the first of the round it `opened` if it did."""
        if opened is not None:
            self._rounds.append(opened)
        trial = Trial(
            number=len(self._trials),
            config=config,
            epochs=epochs,
            round=max(0, len(self._rounds) - 1),
            origin=origin,
        )
        self._trials.append(trial)
        self._running[trial.number] = None
        self._epochs += epochs
        self.version += 1
        return trial

    def promote(self, number: int, epochs: int, *, audit: bool = False) -> Trial:
        """Let a paused trial run on, to `epochs` in all; for an `audit` only, or for its merit."""
        before = self._trials[number]
        trial = replace(before, epochs=epochs, state=State.RUNNING, reason="", audited=audit)
        self._trials[number] = trial
        self._running[number] = None
        self._epochs += epochs - before.epochs_trained
        self.version += 1
        return trial

    def end(
        self,
        number: int,
        state: State,
        measurements: Sequence[Measurement],
        reason: str = "",
        seconds: float = 0.0,
    ) -> Trial:
        """Take what came of a running trial; epochs measured before keep their first value.

        One that is done with less than a full training is paused: it may be promoted.
        """
        before = self._trials[number]
        if state is State.DONE and before.epochs < self.study.epochs:
            state = State.PAUSED
        news = tuple(m for m in measurements if m.epoch > before.epochs_trained)
        trial = replace(
            before,
            state=state,
            measurements=before.measurements + news,
            reason=reason,
            seconds=before.seconds + seconds,
        )
        self._trials[number] = trial
        del self._running[number]
        self.endings.append(Ending(number, before.epochs))
        # One at least for what went wrong: a function that always fails must not run for ever.
        self._epochs -= trial.epochs - max(int(state.bad), trial.epochs_trained)
        self.version += 1
        self._compare(trial)
        return trial

    def finish(
        self, reason: str, recommendation: Recommendation | None = None, advice: Pieces = ()
    ) -> None:
        """Take that the study is over; what is paused is stopped, each with its reason."""
        self.finished, self.recommendation, self.advice = reason, recommendation, advice
        for number, why in standing(self.study, self._trials).items():
            self._trials[number] = replace(self._trials[number], state=State.STOPPED, reason=why)
        self.version += 1

    def _compare(self, trial: Trial) -> None:
        """Let the mean loss of the trial's config count anew, and the best be the best."""
        before = self._group.pop(trial.number, None)
        if before is not None:
            del self._losses[before][trial.number]
            self._stand(before)
        if self.study.usable(trial):
            group = (
                trial.config,
                trial.epochs if trial.state is State.DONE else trial.epochs_trained,
            )
            self._group[trial.number] = group
            self._losses.setdefault(group, {})[trial.number] = self.study.loss(trial)
            self._stand(group)
        while self._order and self._latest[self._order[0][-1]] != self._order[0][:-1]:
            heappop(self._order)

    def _stand(self, group: Group) -> None:
        """Let a group take the place in the order that its losses now give it."""
        self._latest[group] = None
        if self._losses[group]:
            place = (*self._rank(group), self.version)
            self._latest[group] = place
            heappush(self._order, (*place, group))

    def _rank(self, group: Group) -> tuple[int, float, int]:
        """Sort key: more epochs first, then the mean loss of the config, then number."""
        losses = self._losses[group]
        return -group[1], math.fsum(losses.values()) / len(losses), min(losses)
