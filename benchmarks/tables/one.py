"""One arm on one table, in a process of its own."""

import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.tables.arms import run
from benchmarks.tables.data import load
from benchmarks.tables.results import PACKAGES, path_of, write
from tunesmith.fit.conditions import processor


def main(arm: str, table: str, minutes: str, seed: str, folder: str) -> None:
    """Fit, predict and keep the answers."""
    warnings.simplefilter("ignore")  # networks of a search that have not converged say so
    part = load(table)
    began = time.monotonic()
    answers = run(arm, part, float(minutes), int(seed))
    cost = {
        "seconds": round(time.monotonic() - began, 2),
        "minutes": float(minutes),
        "seed": int(seed),
        "processor": processor(),
        "versions": _versions(),
    }
    for name, (predictions, about) in answers.items():
        write(path_of(Path(folder), table, name), predictions, {**about, **cost})


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
