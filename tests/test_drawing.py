"""Rounds drawn with characters."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tunesmith.drawing import (
    BAR,
    BEST,
    LEAST_BAR,
    WIDTH,
    number_text,
    range_lines,
    range_table,
    round_lines,
)
from tunesmith.history import History
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Space
from tunesmith.study import Round, Study
from tunesmith.trial import Config, Measurement, State

SPACE = Space(
    rate=Float(1e-4, 1.0, scale=LOG), kind=Choice(("a", "b")), units=Int(4, 64, limits=(1, 128))
)
CONFIG = Config({"rate": 0.1, "kind": "a", "units": 5})


def opened(number, first, low, high, rate, units, reason="the whole space as given"):
    """Return a round; low and high are those of rate, kind and units."""
    return Round(
        number=number,
        first=first,
        low=low,
        high=high,
        whole_low=(0.0, 0.0, min(0.0, low[2])),
        whole_high=(1.0, 1.0, max(1.0, high[2])),
        ranges=MappingProxyType({"rate": rate, "units": units}),
        reason=reason,
    )


ROUNDS = {
    0: opened(0, 0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1e-4, 1.0), (4, 64)),
    3: opened(
        1,
        3,
        (0.25, 0.0, 0.5),
        (0.75, 1.0, 2.0),
        (1e-3, 1e-1),
        (34, 124),
        "narrowed rate to 0.001 to 0.1 (was 0.0001 to 1), widened units to 34 to 124 (was 4 to 64)",
    ),
}


def played(trials):
    """Return a history of so many trials in two rounds."""
    history = History(Study(space=SPACE, trials=9))
    for number in range(trials):
        history.start(CONFIG, 1, opened=ROUNDS.get(number))
    return history


def test_each_round_says_when_and_why():
    """In lines that fit a terminal."""
    lines = round_lines(played(5))
    assert lines[0] == "round 0, trials 0 to 2: the whole space as given"
    assert lines[1].startswith("round 1, trials 3 to 4: narrowed rate to 0.001 to 0.1")
    assert " ".join(line.strip() for line in lines[1:]).endswith(ROUNDS[3].reason)
    assert max(map(len, lines)) <= WIDTH


def test_a_bar_is_drawn_on_the_param_s_own_scale():
    """Two decades of four are half a bar; a range that was widened is longer than the first."""
    lines = range_lines(played(4))
    assert lines[0] == "rate, log scale"
    assert lines[1] == f"    0 {'█' * BAR} 0.0001 to 1"
    quarter = BAR // 4
    assert lines[2] == f"    1 {'·' * quarter}{'█' * (2 * quarter)}{'·' * quarter} 0.001 to 0.1"
    assert lines[3] == "units, linear scale"
    assert lines[4] == f"    0 {'█' * (BAR // 2)}{'·' * (BAR // 2)} 4 to 64"
    assert lines[5] == f"    1 {'·' * quarter}{'█' * (3 * quarter)} 34 to 124"
    assert len(lines) == 6  # a Choice has no range


def test_a_range_of_no_width_is_still_seen():
    """One character stands for it, at either end."""
    for at in (0.0, 1.0):
        history = History(Study(space=SPACE, trials=9))
        first, narrow = ROUNDS[0], (at, 0.0, at)
        history.start(CONFIG, 1, opened=first)
        history.start(CONFIG, 1, opened=opened(1, 1, narrow, narrow, (0.1, 0.1), (4, 4)))
        bar = range_lines(history)[2].split()[1]
        assert bar.count("█") == 1
        assert bar.index("█") == (0 if at == 0 else BAR - 1)


def test_a_search_without_rounds_draws_nothing():
    """Neither reasons nor bars."""
    history = History(Study(space=SPACE, trials=9))
    history.start(CONFIG, 1)
    assert round_lines(history) == range_lines(history) == ()


def ended(trials, config=CONFIG):
    """Return a history whose first trial is done, and the best."""
    history = played(trials)
    history.end(0, State.DONE, [Measurement(1, {"loss": 0.3})])
    return history


def test_each_param_says_where_it_looks_and_where_it_began():
    """The best of rate lies a quarter of its log scale from the top; units were widened."""
    assert range_table(ended(4)) == (
        f"       best  {' ' * 32}  range now     at the start",
        f"rate   0.1   {'·' * 8}{'█' * 16}{BEST}{'·' * 7}  0.001 to 0.1  0.0001 to 1 (log)",
        f"kind   a     {' ' * 32}  2 options",
        f"units  5     {BEST}{'·' * 7}{'█' * 24}  34 to 124     4 to 64",
    )


@given(width=st.integers(30, 200), letters=st.integers(1, 90), wide=st.booleans())
def test_a_table_of_ranges_fits(width, letters, wide):
    """However long the names are and however many cells a letter takes."""
    name = ("\u6e2c" if wide else "p") * letters
    space = Space(**{name: Float(1e-4, 1.0, scale=LOG), "kind": Choice((name, "b"))})
    history = History(Study(space=space, trials=9))
    history.start(Config({name: 0.1, "kind": name}), 1)
    history.end(0, State.DONE, [Measurement(1, {"loss": 0.3})])
    lines = range_table(history, width)
    assert len(lines) == 3
    assert max(map(cell_len, lines)) <= width


def test_a_narrow_terminal_gets_less():
    """First the range at the start goes, then the bar, then the range now."""
    heads = [range_table(ended(4), width)[0].split() for width in (80, 46, 34, 20)]
    assert heads == [
        ["best", "range", "now", "at", "the", "start"],
        ["best", "range", "now"],
        ["best", "range", "now"],
        ["best"],
    ]
    assert range_table(ended(4), 46)[1].count(BEST) == 1
    assert range_table(ended(4), 34)[1].count(BEST) == 0


def test_what_is_not_searched_has_no_line():
    """A Choice of one option is a value that was given; one of several says how many."""
    space = Space(rate=Float(0.3, 2.7), kind=Choice(("a",)), order=Choice(("x", "y")))
    history = History(Study(space=space, trials=9))
    assert [line.split() for line in range_table(history)[1:]] == [
        ["rate", "-", "█" * 32, "0.3", "to", "2.7"],
        ["order", "-", "2", "options"],
    ]
    alone = History(Study(space=Space(kind=Choice(("a",))), trials=9))
    assert range_table(alone) == ()


@pytest.mark.parametrize(
    ("scale", "value", "expected"),
    [
        (LOG, 0.000123456, "0.000123"),
        (LINEAR, 0.99953, "1"),
        (LOG1M, 0.99953, "0.99953"),
        (LOG1M, 0.9000123, "0.9"),
        (LOG1M, 0.9951, "0.9951"),
        (LOG, 7, "7"),
        (LOG, "\x1b[31m", r"\x1b[31m"),
    ],
)
def test_a_number_in_few_digits(scale, value, expected):
    """Near 1 its distance from 1 is what counts: 0.9995 is not 1."""
    assert number_text(Float(0.1, 0.9999, scale=scale), value) == expected


def test_a_narrow_drawing_of_rounds():
    """The bars shrink, the ranges stay."""
    lines = range_lines(played(4), 40)
    assert lines[1] == f"    0 {'█' * LEAST_BAR} 0.0001 to 1"
