"""Settings of all tests."""

import pytest
from hypothesis import settings
from tests.command_line import files, piped, write_tables

import tunesmith as ts

# No deadline: a busy machine is no failure. The same examples on every run.
settings.register_profile("tunesmith", deadline=None, derandomize=True)
settings.load_profile("tunesmith")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Make a folder with tables, a study and a model of each kind, keep what --json printed."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_tables()
        demo = piped("demo", "--trials", "3", "--out", "images", "--json")
        fit = piped("fit", "people.csv", "--target", "income", "--trials", "2", "--json")
        ts.tune(lambda a: a["x"], ts.Space(x=ts.Float(0.3, 2.0)), trials=2, store="mine.study")
    return folder, {"demo": demo, "fit": fit}


@pytest.fixture
def here(made, monkeypatch):
    """Work in the folder of `made`; whatever a test adds to it is a fault."""
    folder, _ = made
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    before = files()
    yield folder
    assert files() == before
