"""Workers over time, and what went wrong."""

from collections import Counter
from collections.abc import Sequence

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import percent
from tunesmith.report.moments import Moment, lanes
from tunesmith.text import plural

REASONS = 20
"""So many reasons are listed, the most frequent first."""


def workers(_history: History, about: About) -> Section:
    """Return how busy the workers were."""
    seen = about.moments
    places = lanes(seen)
    busy: dict[int, float] = {}
    for moment, lane in zip(seen, places, strict=True):
        busy[lane] = busy.get(lane, 0.0) + moment.ended - moment.began
    counts = Counter(places)
    return Section(
        id="workers",
        title="Workers over time",
        what="Each bar is a training, on the worker it may have run on, by the clock of the study, "
        "which stands still between two runs. The stronger the colour, the further the trial came.",
        finding=_busy(seen, busy) + _held(seen),
        head=("worker", "trainings", "seconds busy"),
        rows=[[str(lane + 1), f"{counts[lane]:,}", f"{busy[lane]:.1f}"] for lane in sorted(busy)],
        figures={"lanes": places},
    )


def failures(history: History, about: About) -> Section:
    """Return what went wrong, by reason."""
    bad = [trial for trial in history.trials if trial.state.bad]
    reasons = Counter((trial.state.value.replace("_", " "), trial.reason) for trial in bad)
    ended = sum(trial.state.ended for trial in history.trials)
    if bad:
        state, count = Counter(trial.state.value for trial in bad).most_common(1)[0]
        most = f"{state.replace('_', ' ')} ({count:,})"
        finding = f"{len(bad):,} of {plural(ended, 'trial')} went wrong, most often {most}."
    else:
        finding = f"Nothing went wrong in {plural(ended, 'trial')}."
    first = {(t.state.value.replace("_", " "), t.reason): t.number for t in reversed(bad)}
    return Section(
        id="failures",
        title="What went wrong",
        what="Trials that gave no usable score, by reason, with the first trial of each.",
        finding=finding,
        head=("state", "reason", "trials", "the first"),
        rows=[
            [state, reason or "no reason given", f"{count:,}", str(first[state, reason])]
            for (state, reason), count in reasons.most_common(REASONS)
        ],
        folds=[
            (f"Traceback of trial {number}", text)
            for number, text in sorted(about.traces.items())[:REASONS]
        ],
    )


def _held(seen: Sequence[Moment]) -> str:
    """Say how much memory a process that trains has held; "" where nothing is known of it."""
    most = max((moment.memory for moment in seen), default=0)
    return f" A process that trains held {most / 1e6:,.0f} MB of memory at most." if most else ""


def _busy(seen: Sequence[Moment], busy: dict[int, float]) -> str:
    total = max((moment.ended for moment in seen), default=0.0)
    if total <= 0:
        return "Nothing is known of when trials were trained."
    share = sum(busy.values()) / (total * len(busy))
    return (
        f"{plural(len(busy), 'worker')} {'was' if len(busy) == 1 else 'were'} busy "
        f"{percent(min(1.0, share))} of {total:.0f} seconds."
    )
