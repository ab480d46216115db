"""What the dashboard costs: the browser that shows a large study, and a run that is watched.

The browser is a real Chromium without a window, on the same cores as all else. Updates are trials
appended to the study's file; what one costs is the time the page's thread is busy, the zoom
ladder in sight. A watched run is `tunesmith fit` on the handwritten digits.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
from tests import large
from tests.browser import COMMAND, Served, Visit, browser, chromium

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress
from tunesmith.store.store import Store

TITLE = "the page: a large study in a browser, and what watching a run costs"

SIZES = ((10_000, 100), (50_000, 3))
"""Trials and epochs."""
UPDATES = 12
EVERY = 1.0
"""Seconds between two updates."""


class Seen(NamedTuple):
    """What a browser met."""

    trials: int
    epochs: int
    page: float
    """MB of the document."""
    picture: float
    """Milliseconds to the first picture."""
    update: float
    """Milliseconds that an update keeps the page busy."""
    longest: float
    """Milliseconds of the longest task, from the first byte on."""
    heap: float
    """MB."""
    server: float
    """MB."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add(
        "--trials", type=at_least(0), default=50_000, help="shown at most; 0 for none (%(default)s)"
    )
    add("--minutes", type=at_least(0), default=3, help="of the watched run, or 0 (%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Measure large studies in a browser, then a run that is watched."""
    if chromium() is None:
        raise Refusal("there is no chromium here: apt-get install chromium", exit_code=2)
    with browser() as started, tempfile.TemporaryDirectory() as folder:
        sizes = [size for size in SIZES if size[0] <= options.trials]
        seen = [look_at(started, Path(folder), *size) for size in sizes]
        watched = watch(started, Path(folder), options.minutes) if options.minutes else {}
    notes = ["an update: one more trial, with the zoom ladder in sight"]
    if watched:
        notes.append(
            f"a run of {watched['seconds']:.0f} s, watched: "
            f"{watched['study']:.1f} s of the processor for it and {watched['server']:.2f} s for "
            f"the dashboard ({100 * watched['server'] / watched['study']:.1f} %); "
            f"{watched['pictures']} different pictures without a reload"
        )
    return Report(
        title="A large study in a browser",
        columns=[
            *("trials", "epochs", "page, MB", "first picture, ms", "update, ms"),
            *("longest task, ms", "heap, MB", "server, MB"),
        ],
        rows=[
            [f"{one.trials:,}", str(one.epochs), f"{one.page:.1f}"]
            + [f"{number:.0f}" for number in one[3:]]
            for one in seen
        ],
        notes=notes,
        figures={"seen": [one._asdict() for one in seen], "watched": watched},
    )


def look_at(started: Any, folder: Path, trials: int, epochs: int) -> Seen:
    """Open a study of that size, then let it grow."""
    path, study = folder / f"{trials}.study", large.study_of(trials, epochs)
    large.write(path, trials=trials - UPDATES, epochs=epochs, end=False, planned=trials)
    progress(f"{trials} trials are written")
    with Served(path) as served, Visit(started) as visit:
        progress(f"the server took {served.worked():.1f} s of the processor to begin")
        visit.go(served.address)
        picture = visit.first_picture()
        visit.until("document.getElementById('connection').textContent === 'live'")
        visit.page.evaluate("document.getElementById('ladder').scrollIntoView()")
        visit.page.wait_for_timeout(3000)
        before, known = visit.worked(), visit.page.evaluate("window.watched.news")
        with Store.open(path) as store:
            for number in range(trials - UPDATES, trials):
                large.grow(store, study, number, number + 1)
                visit.page.wait_for_timeout(1000 * EVERY)
        visit.page.wait_for_timeout(2000)
        updates = visit.page.evaluate("window.watched.news") - known
        update = (visit.worked() - before) / max(1, updates)
        size = len(visit.page.content()) / 1e6
        seen = Seen(
            trials=trials,
            epochs=epochs,
            page=size,
            picture=picture,
            update=update,
            longest=max(visit.tasks(), default=0.0),
            heap=visit.heap(),
            server=served.memory(),
        )
    progress(f"{trials} trials: first picture after {seen.picture:.0f} ms")
    return seen


def watch(started: Any, folder: Path, minutes: int) -> dict[str, float]:
    """Watch a run of so many minutes; return the seconds of the processor of both sides."""
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    heads = [*(f"x{number}" for number in range(images.shape[1])), "target"]
    rows = np.column_stack([images, digits])
    np.savetxt(folder / "digits.csv", rows, "%d", ",", header=",".join(heads), comments="")
    words = ["fit", "digits.csv", "--target", "target", "--minutes", str(minutes)]
    words += ["--task", "classification", "--workers", "2"]
    driver = subprocess.Popen([*COMMAND, *words], cwd=folder, stdout=sys.stderr, stderr=sys.stderr)
    study, process = folder / "digits.study", psutil.Process(driver.pid)
    while not study.exists():
        time.sleep(0.1)
    began, pictures, spent = time.monotonic(), set(), 0.0
    with Served(study) as served, Visit(started) as visit:
        visit.go(served.address)
        visit.page.evaluate("document.getElementById('ladder').scrollIntoView()")
        while driver.poll() is None:
            pictures.add(hash(visit.page.evaluate(PICTURES)))
            spent = _spent(process) or spent
            visit.page.wait_for_timeout(1000)
        visit.until("document.title.startsWith('100 % · ')")
        seconds, server = time.monotonic() - began, served.worked()
    return {
        "seconds": seconds,
        "study": spent,
        "server": server,
        "pictures": len(pictures),
    }


PICTURES = """
[...document.querySelectorAll("[data-picture] canvas, [data-picture] svg")]
  .map((one) => one.toDataURL ? one.toDataURL() : one.outerHTML).join("")
"""


def _spent(process: psutil.Process) -> float:
    """Return the seconds of the processor that a process took so far; 0 when it is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
