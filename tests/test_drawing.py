"""Rounds drawn with characters."""

from types import MappingProxyType

from tunesmith.drawing import BAR, WIDTH, range_lines, round_lines
from tunesmith.history import History
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Round, Study
from tunesmith.trial import Config

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
