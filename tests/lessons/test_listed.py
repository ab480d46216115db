"""The list of lessons."""

import importlib

import pytest

from tunesmith.errors import LessonError
from tunesmith.lessons.listed import LESSONS, lesson_called


def test_every_claim_has_its_lesson():
    """Each id once, in the notes' numbering."""
    assert sorted(lesson.id for lesson in LESSONS) == [
        *("B2", "B3", "B4", "B5", "B6"),
        "T1",
        *(f"W{n}" for n in range(1, 10)),
    ]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_lesson_reads_like_an_explanation(lesson):
    """Its file is named after it, says what is done and what to change, and keeps to its claim."""
    assert lesson.module.startswith(lesson.id.lower() + "_")
    assert "To change: " in lesson.story
    assert len(lesson.story.splitlines()) > 5
    assert lesson.claim.endswith(".")
    module = importlib.import_module(f"tunesmith.lessons.{lesson.module}")
    assert callable(module.measure)
    assert callable(module.draw)


def test_a_lesson_is_found_by_its_id():
    """In capitals or not."""
    assert lesson_called("w1") is lesson_called("W1")


def test_an_id_that_is_none():
    """One sentence, with the nearest."""
    with pytest.raises(LessonError, match="no lesson 'W11'; did you mean 'W1'"):
        lesson_called("W11")
    with pytest.raises(LessonError, match="no lesson 'xyz'; tunesmith lessons lists them"):
        lesson_called("xyz")
