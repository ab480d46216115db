"""One arm on one table, in a process of its own."""

import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.tables.arms import ARMS
from benchmarks.tables.data import load
from benchmarks.tables.results import PACKAGES, write


def main(arm: str, table: str, minutes: str, seed: str, path: str) -> None:
    """Fit, predict and keep the answer."""
    warnings.simplefilter("ignore")  # networks of a search that have not converged say so
    part = load(table)
    began, busy = time.monotonic(), time.process_time()
    predictions, about = ARMS[arm](part, float(minutes), int(seed))
    about = {
        **about,
        "seconds": round(time.monotonic() - began, 2),
        "processor_seconds": round(time.process_time() - busy, 2),
        "minutes": float(minutes),
        "seed": int(seed),
        "processor": processor(),
        "versions": _versions(),
    }
    write(Path(path), predictions, about)


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
