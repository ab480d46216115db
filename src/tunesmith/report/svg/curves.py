"""Learning curves by rung, as a picture."""

import math
from typing import Final

from tunesmith.history import History
from tunesmith.report.curves import drawn
from tunesmith.report.rungs import rungs
from tunesmith.report.svg.elements import path, picture, words
from tunesmith.report.svg.frame import BOTTOM, HEIGHT, TOP, Frame, framed
from tunesmith.report.thinning import thinned
from tunesmith.search.advise.judged import Judged, judged
from tunesmith.trial import Trial

LOG_FROM: Final = 10
"""A full training of so many epochs is drawn on a log scale, on which rungs lie evenly."""
POINTS: Final = 24
"""Points of a curve at most."""
LOWEST: Final = 0.1
"""This share of the scores, the worst, may lie below the picture."""


def curves(history: History) -> str:
    """Return the picture; "" where no trial was measured more than once."""
    study, shown = history.study, drawn(history)
    scores = sorted(
        (value if study.goal.value == "max" else -value)
        for trial in shown
        for m in trial.measurements
        if math.isfinite(value := m.metrics.get(study.metric, math.nan))
    )
    if not scores:
        return ""
    inside = scores[int(LOWEST * len(scores)) :]
    sign = 1.0 if study.goal.value == "max" else -1.0
    frame = framed(
        (1.0, float(study.epochs)), [sign * v for v in inside], x_log=study.epochs >= LOG_FROM
    )
    found = rungs(history)
    order = sorted(shown, key=lambda trial: trial.epochs_trained)
    parts = [frame.axes("epochs", study.metric)]
    parts += [_rung(history, frame, rung) for rung in judged(study, history)]
    parts += [_line(history, frame, trial, _depth(trial, found)) for trial in order]
    return picture(720.0, HEIGHT, f"{len(shown)} learning curves", *parts)


def _depth(trial: Trial, found: tuple[int, ...]) -> int:
    """Return how far a trial came: 0 for the last rung, 1 for the one before it, up to 4."""
    return min(4, sum(epochs > trial.epochs_trained for epochs in found))


def _line(history: History, frame: Frame, trial: Trial, depth: int) -> str:
    name = history.study.metric
    points = [(m.epoch, m.metrics[name]) for m in trial.measurements if name in m.metrics]
    line = [(frame.across(epoch), frame.up(value)) for epoch, value in thinned(points, POINTS)]
    return path(line, class_=f"curve depth{depth}") if len(line) > 1 else ""


def _rung(history: History, frame: Frame, rung: Judged) -> str:
    epochs = rung.epochs
    on = sum(history.trials[number].epochs > epochs for number in rung.numbers.tolist())
    x = frame.across(epochs)
    last = epochs >= history.study.epochs
    count = f"{len(rung):,}" if last or not on else f"{len(rung):,} → {on:,}"
    anchor = "end" if last else "start" if epochs == 1 else "middle"
    return path([(x, TOP), (x, HEIGHT - BOTTOM)], class_="rung") + words(
        count, x=x, y=TOP - 8, class_="count", text_anchor=anchor
    )
