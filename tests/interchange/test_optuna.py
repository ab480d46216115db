"""The sampler for Optuna, where there is no Optuna; the rest is among the integrations."""

import importlib
import sys

import pytest

from tunesmith.errors import StudyError


def test_without_optuna(monkeypatch):
    """It is said what is missing."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setitem(sys.modules, "optuna.samplers", None)
    monkeypatch.delitem(sys.modules, "tunesmith.interchange.optuna", raising=False)
    with pytest.raises(StudyError, match=r"Optuna cannot be loaded .*: pip install optuna"):
        importlib.import_module("tunesmith.interchange.optuna")
