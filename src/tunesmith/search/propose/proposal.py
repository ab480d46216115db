"""The next training: of a new config, or of one of the best once more, whichever is worth more.

A surrogate forecasts every candidate; what one training is worth decides. Far from the end of a
budget and where trainings of one config agree, that is a new config; the more the noise hides
which of the best is best, the more often it is one of them again.
"""

import math
from collections.abc import Container
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.acquisition import learnt, log_improvement
from tunesmith.search.propose.axes import Axes
from tunesmith.search.propose.candidates import anywhere, every, first_untried, near, steps
from tunesmith.search.propose.confirm import best_again
from tunesmith.search.propose.forecast import Forecast, Seen, forecast
from tunesmith.search.propose.ranges import Ranges
from tunesmith.search.propose.rounds import Stage
from tunesmith.trial import Origin

Floats = NDArray[np.float64]

ANYWHERE: Final = 0.05
"""The share of trials drawn from the whole space, whatever the round."""
CANDIDATES: Final = 200
"""Places drawn for one proposal."""
EVEN: Final = 0.4
"""The share of them drawn evenly over the ranges; the others lie near the best."""
BEST: Final = 8
"""So many of the best trials are drawn round. With fewer, searches get stuck in one valley."""
LUCK: Final = 0.5
"""The share that counts of what a config may have of its own. All of it, and a search throws dice
near the best, since every place offers the same luck; none, and it hardly looks there at all."""
STARTS: Final = 2
CLIMBS: Final = 2
"""From the best candidates on, so many times, to the best place one step away."""
NO_GAIN: Final = math.log(1e-3)
"""A training that gains less, in deviations between trainings, is not worth its time."""
SMALL: Final = 1000
"""A space with so many configs or fewer is looked at whole."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """A point and where it comes from."""

    point: Floats
    """[D]"""
    origin: Origin
    gain: float = math.inf
    """By how much the best expected loss would fall, on average: the log of it in units of the
    deviation between trainings of one config. Infinite where nothing was forecast."""


def propose(
    axes: Axes, seen: Seen, stage: Stage, chance: np.random.Generator, *, again: bool
) -> Proposal | None:
    """Return the next training, given two or more that ended; None if every config was tried.

    `again` says whether one of the best may be trained once more.
    """
    tried = forecast(axes, seen)
    origin = Origin.ANYWHERE if chance.random() < ANYWHERE else Origin.RANGES
    taken = seen.trained
    found = _best_new(
        axes, stage.ranges if origin is Origin.RANGES else stage.whole, tried, taken, chance
    )
    if found is None and origin is Origin.RANGES:
        origin = Origin.ANYWHERE
        found = _best_new(axes, stage.whole, tried, taken, chance)
    unit = math.log(tried.noise)
    once_more = best_again(tried, seen, stage.ranges) if again else None
    if once_more is not None and (found is None or once_more[1] > found[1]):
        return Proposal(point=once_more[0], origin=Origin.AGAIN, gain=once_more[1] - unit)
    if found is None:
        return None
    return Proposal(point=found[0], origin=origin, gain=found[1] - unit)


def _best_new(
    axes: Axes,
    ranges: Ranges,
    tried: Forecast,
    taken: Container[bytes],
    chance: np.random.Generator,
) -> tuple[Floats, float] | None:
    """Return the new point in `ranges` that is worth most, and the log of what it is worth."""

    def best(places: Floats, count: int) -> tuple[Floats, Floats]:
        """Return the best `count` of `places` that are new, and the logs of what they are worth.

        Places that look as if they would go wrong come last, whatever they promise.
        """
        places = places[ranges.holds(places)]
        if len(places) == 0:
            return places, np.empty(0)
        mean, deviation = tried.model.predict(places, rough=LUCK)
        logs = log_improvement(mean, learnt(deviation, tried.noise), float(tried.mean[0]))
        order = np.lexsort((-logs, tried.doomed(places)))
        top = first_untried(places[order], taken, count)
        return places[order[top]], logs[order[top]]

    if axes.size() <= SMALL:
        places, logs = best(every(axes), 1)
    else:
        even = int(EVEN * CANDIDATES)
        drawn = anywhere(axes, ranges, even, chance)
        close = near(axes, ranges, tried.points[:BEST], CANDIDATES - even, chance)
        places, logs = best(np.concatenate([drawn, close]), STARTS)
        for climb in range(CLIMBS):
            around = steps(axes, ranges, places, 0.5**climb)
            places, logs = best(np.concatenate([places, around]), STARTS)
    return (places[0], float(logs[0])) if len(logs) else None
