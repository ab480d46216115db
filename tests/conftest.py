"""Settings of all tests, and the option that runs the tests of faults at full size."""

import json
import shutil
import signal
import subprocess

import pytest
from filelock import FileLock
from hypothesis import settings
from tests import survival
from tests.command_line import files, piped, write_tables
from tests.waiting import PATIENCE

import tunesmith as ts

# No deadline: a busy machine is no failure. The same examples on every run.
settings.register_profile("tunesmith", deadline=None, derandomize=True)
settings.load_profile("tunesmith")

FIGURES = pytest.StashKey[dict[str, dict[str, object]]]()


def pytest_addoption(parser):
    parser.addoption(
        "--long", action="store_true", help="faults at full size; their figures are kept in docs"
    )


def pytest_configure(config):
    config.stash[FIGURES] = {}
    if config.getoption("long") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--long measures, so its tests run one at a time: leave out -n")
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # A shell has its background jobs ignore Ctrl-C, and what they start would do so too.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep the figures of a fault that was survived."""
    report = yield
    if report.when == "call" and report.passed and item.get_closest_marker("survives"):
        place = item.nodeid.partition("[")[0]
        figures = item.config.stash[FIGURES].setdefault(place, {})
        figures.update(report.user_properties)
    return report


def pytest_sessionfinish(session):
    if session.config.getoption("long"):
        from tunesmith.fit.conditions import processor

        survival.keep(session.config.stash[FIGURES], processor())


@pytest.fixture
def long(request):
    """Whether a fault strikes as often as it can, which takes minutes."""
    return request.config.getoption("long")


@pytest.fixture
def limit(long):
    """Return the seconds that a promise allows, by those that it names.

    They are measured by `make chaos`, which has the machine for itself. Elsewhere others may want
    the cores, and what is promised must happen, whenever.
    """
    return lambda seconds: seconds if long else PATIENCE


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(request, tmp_path_factory):
    """Have the engine compiled by one of several workers, while the others wait for it."""
    if hasattr(request.config, "workerinput"):
        with FileLock(tmp_path_factory.getbasetemp().parent / "engine.lock"):
            from tunesmith.engine.train import warm_up

            warm_up()


@pytest.fixture(scope="session")
def made(request, tmp_path_factory):
    """Make a folder with tables, a study and a model of each kind; keep how the commands ended.

    One worker makes it for all, and each has a copy: what a test adds there is seen by no other.
    """
    folder = tmp_path_factory.mktemp("made")
    if not hasattr(request.config, "workerinput"):
        return folder, _make(folder)
    common = tmp_path_factory.getbasetemp().parent / "made"
    with FileLock(f"{common}.lock"):
        printed = common.with_suffix(".json")
        if not printed.exists():
            common.mkdir()
            printed.write_text(json.dumps({name: vars(e) for name, e in _make(common).items()}))
    shutil.copytree(common, folder, dirs_exist_ok=True)
    ended = json.loads(printed.read_text())
    return folder, {name: subprocess.CompletedProcess(**e) for name, e in ended.items()}


def _make(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_tables()
        demo = piped("demo", "--trials", "3", "--out", "images", "--json")
        fit = piped("fit", "people.csv", "--target", "income", "--trials", "2", "--json")
        ts.tune(lambda a: a["x"], ts.Space(x=ts.Float(0.3, 2.0)), trials=2, store="mine.study")
    return {"demo": demo, "fit": fit}


@pytest.fixture
def here(made, monkeypatch):
    """Work in the folder of `made`; whatever a test adds to it is a fault."""
    folder, _ = made
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    before = files()
    yield folder
    assert files() == before
