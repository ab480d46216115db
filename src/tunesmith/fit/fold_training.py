"""The networks of a trial, trained in step: one where rows are many, one for each fold else."""

from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Floats
from tunesmith.engine.train import Training
from tunesmith.fit.data import Data
from tunesmith.fit.lesson import Lesson, Targets
from tunesmith.fit.space import recipe_of
from tunesmith.model.member import Member
from tunesmith.table.bins import Bins


@final
class FoldTraining:
    """A config's networks, each learning from its part of the rows; see Split.lessons.

    To whoever trains it, it is one training: an epoch is one of each network.
    """

    def __init__(
        self,
        data: Data,
        config: Mapping[str, Any],
        targets: Targets,
        *,
        epochs: int,
        seed: int,
        path: tuple[int | str, ...],
    ) -> None:
        """`epochs` are those of a full training; chance comes from rng.stream(seed, *path, ..)."""
        lessons = data.split.lessons
        self._trainings: list[Training] = []
        self._judging: list[Floats] = []
        self._bins: list[Bins] = []
        for fold, (rows, judging) in enumerate(lessons):
            lesson = Lesson.of(data, config, rows)
            training = Training(
                lesson.network,
                recipe_of(config, targets.loss, epochs),
                lesson.x,
                targets.values[rows],
                weight=data.weight_of(rows),
                seed=seed,
                path=path if len(lessons) == 1 else (*path, "fold", fold),
            )
            self._trainings.append(training)
            self._bins.append(lesson.bins)
            self._judging.append(lesson.bins.spread(data.x[judging]))

    @property
    def epoch(self) -> int:
        """How many epochs have been trained."""
        return self._trainings[0].epoch

    def train_epoch(self, should_stop: Callable[[], bool] = lambda: False) -> float:
        """Train each for one epoch; return the mean of their losses. See Training.train_epoch."""
        losses = [training.train_epoch(should_stop) for training in self._trainings]
        return sum(losses) / len(losses)

    def outputs(self) -> Floats:
        """Return the outputs [judging rows, K], of each row by the network that it judges."""
        pairs = zip(self._trainings, self._judging, strict=True)
        return np.concatenate([training.outputs(x) for training, x in pairs])

    def members(self) -> tuple[Member, ...]:
        """Return the networks as they are now, one for each part of the rows."""
        return tuple(map(Member.of, self._trainings, self._bins))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that training needs to go on."""
        return {
            f"{fold}.{name}": array
            for fold, training in enumerate(self._trainings)
            for name, array in training.state().items()
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` gave; NetworkError if it belongs to other networks."""
        for fold, training in enumerate(self._trainings):
            own = f"{fold}."
            mine = {key: array for key, array in state.items() if key.startswith(own)}
            training.restore({key.removeprefix(own): array for key, array in mine.items()})
