"""Tunesmith tunes deep networks, on the right scales.

Names are loaded when first used, so that `import tunesmith` costs nothing.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunesmith.asking import AskTell
    from tunesmith.errors import Interrupted, TunesmithError
    from tunesmith.estimators.dense_classifier import DenseClassifier
    from tunesmith.estimators.dense_regressor import DenseRegressor
    from tunesmith.estimators.tuned_classifier import TunedClassifier
    from tunesmith.estimators.tuned_regressor import TunedRegressor
    from tunesmith.executors.attempt import Attempt
    from tunesmith.executors.ray import Ray
    from tunesmith.history import History
    from tunesmith.search.ladder.async_halving import AsyncHalving
    from tunesmith.search.ladder.full import Full
    from tunesmith.search.ladder.hyperband import Hyperband
    from tunesmith.search.ladder.successive_halving import SuccessiveHalving
    from tunesmith.search.propose.coarse_to_fine import CoarseToFine
    from tunesmith.search.propose.grid import GridSearch
    from tunesmith.search.propose.optuna import OptunaSearch
    from tunesmith.search.propose.quasi_random import SobolSearch
    from tunesmith.search.propose.random import RandomSearch
    from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Space
    from tunesmith.study import Study
    from tunesmith.tuning import tune

__version__ = "0.1.0"

__all__ = [
    "LINEAR",
    "LOG",
    "LOG1M",
    "AskTell",
    "AsyncHalving",
    "Attempt",
    "Choice",
    "CoarseToFine",
    "DenseClassifier",
    "DenseRegressor",
    "Float",
    "Full",
    "GridSearch",
    "History",
    "Hyperband",
    "Int",
    "Interrupted",
    "OptunaSearch",
    "RandomSearch",
    "Ray",
    "SobolSearch",
    "Space",
    "Study",
    "SuccessiveHalving",
    "TunedClassifier",
    "TunedRegressor",
    "TunesmithError",
    "tune",
]

_HOMES = {
    "AskTell": "asking",
    "AsyncHalving": "search.ladder.async_halving",
    "Attempt": "executors.attempt",
    "CoarseToFine": "search.propose.coarse_to_fine",
    "DenseClassifier": "estimators.dense_classifier",
    "DenseRegressor": "estimators.dense_regressor",
    "Full": "search.ladder.full",
    "GridSearch": "search.propose.grid",
    "History": "history",
    "Hyperband": "search.ladder.hyperband",
    "Interrupted": "errors",
    "OptunaSearch": "search.propose.optuna",
    "RandomSearch": "search.propose.random",
    "Ray": "executors.ray",
    "SobolSearch": "search.propose.quasi_random",
    "Study": "study",
    "SuccessiveHalving": "search.ladder.successive_halving",
    "TunedClassifier": "estimators.tuned_classifier",
    "TunedRegressor": "estimators.tuned_regressor",
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


def _shown(history: object) -> str:
    return str(import_module("tunesmith.report.notebook").html(history))


def _show_in_notebooks() -> None:
    """Let a notebook show a history as HTML; what that takes is loaded when one is shown."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None and getattr(shell, "display_formatter", None) is not None:
        html = shell.display_formatter.formatters["text/html"]
        html.for_type_by_name("tunesmith.history", "History", _shown)


_show_in_notebooks()
