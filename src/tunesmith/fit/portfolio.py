"""Configs that do well on many tables: a search begins with them, each trained in full.

A short training misleads where networks overfit late, or where their learning rate falls late, and
a budget of minutes holds few long ones. A handful of configs that differ, each the best on some
kind of table, comes close to the best of many drawn for the table at hand, and tells the search
where to look (`python -m benchmarks portfolio` chooses them on real tables).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tunesmith.errors import SpaceError
from tunesmith.space import Space
from tunesmith.trial import Config

NAMES: Final = (
    *("learning_rate", "units", "batch_size", "bins", "layers"),
    *("dropout", "weight_decay", "batch_norm", "beta2"),
)

PORTFOLIO: Final[tuple[Mapping[str, Any], ...]] = tuple(
    {"schedule": "cosine", **dict(zip(NAMES, values, strict=True))}
    for values in (
        (0.0036, 64, 128, 16, 4, 0.2, 0.19, False, 0.95),
        (0.0021, 256, 64, 64, 3, 0.1, 0.06, True, 0.95),
        (0.0028, 64, 128, 8, 3, 0.35, 0.04, False, 0.95),
        (0.0062, 256, 64, 16, 3, 0.0, 0.2, False, 0.99),
        (0.015, 256, 64, 64, 2, 0.2, 0.07, True, 0.999),
        (0.0018, 256, 128, 8, 1, 0.05, 0.4, False, 0.999),
        (0.015, 256, 128, 8, 1, 0.1, 0.35, True, 0.95),
        (0.0115, 256, 64, 64, 3, 0.1, 0.04, False, 0.999),
    )
)
"""In the order in which they help most, given those before."""


def portfolio(space: Space) -> Iterator[Config]:
    """Yield the portfolio's configs that `space` holds, each once, in order.

    A param of one option has that option in all of them.
    """
    held = space.held()
    found = set()
    for values in PORTFOLIO:
        told = {**values, **held}
        try:
            config = Config({name: told[name] for name in space.active(told)})
        except SpaceError:  # a range that was given leaves it out
            continue
        if config not in found:
            found.add(config)
            yield config
