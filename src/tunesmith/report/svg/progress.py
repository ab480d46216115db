"""The best so far against epochs spent, as a picture."""

from collections.abc import Sequence

from tunesmith.history import History
from tunesmith.report.progress import Step, spent, steps
from tunesmith.report.rows import score_of
from tunesmith.report.svg.elements import path, picture, words
from tunesmith.report.svg.frame import HEIGHT, Frame, framed


def progress(history: History) -> str:
    """Return the picture, a line for each rung; "" where nothing was measured."""
    study, found = history.study, steps(history.study, history)
    if not found:
        return ""
    total = float(spent(study, history))
    rungs = sorted({step.epochs for step in found}, reverse=True)
    frame = framed((0.0, total), _inside(history, found))
    parts = [frame.axes("epochs trained, all trials together", study.metric)]
    for depth, epochs in reversed(list(enumerate(rungs))):
        mine = [step for step in found if step.epochs == epochs]
        parts.append(_line(history, frame, mine, total, min(depth, 4)))
    return picture(720.0, HEIGHT, f"best {study.metric} against epochs spent", *parts)


def _inside(history: History, found: Sequence[Step]) -> list[float]:
    """Return the scores that the picture has room for: the first steps of a search fall far."""
    scores = sorted(step.loss for step in found)
    return [score_of(history.study, loss) for loss in scores[: max(2, round(0.9 * len(scores)))]]


def _line(history: History, frame: Frame, mine: list[Step], total: float, depth: int) -> str:
    points = []
    for step, after in zip(mine, [*(step.spent for step in mine[1:]), total], strict=True):
        y = frame.up(score_of(history.study, step.loss))
        points += [(frame.across(step.spent), y), (frame.across(after), y)]
    x, y = points[-1]
    epochs = mine[0].epochs
    name = f"after {epochs} epoch{'s' if epochs > 1 else ''}"
    label = words(name, x=x, y=y - 5, class_=f"count depth{depth}", text_anchor="end")
    return path(points, class_=f"step depth{depth}") + label
