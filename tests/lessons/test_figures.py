"""Figures: drawn without a display, small, and of every lesson."""

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from tunesmith.errors import LessonError
from tunesmith.lessons.figures import HOW_TO_GET, STYLES, band, bars, save
from tunesmith.lessons.listed import LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_lesson_has_a_figure(lesson, quick, tmp_path):
    """One picture of less than 60 kB, whose axes are labelled and titled."""
    path = save(lesson, quick(lesson.id), tmp_path / "new")
    assert path == tmp_path / "new" / f"{lesson.id}.png"
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert 3_000 < path.stat().st_size < 60_000
    figure = Figure()
    lesson.draw(quick(lesson.id), figure)
    assert any(axes.get_title("left") or axes.get_title() for axes in figure.axes)
    drawn = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert all(axes.get_xlabel() for axes in drawn)


def test_the_styles_differ_in_grey():
    """No two have the same dashes, or the same marker."""
    for key in ("linestyle", "marker", "color"):
        assert len({style[key] for style in STYLES}) == len(STYLES)


def test_bands_and_bars():
    """A band has its line, a bar its name, the first on top."""
    one, two = Figure().subplots(1, 2)
    x = np.array([1.0, 3.0])
    band(one, x, x, x - 1, x + 1, 0, "here")
    assert one.lines[0].get_label() == "here"
    assert len(one.collections) == 1
    bars(two, ["a", "b"], [3, 5], [2, 4], [4, 6])
    assert [label.get_text() for label in two.get_yticklabels()] == ["a", "b"]
    assert two.get_ylim() == (1.5, -0.5)


def test_without_matplotlib(monkeypatch, tmp_path):
    """One sentence says how to get it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(LessonError) as error:
        save(LESSONS[0], None, tmp_path)
    assert str(error.value) == HOW_TO_GET
