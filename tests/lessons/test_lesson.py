"""What a lesson is made of."""

import math

import pytest

from tunesmith.lessons.lesson import Findings, Number, Setting, Verdict, figures, verdict


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.012345, "0.0123"),
        (4.5649, "4.56"),
        (789.4, "789"),
        (12_345.6, "12,346"),
        (3.0, "3"),
        (-1 / 3, "-0.333"),
        (1.5e9, "1.5e+09"),
        (math.nan, "none"),
        (math.inf, "inf"),
    ],
)
def test_figures(value, text):
    """Three digits or so, and no more noughts than needed."""
    assert figures(value) == text


def test_a_number_says_its_unit_and_its_interval():
    """Without an interval there is none to say."""
    sure = Number(name="steps", value=7.0)
    unsure = Number(name="loss", value=0.25, unit="nats", low=0.2, high=0.3)
    assert (sure.text, sure.interval) == ("7", "")
    assert (unsure.text, unsure.interval) == ("0.25 nats", "0.2 to 0.3")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((True,), Verdict.BORNE_OUT),
        ((False,), Verdict.NOT_BORNE_OUT),
        ((True, False, True), Verdict.IN_PART),
        ((False, False), Verdict.NOT_BORNE_OUT),
    ],
)
def test_verdict(parts, expected):
    """A claim of several parts may come out in part."""
    assert verdict(*parts) is expected


def test_findings_are_read_by_name():
    """The value of a number, by what it is called."""
    numbers = (Number(name="a", value=3.0), Number(name="b", value=5.0))
    found = Findings(
        numbers=numbers, verdict=Verdict.BORNE_OUT, sentence="so it is", conditions="none"
    )
    assert found["b"] == 5


def test_a_setting_chooses():
    """In a hurry the quick value is taken."""
    assert [Setting(quick=quick).of(50, 7) for quick in (False, True)] == [50, 7]
