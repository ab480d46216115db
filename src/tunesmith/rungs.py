"""Rungs: trials that were measured after the same number of epochs, and how each stood there."""

from collections.abc import Sequence
from itertools import groupby

from tunesmith.study import Study
from tunesmith.trial import State, Trial


def ranked(study: Study, trials: Sequence[Trial], epoch: int) -> list[Trial]:
    """Return the trials that were to be judged after `epoch` epochs, the best first.

    That is: those measured there, and those that went wrong on the way, which are the last.
    """
    judged = [
        trial
        for trial in trials
        if (trial.state.bad and trial.epochs >= epoch)
        or (trial.epochs_trained >= epoch and any(m.epoch == epoch for m in trial.measurements))
    ]
    return sorted(judged, key=lambda trial: (study.loss_at(trial, epoch), trial.number))


def standing(study: Study, trials: Sequence[Trial]) -> dict[int, str]:
    """Say of every paused trial how it stood, such as "rank 14 of 27 at 3 epochs; 9 went on"."""
    paused = [trial for trial in trials if trial.state is State.PAUSED]
    said: dict[int, str] = {}
    for epoch, here in groupby(sorted(paused, key=_epochs), key=_epochs):
        judged = ranked(study, trials, epoch)
        rank = {trial.number: place for place, trial in enumerate(judged, start=1)}
        on = sum(trial.epochs > epoch for trial in judged)
        epochs = f"{epoch} epoch{'s' if epoch > 1 else ''}"
        for trial in here:
            place = f"rank {rank[trial.number]} of {len(judged)} at {epochs}"
            said[trial.number] = f"{place}; {on or 'none'} went on"
    return said


def _epochs(trial: Trial) -> int:
    return trial.epochs_trained
