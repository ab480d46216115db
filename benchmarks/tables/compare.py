"""Networks on real tables, beside what people pick instead."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.options import at_least
from benchmarks.report import Report, progress
from benchmarks.tables.arms import ARMS, OURS
from benchmarks.tables.data import Part, asked_for, load
from benchmarks.tables.judge import Answers, constant, difference, interval, scaled, score
from benchmarks.tables.results import FOLDER, path_of, read

BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"
"""Between these a page has the table."""

TITLE = "fit on real tables beside scikit-learn's MLPs, boosted trees and RealMLP"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--minutes", type=float, default=2.0, help="for each search (%(default)s)")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--names", nargs="+", metavar="TABLE", help="only these tables")
    parser.add_argument("--seed", type=at_least(0), default=0, help="(%(default)s)")
    parser.add_argument(
        "--results", type=Path, default=FOLDER, help="where answers are kept (%(default)s)"
    )
    parser.add_argument("--again", nargs="+", choices=ARMS, default=[], help="run these anew")
    parser.add_argument("--stored", action="store_true", help="run nothing: report what is kept")
    parser.add_argument("--page", type=Path, help="a page in which to renew the table, too")


def run(options: argparse.Namespace) -> Report:
    """Run what is not kept yet, table by table, and compare."""
    parts, answers = {}, {}
    for name in asked_for(options.names):
        part = load(name)
        for arm in [] if options.stored else options.again:
            path_of(options.results, name, arm).unlink(missing_ok=True)
        found = {arm: _answer(part, arm, options) for arm in options.arms}
        answers[name] = {arm: kept for arm, kept in found.items() if kept is not None}
        parts[name] = part
        progress("  ".join(_row(part, answers[name], options.arms)))
    report = _report(parts, answers, options)
    if options.page:
        options.page.write_text(renewed(options.page.read_text(), report))
    return report


def renewed(page: str, report: Report) -> str:
    """Return a page in Markdown with the table between its two marks as the report has it."""
    cells = [report.columns, ["---", *("---:" for _ in report.columns[1:])], *report.rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    words = [f"- {note}" for note in report.notes]
    before, rest = page.split(BEGIN)
    return "\n".join([before + BEGIN, "", *lines, "", *words, "", END + rest.split(END)[1]])


def _answer(part: Part, arm: str, options: argparse.Namespace) -> "np.ndarray | None":
    """Return an arm's predictions, from its file or by running it."""
    path = path_of(options.results, part.name, arm)
    if not path.exists() and not options.stored:
        arguments = (arm, part.name, options.minutes, options.seed, options.results)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.tables.one", *map(str, arguments)],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ,
            check=False,
        )
        if done.returncode:
            words = (done.stderr.strip().splitlines() or ["no words"])[-1]
            progress(f"{part.name}, {arm}: left out, {words}")
    kept = read(path)
    return None if kept is None else kept[0]


def _row(part: Part, answers: Answers, arms: list[str]) -> list[str]:
    cells = [f"{score(part, answers[arm]):.4f}" if arm in answers else "-" for arm in arms]
    return [part.name, part.metric, f"{constant(part):.3f}", *cells]


def _report(
    parts: dict[str, Part], answers: dict[str, Answers], options: argparse.Namespace
) -> Report:
    rows = [_row(part, answers[name], options.arms) for name, part in parts.items()]
    notes = [
        "scores on test rows, larger is better; scaled: 0 for a constant model, 1 for the best arm"
    ]
    figures: dict[str, object] = {}
    for mine in (arm for arm in options.arms if arm in OURS):
        for theirs in (arm for arm in options.arms if arm not in OURS):
            found = _against(parts, answers, mine, theirs)
            if found:
                notes.append(str(found.pop("sentence")))
                figures[f"{mine} / {theirs}"] = found
    scores = {
        name: {arm: score(part, each) for arm, each in answers[name].items()}
        for name, part in parts.items()
    }
    return Report(
        title=f"{len(parts)} tables, {options.minutes:g} minutes for each search, 2 cores",
        columns=["table", "metric", "constant", *options.arms],
        rows=rows,
        notes=notes,
        figures={"scores": scores, "against": figures},
    )


def _against(
    parts: dict[str, Part], answers: dict[str, Answers], mine: str, theirs: str
) -> dict[str, object]:
    """Return wins, losses and the mean scaled score of one arm beside another, and a sentence."""
    both = [name for name in parts if {mine, theirs} <= set(answers[name])]
    if not both:
        return {}
    wins, losses, gaps = [], [], []
    means = {mine: 0.0, theirs: 0.0}
    for name in both:
        part = parts[name]
        gap, error = difference(part, answers[name][mine], answers[name][theirs])
        wins += [name] * (gap > error)
        losses += [name] * (-gap > error)
        merit = scaled(part, answers[name])
        gaps.append(merit[mine] - merit[theirs])
        for arm in means:
            means[arm] += merit[arm] / len(both)
    low, high = interval(gaps)
    sentence = (
        f"{mine} against {theirs} on {len(both)}: {len(wins)} wins, {len(losses)} losses"
        f"{' (' + ', '.join(losses) + ')' if losses else ''}, by more than a standard error; mean "
        f"scaled score {means[mine]:.4f} to {means[theirs]:.4f}, difference "
        f"{np.mean(gaps):+.4f} ({low:+.4f} to {high:+.4f})"
    )
    return {
        "sentence": sentence,
        "wins": wins,
        "losses": losses,
        "mean_scaled": means,
        "interval": [low, high],
    }
