"""scikit-learn's callbacks, where the installed version has them (from 1.9 on)."""

from collections.abc import Callable, Mapping
from typing import Any, final

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # an older scikit-learn has no callbacks to support
    CallbackSupportMixin = object

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method


__all__ = ["CallbackSupportMixin", "Reporter", "with_callbacks"]

Fitted = Callable[[], Mapping[str, Any]]
"""Gives the attributes that would make the estimator a fitted one, as training is now."""


@final
class Reporter:
    """Tells an estimator's callbacks of its training and of each epoch; without any it is silent.

    To be made inside a method that `with_callbacks` decorates.
    """

    def __init__(self, estimator: Any, x: Any, y: Any, *, epochs: int) -> None:
        self._of: dict[str, Any] = {"estimator": estimator, "X": x, "y": y}
        self._training: Any = None
        self._epoch: Any = None
        if getattr(estimator, "_skl_callbacks", None):
            context = estimator._init_callback_context(max_subtasks=epochs)
            self._training = context.call_on_fit_task_begin(**self._of)

    def begin_epoch(self) -> None:
        """Say that an epoch begins."""
        if self._training is not None:
            context = self._training.subcontext(task_name="epoch")
            self._epoch = context.call_on_fit_task_begin(**self._of)

    def end_epoch(self, fitted: Fitted) -> bool:
        """Say that an epoch has ended; return whether a callback asks to stop."""
        return self._end(self._epoch, fitted)

    def end(self, fitted: Fitted) -> None:
        """Say that training has ended."""
        self._end(self._training, fitted)

    def _end(self, context: Any, fitted: Fitted) -> bool:
        if context is None:
            return False
        return bool(context.call_on_fit_task_end(**self._of, reconstruction_attributes=fitted))
