"""One browser for all tests; without one, or without what drives it, they are left out."""

import os
from importlib.util import find_spec

import pytest
from tests import large
from tests.browser import TALL, Served, Visit, browser, chromium

if os.environ.get("CI") != "true" and (chromium() is None or find_spec("playwright") is None):
    collect_ignore_glob = ["test_*"]


@pytest.fixture(scope="session")
def started():
    """Start a browser."""
    with browser() as one:
        yield one


@pytest.fixture
def visit(started):
    """Open an empty page."""
    with Visit(started) as one:
        yield one


@pytest.fixture
def tall(started):
    """Open an empty page in a window in which everything is seen."""
    with Visit(started, **TALL) as one:
        yield one


@pytest.fixture(scope="session")
def studies(tmp_path_factory):
    """Return the file of a study of so many trials and epochs; each is written once."""
    folder, written = tmp_path_factory.mktemp("studies"), {}

    def study(trials, epochs, *, end=True):
        path = folder / f"{trials}x{epochs}{'' if end else 'open'}.study"
        if path not in written:
            large.write(path, trials=trials, epochs=epochs, end=end)
            written[path] = True
        return path

    return study


@pytest.fixture
def serve():
    """Serve a study, until the end of the test."""
    running = []

    def served(path, *options):
        running.append(Served(path, *options))
        return running[-1]

    yield served
    for one in running:
        one.__exit__()
