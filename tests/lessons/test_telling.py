"""Lessons in words."""

from pathlib import Path

import msgspec
import pytest

from tunesmith.lessons.lesson import Findings, Number, Verdict
from tunesmith.lessons.listed import LESSONS, lesson_called
from tunesmith.lessons.telling import Told, list_lines, page, plain, told_lines

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lessons.md"
FOUND = Findings(
    numbers=(
        Number(name="steps", value=7.0, low=5.0, high=9.0),
        Number(
            name="a thing whose name is long, much too long for a line of 80 characters", value=3.0
        ),
    ),
    verdict=Verdict.IN_PART,
    sentence="Half of it is so.",
    conditions="two networks",
)
TOLD = Told(lesson=lesson_called("W1"), findings=FOUND, seconds=1.23, figure=Path("a/W1.png"))


def test_the_list_names_every_lesson_and_fits():
    """An id and a claim each, in lines of at most 80 characters."""
    lines = list_lines(LESSONS)
    assert all(any(line.startswith(f"{lesson.id}  ") for line in lines) for lesson in LESSONS)
    assert max(map(len, lines)) <= 80


def test_what_was_found_fits_too():
    """Numbers with their intervals, verdict, conditions and figure."""
    lines = told_lines(TOLD)
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for part in (
        "5 to 9",
        "95 % interval",
        "borne out in part: Half",
        "conditions: two",
        "a/W1.png",
    ):
        assert part in text
    assert [line.split() for line in lines if line.startswith("steps")] == [
        ["steps", "7", "5", "to", "9"]
    ]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_lesson_is_told_in_80_columns(lesson, quick):
    """The numbers of each lesson find room beside their names."""
    told = Told(lesson=lesson, findings=quick(lesson.id), seconds=0.0)
    assert max(map(len, told_lines(told))) <= 80
    assert told.findings.sentence.endswith(".")
    assert len({number.name for number in told.findings.numbers}) == len(told.findings.numbers)


def test_plain_data():
    """All numbers, and what they mean, as JSON."""
    data = msgspec.json.decode(msgspec.json.encode(plain(TOLD)))
    assert data["numbers"][0] == {"name": "steps", "value": 7, "low": 5, "high": 9, "unit": ""}
    assert (data["id"], data["verdict"], data["figure"]) == ("W1", "borne out in part", "a/W1.png")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_page_in_docs_is_of_this_lesson(lesson):
    """`make lessons` writes it: claim, story and figure are those of today."""
    told = Told(
        lesson=lesson, findings=FOUND, seconds=0.0, figure=PAGE.parent / "lessons" / "x.png"
    )
    whole = PAGE.read_text(encoding="utf-8")
    assert f"\n## {lesson.id}: " in whole, "make lessons writes its section"
    written = whole.split(f"\n## {lesson.id}: ")[1].split("\n## ")[0]
    fresh = page([told], PAGE).split(f"\n## {lesson.id}: ")[1]
    assert written.split("![")[0] == fresh.split("![")[0]
    assert (PAGE.parent / "lessons" / f"{lesson.id}.png").exists()


def test_the_numbers_by_hand_stand_in_the_page(quick):
    """Nothing in B2 is random: the page has its rows to the last digit."""
    rows = page([Told(lesson=lesson_called("B2"), findings=quick("B2"), seconds=0.0)], PAGE)
    numbers = [line for line in rows.splitlines() if line.startswith(("| z_", "| mean", "| var"))]
    assert len(numbers) == 12
    assert set(numbers) <= set(PAGE.read_text(encoding="utf-8").splitlines())


def test_the_page_leads_to_its_figures_and_sections(tmp_path):
    """The figure's path is seen from the page; the table's link is the heading's anchor."""
    figure = tmp_path / "docs" / "lessons" / "W1.png"
    told = Told(lesson=TOLD.lesson, findings=FOUND, seconds=0.0, figure=figure)
    text = page([told], tmp_path / "docs" / "lessons.md")
    assert "![Round contours](lessons/W1.png)" in text
    assert "| [W1](#w1-round-contours) |" in text
    assert "\n## W1: Round contours\n" in text
    assert "| steps | 7 | 5 to 9 |" in text
    assert "**Borne out in part.** Half of it is so." in text
