"""The best so far against epochs spent, as a picture."""

from collections.abc import Sequence
from typing import Final

from tunesmith.history import History
from tunesmith.report.progress import Step, spent, steps
from tunesmith.report.random_search import estimate
from tunesmith.report.rows import score_of
from tunesmith.report.svg.elements import Point, path, picture, words
from tunesmith.report.svg.frame import HEIGHT, Frame, framed

NEAR: Final = 14.0
"""Lines that end closer than this share what is written at their ends."""


def progress(history: History) -> str:
    """Return the picture, a line for each rung; "" where nothing was measured."""
    study, found = history.study, steps(history.study, history)
    if not found:
        return ""
    total = float(spent(study, history))
    rungs = sorted({step.epochs for step in found}, reverse=True)
    frame = framed((0.0, total), _inside(history, found))
    parts = [frame.axes("epochs trained, all trials together", study.metric)]
    chance = estimate(history)
    if chance is not None:
        line = [(frame.across(x), frame.up(score_of(study, loss))) for x, loss in chance.line]
        parts.append(path(line, class_="chance"))
        x, y = line[0]
        parts.append(words("random search", x=x, y=y + 14, class_="tick"))
    names: dict[float, list[int]] = {}
    for depth, epochs in reversed(list(enumerate(rungs))):
        mine = [step for step in found if step.epochs == epochs]
        points = _line(history, frame, mine, total)
        parts.append(path(points, class_=f"step depth{min(depth, 4)}"))
        height = points[-1][1]
        near = next((other for other in names if abs(other - height) < NEAR), height)
        names.setdefault(near, []).append(epochs)
    parts += [_name(frame.across(total), height, epochs) for height, epochs in names.items()]
    return picture(720.0, HEIGHT, f"best {study.metric} against epochs spent", *parts)


def _inside(history: History, found: Sequence[Step]) -> list[float]:
    """Return the scores that the picture has room for: the first steps of a search fall far."""
    scores = sorted(step.loss for step in found)
    return [score_of(history.study, loss) for loss in scores[: max(2, round(0.9 * len(scores)))]]


def _line(history: History, frame: Frame, mine: list[Step], total: float) -> list[Point]:
    points: list[Point] = []
    for step, after in zip(mine, [*(step.spent for step in mine[1:]), total], strict=True):
        y = frame.up(score_of(history.study, step.loss))
        points += [(frame.across(step.spent), y), (frame.across(after), y)]
    return points


def _name(x: float, y: float, rungs: list[int]) -> str:
    """Return what is written at the end of lines that end side by side."""
    text = ", ".join(map(str, sorted(rungs))) + (" epoch" if rungs == [1] else " epochs")
    return words(f"after {text}", x=x, y=y - 5, class_="count", text_anchor="end")
