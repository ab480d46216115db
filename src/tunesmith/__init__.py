"""Tunesmith tunes deep networks, on the right scales.

Names are loaded when first used, so that `import tunesmith` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunesmith.errors import Interrupted, TunesmithError
    from tunesmith.executors.attempt import Attempt
    from tunesmith.search.ladder.full import Full
    from tunesmith.search.propose.quasi_random import SobolSearch
    from tunesmith.search.propose.random import RandomSearch
    from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Space
    from tunesmith.study import History, Study
    from tunesmith.tuning import tune

__version__ = "0.1.0"

__all__ = [
    "LINEAR",
    "LOG",
    "LOG1M",
    "Attempt",
    "Choice",
    "Float",
    "Full",
    "History",
    "Int",
    "Interrupted",
    "RandomSearch",
    "SobolSearch",
    "Space",
    "Study",
    "TunesmithError",
    "tune",
]

_HOMES = {
    "Attempt": "executors.attempt",
    "Full": "search.ladder.full",
    "History": "study",
    "Interrupted": "errors",
    "RandomSearch": "search.propose.random",
    "SobolSearch": "search.propose.quasi_random",
    "Study": "study",
    "TunesmithError": "errors",
    "tune": "tuning",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'tunesmith' has no attribute {name!r}")
    value = getattr(import_module(f"tunesmith.{_HOMES.get(name, 'space')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
