"""Who leads: the configs of a study by their mean loss, in an order that is kept as trials end."""

from heapq import heappop, heappush
from typing import final

from tunesmith.arithmetic import mean
from tunesmith.study import Study
from tunesmith.trial import Config, State, Trial

Group = tuple[Config, int]
"""Trainings of one config to the same epoch, which differ in their seed."""


@final
class Leaders:
    """The trials that could be recommended, by their groups: most epochs first, then mean loss."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._judged = 0
        self._group: dict[int, Group] = {}
        self._losses: dict[Group, dict[int, float]] = {}
        """Of the trials of each group, by number."""
        self._order: list[tuple[int, float, int, int, Group]] = []
        """A heap of the groups, the best first; among them places they no longer hold."""
        self._latest: dict[Group, tuple[int, float, int, int] | None] = {}

    @property
    def first(self) -> int | None:
        """The number of the leading group's first trial; None if none could be recommended."""
        return self._order[0][2] if self._order else None

    def ranked(self) -> list[int]:
        """Return the numbers of all that could be recommended, the best group first."""
        return sorted(self._group, key=lambda n: (*self._rank(self._group[n])[:2], n))

    def judge(self, trial: Trial) -> None:
        """Let the mean loss of the trial's config count anew, and the best be the best."""
        self._judged += 1
        before = self._group.pop(trial.number, None)
        if before is not None:
            del self._losses[before][trial.number]
            self._stand(before)
        if self._study.usable(trial):
            group = (
                trial.config,
                trial.epochs if trial.state is State.DONE else trial.epochs_trained,
            )
            self._group[trial.number] = group
            self._losses.setdefault(group, {})[trial.number] = self._study.loss(trial)
            self._stand(group)
        while self._order and self._latest[self._order[0][-1]] != self._order[0][:-1]:
            heappop(self._order)

    def _stand(self, group: Group) -> None:
        """Let a group take the place in the order that its losses now give it."""
        self._latest[group] = None
        if self._losses[group]:
            place = (*self._rank(group), self._judged)
            self._latest[group] = place
            heappush(self._order, (*place, group))

    def _rank(self, group: Group) -> tuple[int, float, int]:
        """Sort key: more epochs first, then the mean loss of the config, then number."""
        losses = self._losses[group]
        return -group[1], mean(losses.values()), min(losses)
