"""Grid search: every combination once, in the order of priority, and never too many."""

import numpy as np
import pytest
from tests.contracts.search_contract import BlindContract, finished, study_of

from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.search.propose.grid import LARGEST, GridSearch, combinations, counts, values
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Finish, Wait

SPACE = Space(
    rate=Float(1e-3, 10.0, scale=LOG, priority=1),
    kind=Choice(("a", "b"), priority=2),
    extra=Float(0.2, 0.4, priority=2, when={"kind": "b"}),
    layers=Int(2, 4, priority=3),
)


class TestGridSearch(BlindContract):
    seeded = False

    @pytest.fixture
    def search(self):
        return GridSearch(points=3)


def made(search, space=SPACE, **changes):
    """Return the configs that a search makes of a space, in order."""
    study = study_of(search, space=space, trials=10**6, **changes)
    return [dict(trial.config) for trial in finished(study, search).trials]


def test_every_combination_once():
    """Floats at even places of their scale, ends included; an inactive param makes none."""
    configs = made(GridSearch(points={"rate": 5, "extra": 3}))
    assert len(configs) == 5 * 3 * (1 + 3)
    assert len({tuple(config.items()) for config in configs}) == len(configs)
    assert sorted({c["rate"] for c in configs}) == pytest.approx([1e-3, 1e-2, 0.1, 1.0, 10.0])
    assert {c["layers"] for c in configs} == {2, 3, 4}
    assert sorted({c["extra"] for c in configs if "extra" in c}) == pytest.approx([0.2, 0.3, 0.4])


def test_the_first_priority_changes_fastest():
    """So that a study cut short has tried what matters most."""
    configs = made(GridSearch(points=4))
    assert [c["rate"] for c in configs[:5]] == pytest.approx(
        [10**-3, 10 ** (-5 / 3), 10 ** (-1 / 3), 10, 10**-3]
    )
    assert [c["kind"] for c in configs[3:5]] == ["a", "b"]
    assert {c["layers"] for c in configs[:20]} == {2}


def test_the_study_ends_with_the_grid():
    """The reason says so; while a trial runs, it waits."""
    search = GridSearch(points=1)
    study = study_of(search, space=Space(a=Float(2.0, 4.0)), trials=7)
    history = History(study)
    action = search.next(study, history)
    assert action.config == {"a": 3.0}
    history.start(action.config, 3)
    assert search.next(study, history) == Wait()
    history = finished(study, search)
    assert history.finished == "every config was tried"
    assert search.next(study, history) == Finish(history.finished)


def test_a_whole_number_takes_as_many_values_as_asked():
    """Evenly on its scale, and all of them if that is not said, or if there are no more."""
    units = Space(units=Int(4, 512, scale=LOG), layers=Int(1, 3))
    configs = made(GridSearch(points={"units": 3, "layers": 50}), units)
    assert {c["units"] for c in configs} == {4, 42, 512}
    assert len(configs) == 9
    assert len(made(GridSearch(), Space(layers=Int(3, 40)))) == 38


def test_values_are_spread_over_the_range():
    """One value is the middle."""
    assert values(SPACE["rate"], 1) == (0.5,)
    assert values(SPACE["extra"], 3) == (0.0, 0.5, 1.0)


def test_a_grid_of_any_size_is_shared_and_frozen():
    """All who ask get the same numbers."""
    numbers = combinations(SPACE, counts(SPACE, 2))
    with pytest.raises(ValueError, match="read-only"):
        numbers[0] = 1
    np.testing.assert_array_equal(numbers, np.unique(numbers))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (0, r"1 point or more for rate, got 0; give 5$"),
        ({"rate": 3}, r"1 point or more for extra, got None; give 5$"),
        ({"rate": 3, "extra": True}, r"1 point or more for extra, got True; give 5$"),
        ({"speed": 3}, r"points for 'speed', which is no Float or Int; drop it$"),
        ({"kind": 3}, r"points for 'kind', which is no Float or Int; drop it$"),
        (700, r"700 x 2 x 700 x 3 = 2940000 configs is larger than 1000000: give fewer points"),
    ],
)
def test_points_that_make_no_grid(points, message):
    """One sentence, before anything is built."""
    with pytest.raises(StudyError, match=message):
        made(GridSearch(points=points))


def test_more_points_than_atoms_in_the_room():
    """Counted, not built."""
    vast = Space(**{f"p{n}": Int(1, 10**9 + n, scale=LOG) for n in range(30)})
    with pytest.raises(StudyError, match="give fewer points"):
        counts(vast, 3)
    assert counts(Space(a=Float(0.0, 1.0)), LARGEST) == (LARGEST,)


@pytest.mark.parametrize("points", [3, {"rate": 4, "extra": 2}])
def test_settings_are_plain_data(points):
    """They make an equal search."""
    search = GridSearch(points=points)
    settings = search.settings()
    assert settings == {"name": "grid", "points": points, "ladder": {"name": "full"}}
    assert GridSearch(points=settings["points"]) == search


@pytest.mark.parametrize("points", [2.5, "5", None, True])
def test_points_that_are_none(points):
    """They are refused when the search is made."""
    with pytest.raises(StudyError, match=r"^points must be a whole number, or one by name, got"):
        GridSearch(points=points)
