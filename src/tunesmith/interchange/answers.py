"""A study's answers as files that any program reads: CSV and JSON."""

from typing import Any

import msgspec

from tunesmith.history import History
from tunesmith.trial import Trial


def to_csv(history: History) -> bytes:
    """Return a line for each trial, with the columns of `History.to_polars`."""
    return history.to_polars().write_csv().encode()


def to_json(history: History) -> bytes:
    """Return all that a history holds, measurements too; a number that is not finite is text."""
    chosen = history.recommendation
    return msgspec.json.encode(
        {
            "study": history.study.to_builtins(),
            "finished": history.finished,
            "digest": history.digest,
            "best": history.best.number if history.has_best else None,
            "recommendation": None if chosen is None else chosen.to_builtins(),
            "amendments": [
                {"first": change.first, "reason": change.reason} for change in history.amendments
            ],
            "rounds": [opened.to_builtins() for opened in history.rounds],
            "advice": [piece.to_builtins() for piece in history.advice],
            "trials": list(map(_plain, history.trials)),
        }
    )


def _plain(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "state": trial.state.value,
        "reason": trial.reason,
        "epochs": trial.epochs,
        "seconds": trial.seconds,
        "round": trial.round,
        "origin": trial.origin.value,
        "config": dict(trial.config),
        "measurements": [m.to_builtins() for m in trial.measurements],
    }
