import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from tests.report.conftest import config, first_round, measured, played, study_of

from tunesmith.history import History
from tunesmith.report.places import axes
from tunesmith.report.svg.ladder import (
    BANDS,
    LEFT,
    RIGHT,
    WIDTH,
    Band,
    across,
    bands,
    ladder,
    panel,
    rounds,
    spread,
)
from tunesmith.trial import State


def test_every_param_has_a_panel():
    """Each is well-formed, and holds the marks of all 23 trials."""
    found = ladder(played())
    assert [(name, scale) for name, scale, _ in found] == [
        ("rate", "log"),
        ("momentum", "log1m"),
        ("units", "log"),
        ("kind", "choice"),
    ]
    for _, _, drawn in found:
        assert ElementTree.fromstring(drawn) is not None
        assert len(re.findall(r'class="(full|hollow|cross)', drawn)) == 23
        assert len(re.findall(r'class="band"', drawn)) == 2
        assert len(re.findall(r'class="funnel"', drawn)) == 1


def test_walls_and_arrows_are_where_the_range_met_its_end():
    """The rate was widened at its low end, and lies against it; momentum met no end."""
    history = played()
    groups = rounds(history)
    rate, momentum = bands(history, 0, groups)[1], bands(history, 1, groups)[1]
    assert (rate.walls, rate.moved) == ((-0.1,), (-0.1,))
    assert (momentum.walls, momentum.moved) == ((), ())
    assert bands(history, 0, groups)[0].walls == ()


def test_a_study_without_rounds_has_one_band():
    """All its trials are in it."""
    history = played(0, finished=False)
    assert [len(band.trials) for band in bands(history, 0, rounds(history))] == [0]


def test_positions_by_hand():
    """The axis of the rate begins at -0.1; its ends are the ends of the picture."""
    rate = axes(played())[0]
    assert across(rate, -0.1) == LEFT
    assert across(rate, 1.0) == WIDTH - RIGHT
    assert across(rate, 0.45) == pytest.approx((LEFT + WIDTH - RIGHT) / 2)


def test_many_rounds_are_thinned():
    """Of forty rounds twelve are drawn, the first and the last among them."""
    history = played(1)
    axis = axes(history)[0]
    many = [Band(number=n, low=0.0, high=1.0, first=0, trials=[]) for n in range(40)]
    drawn = panel(history, axis, many)
    numbers = re.findall(r'text-anchor="end">(\d+)<', drawn)
    assert len(numbers) == BANDS
    assert (numbers[0], numbers[-1]) == ("0", "39")


def test_options_stay_in_their_stretch():
    """Trials of one option are spread, and never reach the next."""
    kind = axes(played())[3]
    places = [spread(kind, "tanh", number) for number in range(50)]
    assert all(0.5 < place < 1.0 for place in places)
    assert len(set(places)) == 50


def test_what_was_tried_before_the_first_round_is_in_its_band():
    """Two anchors, then a round that opens with trial 2: four marks, all inside the picture."""
    history = History(study_of())
    for number in range(4):
        history.start(
            config(number), 9, opened=replace(first_round(), first=2) if number == 2 else None
        )
        history.end(number, State.DONE, measured(number, 9, 0.5))
    (band,) = bands(history, 0, rounds(history))
    assert (band.first, len(band.trials)) == (0, 4)
    _, _, drawn = ladder(history)[0]
    heights = [float(y) for y in re.findall(r'class="full[^>]* cy="([^"]+)"', drawn)]
    assert len(heights) == 4
    assert min(heights) > 0
