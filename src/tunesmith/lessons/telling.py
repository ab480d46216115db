"""What came of lessons, in words: for the terminal, as plain data, and as a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path
from textwrap import wrap
from typing import Any, final

from tunesmith.lessons.lesson import Findings, Lesson

WIDTH = 80
"""Characters a line may have."""
INTERVAL = "95 % interval"
HEAD = (
    "Claims about tuning and batch norm, each measured on real networks, and what came of them.",
    "`tunesmith lessons W5` runs one; it is a short file in `src/tunesmith/lessons/`.",
    "What can be changed stands at its top.",
    'In Python `lesson_called("W5").measure(Setting(seed=1))` does the same.',
    "These names are in `tunesmith.lessons.listed` and `tunesmith.lessons.lesson`.",
    "This page is written by `make lessons`.",
)
"""What the page begins with."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A lesson that was run."""

    lesson: Lesson
    findings: Findings
    seconds: float
    figure: Path | None = None
    """None where it could not be drawn."""


def list_lines(lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """Return each lesson's id and claim, in lines of at most 80 characters."""
    lines: list[str] = []
    for lesson in lessons:
        lines += wrap(
            lesson.claim, WIDTH, initial_indent=f"{lesson.id}  ", subsequent_indent=" " * 4
        )
    return (*lines, "", "tunesmith lessons W5 runs one, tunesmith lessons all runs all")


def told_lines(told: Told) -> tuple[str, ...]:
    """Return what came of a lesson: claim, numbers, conditions, verdict."""
    findings = told.findings
    head = wrap(f"{told.lesson.id}  {told.lesson.claim}", WIDTH, subsequent_indent=" " * 4)
    numbers = [(n.name, n.text, n.interval) for n in findings.numbers]
    table = _aligned([("", "", INTERVAL), *numbers] if any(n[2] for n in numbers) else numbers)
    words = (
        f"{findings.verdict.value}: {findings.sentence}",
        f"conditions: {findings.conditions}",
    )
    said = (line for text in words for line in wrap(text, WIDTH))
    figure = (f"figure: {told.figure}",) if told.figure else ()
    return (*head, "", *table, "", *said, *figure)


def _aligned(rows: Sequence[tuple[str, str, str]]) -> tuple[str, ...]:
    """Return a name, a value and an interval a line; a name that is too long has its own."""
    value, interval = (max(len(row[at]) for row in rows) for at in (1, 2))
    room = min(max(len(row[0]) for row in rows), WIDTH - value - interval - 4)
    lines: list[str] = []
    for name, text, ends in rows:
        *above, last = wrap(name, room, subsequent_indent="  ") or [""]
        lines += [*above, f"{last:{room}}  {text:>{value}}  {ends}".rstrip()]
    return tuple(lines)


def plain(told: Told) -> dict[str, Any]:
    """Return what came of a lesson as plain JSON data."""
    findings = told.findings
    return {
        "id": told.lesson.id,
        "claim": told.lesson.claim,
        "verdict": findings.verdict.value,
        "sentence": findings.sentence,
        "conditions": findings.conditions,
        "numbers": [
            {"name": n.name, "value": n.value, "low": n.low, "high": n.high, "unit": n.unit}
            for n in findings.numbers
        ],
        "seconds": round(told.seconds, 1),
        "figure": None if told.figure is None else str(told.figure),
    }


def page(all_told: Sequence[Told], place: Path) -> str:
    """Return a page in Markdown with all that was told, to be written to `place`."""
    parts = [
        "# The lessons",
        "",
        *HEAD,
        "",
        "| lesson | claim | verdict |",
        "|---|---|---|",
    ]
    for told in all_told:
        name = f"[{told.lesson.id}](#{_anchor(told.lesson)})"
        parts.append(f"| {name} | {told.lesson.claim} | {told.findings.verdict.value} |")
    for told in all_told:
        parts += ["", *_section(told, place)]
    return "\n".join(parts) + "\n"


def _section(told: Told, place: Path) -> list[str]:
    """Return a lesson's part of the page."""
    lesson, findings = told.lesson, told.findings
    rows = [f"| {n.name} | {n.text} | {n.interval} |" for n in findings.numbers]
    lines = [
        f"## {lesson.id}: {lesson.title}",
        "",
        f"*{lesson.claim}*",
        "",
        *_sentences(lesson.story),
    ]
    if told.figure is not None:
        at = Path(relpath(told.figure, place.parent)).as_posix()
        lines += ["", f"![{lesson.title}]({at})"]
    return [
        *lines,
        "",
        f"| measured | value | {INTERVAL} |",
        "|---|---|---|",
        *rows,
        "",
        f"Conditions: {findings.conditions}.",
        "",
        f"**{findings.verdict.value.capitalize()}.** {findings.sentence}",
    ]


def _sentences(story: str) -> list[str]:
    """Return a docstring's paragraphs with one sentence in each line."""
    whole = [" ".join(paragraph.split()) for paragraph in story.strip().split("\n\n")]
    return "\n\n".join(re.sub(r"(?<=[a-z0-9)]\.) (?=[A-Z])", "\n", p) for p in whole).split("\n")


def _anchor(lesson: Lesson) -> str:
    """Return the anchor that Markdown gives a lesson's heading."""
    return f"{lesson.id}-{lesson.title}".lower().replace(" ", "-").replace(",", "")
