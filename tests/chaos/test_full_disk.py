"""The disk is full: one sentence, nothing lost, and with space again the study ends as it would."""

import subprocess
import sys

import pytest
from tests.chaos.driver import Driver, Strike, tune

from tunesmith.store.store import Store

DEMO = """
import resource, signal, sys
from tunesmith.cli import run
run(["show", "none.study"])
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
sys.exit(run(["demo", "--trials", "3", "--out", "x"]))
"""


def events(path):
    """Return how many events are kept, 0 if there is no study."""
    if not path.exists():
        return 0
    with Store.read(path) as store:
        return len(list(store.replay()))


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def strike_until_it_passes(folder, trials, strikes):
    """Fill the disk at every step, and resume after each; return how often it was full."""
    right = tune(trials).digest
    for count, strike in enumerate(strikes):
        path = folder / f"{count}.study"
        end = Driver(path, trials, strike=strike).ended()
        if end.code == 0:
            assert end.digest == right
            return count
        assert end.code == 74
        assert f"'{path}' " in end.refusal or f"'{folder}' " in end.refusal
        assert "disk" in end.refusal
        assert "\n" not in end.refusal
        assert events(path) == end.stored
        assert Driver(path, trials).ended().digest == right
    raise AssertionError("the disk was always full")


@pytest.mark.survives(
    "the database may not grow by another page, at every page of a study (max_page_count)",
    "one sentence and exit code 74; no acknowledged result is lost; with space again the study "
    "ends with the right digest, and one file is left",
)
def test_no_more_pages(tmp_path, long, record_property):
    """From one page on, until the study passes."""
    trials, step = (30, 1) if long else (11, 3)
    strikes = (Strike(pages=pages) for pages in range(1, 1000, step))
    count = strike_until_it_passes(tmp_path, trials, strikes)
    assert count >= 2
    assert names(tmp_path) == sorted(f"{number}.study" for number in range(count + 1))
    record_property("full", f"{count} times")


@pytest.mark.survives(
    "no file may grow further, at every size of the study's files (RLIMIT_FSIZE)",
    "as above",
)
def test_no_larger_files(tmp_path, long, record_property):
    """The write that does not fit is cut off in its middle, and the next one fails."""
    trials, step = (30, 1024 + 7) if long else (11, 13 * 1024 + 7)
    strikes = (Strike(size=size) for size in range(1, 10_000_000, step))
    count = strike_until_it_passes(tmp_path, trials, strikes)
    assert count > 4
    assert names(tmp_path) == sorted(f"{number}.study" for number in range(count + 1))
    record_property("full", f"{count} times")


@pytest.mark.survives(
    "the disk is full while `tunesmith demo` writes its study, or its model",
    "one sentence on stderr, exit code 74, no traceback",
)
def test_the_command(tmp_path, long, record_property):
    """The same from the command line, with all that it writes."""
    sizes = (1, 20_000, 60_000) if long else (1,)
    for size in sizes:
        done = subprocess.run(
            [sys.executable, "-c", DEMO.format(size=size)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        last = done.stderr.strip().splitlines()[-1]
        assert done.returncode == 74, done.stderr
        assert last.startswith("tunesmith: ")
        assert "Traceback" not in done.stderr
    record_property("sizes", len(sizes))
