"""From plain data back to a search."""

import pytest

from tunesmith.errors import StudyError
from tunesmith.search.propose.random import RandomSearch
from tunesmith.search.settings import LADDERS, SEARCHES, read_ladder, read_search


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_is_read_by_its_name(name):
    """Written with its defaults it comes back equal."""
    search = SEARCHES[name]()
    assert search.settings()["name"] == name
    assert read_search(search.settings()) == search


@pytest.mark.parametrize("name", LADDERS)
def test_a_ladder_is_read_by_its_name(name):
    """Written with its defaults it comes back equal."""
    assert read_ladder(LADDERS[name]().settings()) == LADDERS[name]()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"name": "random"},
        {"name": "divination", "ladder": {"name": "full"}},
        {"name": ["random"], "ladder": {"name": "full"}},
        {"name": "random", "ladder": {"name": "rope"}},
        {"name": "random", "ladder": {"name": "full", "eta": 3}},
        {"name": "random", "ladder": "full"},
        {"name": "random", "ladder": None},
        {"name": "random", "ladder": {"name": "full"}, "points": 7},
    ],
    ids=str,
)
def test_settings_of_no_search(settings):
    """The sentence shows them, says why that may be, and lists the searches there are."""
    with pytest.raises(StudyError) as caught:
        read_search(settings)
    assert str(caught.value) == (
        f"no search with the settings {settings}: this study needs another version of "
        f"tunesmith, or its file is damaged; the searches are {', '.join(SEARCHES)}"
    )


def test_the_list_is_closed():
    """A study names its search by one of these words; each is a promise to files that hold it."""
    assert {"coarse_to_fine", "random", "sobol", "grid"} <= set(SEARCHES)


def test_reading_leaves_the_settings_as_they_were():
    """They belong to a frozen study."""
    settings = RandomSearch().settings()
    read_search(settings)
    assert settings == {"name": "random", "ladder": {"name": "full"}}
