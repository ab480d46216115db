"""The conditions under which a table was tuned, beside what was asked: in words."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tunesmith.fit.data import Data
from tunesmith.model.model import Model
from tunesmith.table.wording import listed

NAMED: Final = 40
"""Columns of one type that are named."""

PACKAGES: Final = ("tunesmith", "numpy", "numba", "llvmlite", "polars")
"""On whose versions the numbers of a study may depend."""

PROCESSOR: Final = Path("/proc/cpuinfo")


def conditions(data: Data, model: Model) -> Mapping[str, str]:
    """Return what a table was taken for, how it was split, what was made of it, and on what."""
    kinds: dict[str, list[str]] = {}
    for name in data.table.features(data.target.name):
        kinds.setdefault(data.table.column(name).kind.value, []).append(name)
    taken = {f"taken for {kind}": listed(names, NAMED) for kind, names in kinds.items()}
    weights = sum(len(member.weights) for member in model.members)
    many = f" in {len(model.members)} networks" if len(model.members) > 1 else ""
    return {
        **taken,
        "split": split_in_words(data),
        "model": f"{weights:,} weights{many}",
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "versions": versions(),
    }


def split_in_words(data: Data) -> str:
    """Say how many rows trained, chose between networks and tested."""
    split = data.split
    choosing = f"train, {len(split.valid):,} choose between networks"
    if split.folds:
        choosing = f"train and, in {len(split.folds)} folds, choose between networks"
    return f"{len(split.train):,} rows {choosing}, {len(split.test):,} test"


def processor(described: Path = PROCESSOR) -> str:
    """Return the processor's name, as well as the system knows it."""
    if described.exists():
        for line in described.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions() -> str:
    """Return the versions of Python and of what numbers may depend on."""
    found = (f"{package} {version(package)}" for package in PACKAGES)
    return ", ".join([f"Python {platform.python_version()}", *found])
