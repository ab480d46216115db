import pytest

from tunesmith.report.findings.wording import duration, listed, number, percent, sentence, span
from tunesmith.text import plural


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(0.98333), "0.9833"),
        (number(1200.0), "1,200"),
        (number(-3), "-3"),
        (percent(0.0), "0 %"),
        (percent(0.0004), "below 0.1 %"),
        (percent(0.0037), "0.4 %"),
        (percent(0.125), "12 %"),
        (span(0.00312, 41), "0.00312 to 41"),
        (plural(1, "trial"), "1 trial"),
        (plural(3000, "trial"), "3,000 trials"),
        (plural(0, "trial"), "0 trials"),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (sentence("it was"), "It was."),
        (sentence("Was it?"), "Was it?"),
        (duration(31.4), "31 s"),
        (duration(59.7), "1 min 0 s"),
        (duration(7500), "2 h 5 min"),
    ],
)
def test_wording(said, expected):
    """Numbers and lists as a person would write them."""
    assert said == expected
