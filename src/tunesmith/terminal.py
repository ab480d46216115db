"""How a run looks at a terminal: a panel that fits 80 columns, or plain lines when piped."""

import shlex
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, final

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tunesmith.arithmetic import mean
from tunesmith.drawing import WIDTH, number_text, range_table
from tunesmith.history import History
from tunesmith.study import Advice, Study
from tunesmith.text import figure, plural
from tunesmith.trial import Config, State, Trial
from tunesmith.usage import printable

if TYPE_CHECKING:
    from tunesmith.fit.flow import Result

NARROWEST, WIDEST = 40, 120
"""Characters a line may have at least, and at most: longer ones are hard to read."""

SECONDS_BETWEEN_LINES = 5.0
"""Plain lines come no faster than this, so that a log stays short."""

OTHER_ROWS = 5
"""Rows of a panel beside those of the params, and the one that the cursor is in."""

INDENT = " " * 9
"""Under what follows a label of a result."""

NAMES = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log loss",
    "mae": "MAE",
    "r2": "R2",
    "rmse": "RMSE",
}
"""How a metric is written."""


@final
class Panel:
    """What is shown while a study runs; a context manager.

    It raises KeyboardInterrupt where it should show something though a stop was asked for.
    """

    def __init__(
        self,
        console: Console,
        study: Study,
        *,
        began: float,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._console, self._study, self._began = console, study, began
        self._stopped = stopped
        self._phase = ""
        self._history: History | None = None
        self._said_at = -SECONDS_BETWEEN_LINES
        self._said = ""
        self._live = Live(
            get_renderable=self._draw, console=console, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Self:
        if self._console.is_interactive:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def phase(self, text: str) -> None:
        """Show that something which may take seconds begins."""
        self._check()
        self._phase = text
        self._say(text)

    def progress(self, history: History) -> None:
        """Show how far the search is; as plain lines, now and then and at its end."""
        self._check()
        self._phase, self._history = "", history
        now = time.monotonic()
        due = now - self._said_at >= SECONDS_BETWEEN_LINES and _ended(_states(history))
        if due or history.finished:
            self._said_at = now
            self._say(self._line(history))

    def _check(self) -> None:
        if self._stopped():
            raise KeyboardInterrupt

    def _say(self, line: str) -> None:
        """Print a plain line, unless there is a live panel."""
        if line != self._said and not self._console.is_interactive:
            self._console.print(Text(printable(line)), soft_wrap=True)
            self._said = line

    def _line(self, history: History) -> str:
        done = _ended(_states(history))
        best = f", best {score_text(history.best, history.study)}" if history.has_best else ""
        return f"{_clock(time.monotonic() - self._began)}  {plural(done, 'trial')}{best}"

    def _draw(self) -> Group:
        elapsed = time.monotonic() - self._began
        rows: list[Any] = []
        if self._history is not None:
            counts = _states(self._history)
            rows.append(self._bar(_ended(counts), elapsed))
            # Not those given out and waiting for a worker: they would look like workers.
            ended = Counter({state: n for state, n in counts.items() if state.ended})
            rows.append(Text(_counts_text(ended) or "none done yet"))
            if self._history.has_best:
                best = self._history.best
                rows.append(
                    Text(f"best so far  {score_text(best, self._study)} (trial {best.number})")
                )
            table = range_table(self._history, room(self._console.width))
            # A panel taller than the screen could not be taken away again.
            rows.extend(map(Text, table[: max(0, self._console.height - OTHER_ROWS)]))
        if self._phase:
            rows.append(Text(f"{printable(self._phase)} ...", style="dim"))
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
            ProgressBar(total=1.0, completed=share, width=room(self._console.width) // 2),
            Text(f"{share:.0%}"),
            Text(_clock(elapsed)),
        )
        return row


def _chosen_lines(result: "Result") -> tuple[str, ...]:
    """Say what the choice was made by, how optimistic that is, and how many were joined."""
    if result.validation is None:
        return ()
    luck = "" if result.optimism is None else f", optimistic by about {result.optimism:.2g}"
    joined = f"; {result.members} networks together" if result.members > 1 else ""
    return (f"chosen   by {figure(result.validation)} on the validation rows{luck}{joined}",)


def _refit_lines(result: "Result") -> tuple[str, ...]:
    """Say where the model is not the best config trained again as planned, and why."""
    if not result.refit_reason:
        return ()
    first, *more = wrap(result.refit_reason, WIDTH - len(INDENT))
    return (f"refit    {first}", *(INDENT + line for line in more))


def baseline_text(baseline: Mapping[str, float]) -> str:
    """Say what the baselines have, such as "linear 0.8120, constant 0.5500"."""
    return ", ".join(f"{who} {figure(value)}" for who, value in baseline.items())


def worse_text(worse_than: Sequence[str], baseline: Mapping[str, float]) -> str:
    """Say which baselines are better than the model, such as ", worse than linear 0.8120,"."""
    names = " and ".join(f"{who} {figure(baseline[who])}" for who in worse_than)
    return f", worse than {names}," if names else ""


def room(columns: int) -> int:
    """Return how many characters a line may have on a terminal of so many columns."""
    return max(NARROWEST, min(columns, WIDEST))


def result_lines(result: "Result") -> tuple[str, ...]:
    """Say what came of a run, and the next commands."""
    low, high = result.interval
    name, rows = NAMES[result.metric], f"{result.rows:,} rows never used before"
    compared = baseline_text(result.baseline)
    counts = f"{plural(result.trials, 'trial')}, {plural(result.epochs, 'epoch')}"
    spent = f"{counts}, {result.seconds:.0f} s"
    interval = f"95 %: {figure(low)} to {figure(high)}"
    model, study = shlex.quote(result.model), shlex.quote(result.study)
    worse = worse_text(result.worse_than, result.baseline)
    config, *more = config_lines(result.config, WIDTH - len(INDENT))
    return (
        f"score    {name} {figure(result.score)}{worse} on {rows} ({interval})",
        f"compare  {compared}",
        *_chosen_lines(result),
        *_refit_lines(result),
        f"spent    {spent}; {result.finished}",
        f"config   {config}",
        *(INDENT + line for line in more),
        f"model    tunesmith predict {model} NEW.csv -o OUT.csv",
        f"study    tunesmith show {study}",
    )


def leaderboard(history: History, *, most: int = 10, width: int = WIDTH) -> tuple[str, ...]:
    """Return a table of the best configs, best first, in lines of at most `width` characters.

    A config that was trained several times has its first trial's number and its mean score. Each
    param has its column; where they do not all fit, a config is written below its trial.
    """
    study = history.study
    alike: dict[tuple[Config, int], list[Trial]] = {}
    for trial in history.ranked():
        alike.setdefault((trial.config, trial.epochs_trained), []).append(trial)
    groups = list(alike.values())[:most]
    ranked = [group[0] for group in groups]
    head = ["trial", metric_text(study)[: width // 4], "epochs"]
    means = [mean(t.metric(study.metric) for t in group) for group in groups]
    rows = [
        [str(t.number), figure(mean), str(t.epochs_trained)]
        for t, mean in zip(ranked, means, strict=True)
    ]
    if any(len(group) > 1 for group in groups):
        alone = len({t.epochs_trained for t in ranked}) > 1  # equal epochs make room for it
        head = [*(head if alone else head[:-1]), "times"]
        rows = [
            [*(row if alone else row[:-1]), str(len(group))]
            for row, group in zip(rows, groups, strict=True)
        ]
    wide = [[*head, *map(printable, study.space)]]
    wide += [row + _values(study, t) for row, t in zip(rows, ranked, strict=True)]
    lines = _aligned(wide)
    if cell_len(lines[0]) <= width:
        return lines
    first, *others = _aligned([head, *rows])
    below = [
        [line, *(f"  {part}" for part in config_lines(t.config, width - 2))]
        for line, t in zip(others, ranked, strict=True)
    ]
    return (first, *(line for block in below for line in block))


def _values(study: Study, trial: Trial) -> list[str]:
    """Return a trial's value of each param, "-" for one that is not there."""
    config = trial.config
    return [
        number_text(param, config[name]) if name in config else "-"
        for name, param in study.space.items()
    ]


def _aligned(rows: list[list[str]]) -> tuple[str, ...]:
    """Return rows of cells as lines, each column flush right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return tuple(
        "  ".join(
            " " * (width - cell_len(cell)) + cell for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    )


def summary_lines(
    history: History, result: Mapping[str, Any] | None, width: int = WIDTH
) -> tuple[str, ...]:
    """Say what a study has found, how sure that is, and where it stands."""
    study = history.study
    end = f"finished: {history.finished}" if history.finished else "not finished; it can be resumed"
    said = []
    if result:
        low, high = result["interval"]
        compared = baseline_text(result["baseline"])
        worse = worse_text(result.get("worse_than", ()), result["baseline"])
        said.append(
            f"score: {metric_text(study)} {figure(result['score'])}{worse} on {result['rows']:,} "
            f"rows never used before (95 %: {figure(low)} to {figure(high)}); {compared}"
        )
        if result.get("refit_reason"):
            said.append(f"refit: {result['refit_reason']}")
    elif history.has_best:
        said.append(f"best: {score_text(history.best, study)} (trial {history.best.number})")
    if history.recommendation is not None:
        chosen = history.recommendation
        said.append(f"recommended: trial {chosen.number}, {chosen.reason}")
    said.append(f"{metric_text(study)}, {study.goal.value}imized; {end}")
    counts = _counts_text(_states(history)) or "none"
    said.append(f"trials: {counts}; digest {history.digest[:16]}")
    said += [
        f"amended after {plural(change.first, 'trial')}: {change.reason}"
        for change in history.amendments
    ]
    return tuple(line for text in said for line in wrap(printable(text), width))


def advice_lines(advice: Sequence[Advice], *, most: int = 5, width: int = WIDTH) -> tuple[str, ...]:
    """Say the first pieces of advice, under a heading; nothing if there is none.

    Questions that the results cannot answer yet are counted in one closing line.
    """
    answered = [piece.text for piece in advice if piece.certain][:most]
    unanswered = sum(not piece.certain for piece in advice)
    if unanswered:
        more = f"{'more ' if answered else ''}question{'' if unanswered == 1 else 's'}"
        answered.append(f"{unanswered} {more} cannot be answered yet: --json has them")
    said = (wrap(f"- {printable(text)}", width, subsequent_indent="  ") for text in answered)
    lines = tuple(line for piece in said for line in piece)
    return ("advice", *lines) if lines else ()


def plain_study(
    history: History, result: Mapping[str, Any] | None, advice: Sequence[Advice]
) -> dict[str, Any]:
    """Return where a study stands as plain JSON data, with all that is advised."""
    study, chosen = history.study, history.recommendation
    board = [
        {"trial": t.number, "score": t.metric(study.metric), "config": dict(t.config)}
        for t in history.ranked()[:10]
    ]
    return {
        "metric": study.metric,
        "goal": study.goal.value,
        "trials": len(history.trials),
        "finished": history.finished,
        "digest": history.digest,
        "best": board,
        "recommendation": None if chosen is None else chosen.to_builtins(),
        "rounds": [opened.to_builtins() for opened in history.rounds],
        "amendments": [
            {"first": change.first, "reason": change.reason} for change in history.amendments
        ],
        "advice": [piece.to_builtins() for piece in advice],
        "result": result,
    }


def score_text(trial: Trial, study: Study) -> str:
    """Write a trial's metric, such as "accuracy 0.972"."""
    return f"{metric_text(study)} {figure(trial.metric(study.metric))}"


def metric_text(study: Study) -> str:
    """Write the name of a study's metric."""
    return printable(NAMES.get(study.metric, study.metric))


def config_lines(config: Mapping[str, Any], width: int = WIDTH) -> tuple[str, ...]:
    """Write a config, in lines of at most `width`; a name and its value stay together."""
    pairs = (
        printable(f"{name} {value_text(value)}").replace(" ", "\xa0")
        for name, value in config.items()
    )
    return tuple(line.replace("\xa0", " ") for line in wrap("  ".join(pairs), width)) or ("",)


def value_text(value: object) -> str:
    """Write a param's value, floats with three digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _states(history: History) -> Counter[State]:
    return Counter(trial.state for trial in history.trials)


def _ended(counts: Counter[State]) -> int:
    return sum(count for state, count in counts.items() if state.ended)


def _counts_text(counts: Counter[State]) -> str:
    return ", ".join(f"{counts[state]} {state.value}" for state in State if counts[state])


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
