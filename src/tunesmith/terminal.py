"""How a run looks at a terminal: a panel that fits 80 columns, or plain lines when piped."""

import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, final

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tunesmith.fit.flow import Result
from tunesmith.study import History, Study
from tunesmith.trial import State, Trial

SECONDS_BETWEEN_LINES = 5.0
"""Plain lines come no faster than this, so that a log stays short."""

NAMES = {"accuracy": "accuracy", "r2": "R2"}
"""How a metric is written."""


@final
class Panel:
    """What is shown while a study runs; a context manager."""

    def __init__(self, console: Console, study: Study, *, began: float) -> None:
        self._console, self._study, self._began = console, study, began
        self._phase = ""
        self._history: History | None = None
        self._said_at = -SECONDS_BETWEEN_LINES
        self._said = ""
        self._live = Live(
            get_renderable=self._draw, console=console, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._history is not None:
            self._say(self._line(self._history), always=True)
        self._live.stop()

    def phase(self, text: str) -> None:
        """Show that something which may take seconds begins."""
        self._phase = text
        self._say(text, always=True)

    def progress(self, history: History) -> None:
        """Show how far the search is."""
        self._phase, self._history = "", history
        self._say(self._line(history))

    def _say(self, line: str, *, always: bool = False) -> None:
        """Print a plain line, unless there is a live panel, or nothing new, or too soon."""
        now = time.monotonic()
        if self._console.is_terminal or line == self._said:
            return
        if always or now - self._said_at >= SECONDS_BETWEEN_LINES:
            self._console.print(Text(line), soft_wrap=True)
            self._said_at, self._said = now, line

    def _line(self, history: History) -> str:
        done = sum(count for state, count in _states(history).items() if state.ended)
        best = f", best {score_text(history.best, history.study)}" if history.has_best else ""
        return f"{_clock(time.monotonic() - self._began)}  {done} trials{best}"

    def _draw(self) -> Group:
        elapsed = time.monotonic() - self._began
        rows: list[Any] = []
        if self._history is not None:
            counts = _states(self._history)
            done = sum(count for state, count in counts.items() if state.ended)
            rows.append(self._bar(done, elapsed))
            rows.append(Text(_counts_text(counts)))
            if self._history.has_best:
                best = self._history.best
                rows.append(
                    Text(f"best so far  {score_text(best, self._study)} (trial {best.number})")
                )
                rows.append(Text(config_text(best.config), overflow="ellipsis", no_wrap=True))
        if self._phase:
            rows.append(Text(f"{self._phase} …", style="dim"))
        return Group(*rows)

    def _bar(self, done: int, elapsed: float) -> Table:
        """Draw how much of the budget is spent, by trials or by minutes, whichever is further."""
        shares = [0.0]
        if self._study.trials is not None:
            shares.append(done / self._study.trials)
        if self._study.minutes is not None:
            shares.append(elapsed / (60 * self._study.minutes))
        share = min(1.0, max(shares))
        row = Table.grid(padding=(0, 2))
        row.add_row(
            ProgressBar(total=1.0, completed=share, width=40),
            Text(f"{share:.0%}"),
            Text(_clock(elapsed)),
        )
        return row


def result_lines(result: Result) -> tuple[str, ...]:
    """Say what came of a run, and the next commands."""
    low, high = result.interval
    compared = ", ".join(f"{name} {value:.3f}" for name, value in result.baseline.items())
    name, rows = NAMES[result.metric], f"{result.rows:,} rows never used before"
    return (
        f"{name} {result.score:.3f} on {rows} (95 %: {low:.3f} to {high:.3f})",
        f"to compare: {compared}",
        f"{result.trials} trials, {result.epochs:,} epochs, {result.seconds:.0f} s; "
        + result.finished,
        config_text(result.config),
        f"model   {result.model}    tunesmith predict {result.model} NEW.csv -o OUT.csv",
        f"study   {result.study}    tunesmith show {result.study}",
    )


def leaderboard(history: History, *, most: int = 10) -> Table:
    """Return a table of the best trials, best first."""
    study = history.study
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False)
    for name in ("trial", NAMES.get(study.metric, study.metric), "epochs", *study.space):
        table.add_column(Text(name), justify="right", overflow="fold")
    for trial in history.ranked()[:most]:
        table.add_row(
            str(trial.number),
            f"{trial.metric(study.metric):.4f}",
            str(trial.epochs_trained),
            *(Text(value_text(trial.config.get(name, "-"))) for name in study.space),
        )
    return table


def summary_lines(history: History, result: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Say where a study stands."""
    study = history.study
    lines = [
        f"{study.metric}, {study.goal.value}; {_counts_text(_states(history))}",
        f"searched: {', '.join(study.space)}",
    ]
    if not history.finished:
        lines.append("not finished: tunesmith resume goes on with it")
    else:
        lines.append(f"finished: {history.finished}; digest {history.digest[:16]}")
    if result:
        low, high = result["interval"]
        score, rows = f"{result['score']:.3f}", f"{result['rows']:,}"
        lines.append(
            f"final score {score} on {rows} untouched rows (95 %: {low:.3f} to {high:.3f})"
        )
    return tuple(lines)


def score_text(trial: Trial, study: Study) -> str:
    """Write a trial's metric, such as "accuracy 0.972"."""
    return f"{NAMES.get(study.metric, study.metric)} {trial.metric(study.metric):.4f}"


def config_text(config: Mapping[str, Any]) -> str:
    """Write a config in one line."""
    return "  ".join(f"{name} {value_text(value)}" for name, value in config.items())


def value_text(value: object) -> str:
    """Write a param's value, floats with three digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _states(history: History) -> Counter[State]:
    return Counter(trial.state for trial in history.trials)


def _counts_text(counts: Counter[State]) -> str:
    return ", ".join(f"{counts[state]} {state.value}" for state in State if counts[state])


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
