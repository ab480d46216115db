"""From plain data back to a search; a closed list of names."""

from collections.abc import Mapping
from typing import Any

from tunesmith.errors import StudyError
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.ladder.full import Full
from tunesmith.search.ladder.hyperband import Hyperband
from tunesmith.search.ladder.successive_halving import SuccessiveHalving
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.propose.grid import GridSearch
from tunesmith.search.propose.optuna import OptunaSearch
from tunesmith.search.propose.quasi_random import SobolSearch
from tunesmith.search.propose.random import RandomSearch
from tunesmith.search.protocol import Ladder, Search

SEARCHES: dict[str, type[Search]] = {
    s.name: s for s in (CoarseToFine, RandomSearch, SobolSearch, GridSearch, OptunaSearch)
}
LADDERS: dict[str, type[Ladder]] = {
    ladder.name: ladder for ladder in (Full, SuccessiveHalving, AsyncHalving, Hyperband)
}


def read_search(settings: Mapping[str, Any]) -> Search:
    """Return the search that gave these settings; StudyError if there is none."""
    own = dict(settings)
    try:
        search, ladder = SEARCHES[own.pop("name")], read_ladder(own.pop("ladder"))
        return search(ladder=ladder, **own)
    except (KeyError, TypeError, ValueError) as error:
        raise StudyError(
            f"no search with the settings {dict(settings)}: this study needs another version of "
            f"tunesmith, or its file is damaged; the searches are {', '.join(SEARCHES)}"
        ) from error


def read_ladder(settings: Mapping[str, Any]) -> Ladder:
    """Return the ladder that gave these settings; KeyError or TypeError if there is none."""
    own = dict(settings)
    return LADDERS[own.pop("name")](**own)
