"""The networks of the best trials of a search: what is left when the last training fails."""

from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import Final, final

from tunesmith.errors import ModelError
from tunesmith.fit.metrics import Metric
from tunesmith.model.file import load_model, save_model
from tunesmith.model.model import Model
from tunesmith.trial import Trial

MAX_NETWORKS: Final = 16
"""Trials whose networks are stored: the recommended config is that of the best mean over its
repeats, which need not be that of the best trial."""

FOLDER: Final = "networks"
"""Where they lie in the folder for checkpoints, one model file for each trial."""


@final
class SearchNetworks:
    """The models of the best trials so far, added from any thread.

    In memory, and in a folder as well if one is given, so that a study that is resumed has them.
    """

    def __init__(self, metric: Metric, folder: Path | None = None) -> None:
        """`folder`: the one for checkpoints; None if a run needs no files."""
        self._metric = metric
        self._folder = None if folder is None else folder / FOLDER
        self._models: dict[int, tuple[tuple[int, float, int], Model]] = {}
        self._lock = Lock()

    def wants(self, number: int, epoch: int, value: float) -> bool:
        """Return whether a trial that has metric `value` after `epoch` is one of the best.

        More epochs are better than fewer, whatever the metric: the best trial of a study is one
        of those that were trained longest.
        """
        key = self._key(number, epoch, value)
        with self._lock:
            others = [each for n, (each, _) in self._models.items() if n != number]
        return len(others) < MAX_NETWORKS or key > min(others)

    def add(self, number: int, epoch: int, value: float, model: Model) -> None:
        """Store a trial's model in memory, in place of its earlier one."""
        worst = None
        with self._lock:
            self._models[number] = (self._key(number, epoch, value), model)
            if len(self._models) > MAX_NETWORKS:
                worst = min(self._models, key=lambda n: self._models[n][0])
                del self._models[worst]
        if worst is not None and self._folder is not None:
            with suppress(OSError):
                self._path(worst).unlink(missing_ok=True)

    def write(self, number: int) -> None:
        """Write a trial's model to the folder, if it is one of the best and there is a folder."""
        with self._lock:
            _, model = self._models.get(number, (None, None))
        if model is None or self._folder is None:
            return
        with suppress(OSError, ModelError):  # a full disk is no reason to end the search
            self._folder.mkdir(parents=True, exist_ok=True)
            save_model(model, self._path(number))

    def model(self, trial: Trial) -> Model | None:
        """Return the model that a trial ended with, or None where it is not stored."""
        with self._lock:
            _, model = self._models.get(trial.number, (None, None))
        if model is None and self._folder is not None:
            with suppress(ModelError):
                model = load_model(self._path(trial.number))
        return model if model is not None and _is_of(model, trial) else None

    def clear(self) -> None:
        """Remove the files."""
        if self._folder is not None:
            rmtree(self._folder, ignore_errors=True)

    def _key(self, number: int, epoch: int, value: float) -> tuple[int, float, int]:
        return epoch, self._metric.merit(value), -number

    def _path(self, number: int) -> Path:
        return Path(self._folder or "") / f"{number}.model"


def about_trial(trial_number: int, epoch: int, config: object) -> dict[str, object]:
    """Return what a stored model says of itself, by which it is recognised."""
    return {"trial": trial_number, "epochs": epoch, "config": config}


def _is_of(model: Model, trial: Trial) -> bool:
    """Return whether a model is that of a trial as it ended: a file may be of another run."""
    expected = about_trial(trial.number, trial.epochs_trained, dict(trial.config))
    return dict(model.about) == expected
