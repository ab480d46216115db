"""How functions are compiled, and where compiled code is kept."""

import shutil
from pathlib import Path

import numba
import numpy as np
import pytest

from tunesmith.engine import compiled as module
from tunesmith.engine.compiled import (
    CACHE_VARIABLE,
    cache_folder,
    compiled,
    inlined,
)


def divided(x, y):
    return x / y


def is_nan(x):
    return x != x


@pytest.fixture
def fresh():
    """Let `cache_folder` look again, before and after."""
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch, fresh):
    """Keep compiled code in a folder of the test's own."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


# --- the cache -----------------------------------------------------------------------------------


def test_the_cache_is_where_the_variable_says(folder):
    """TUNESMITH_CACHE names the folder; in it is one for the engine's source."""
    assert CACHE_VARIABLE == "TUNESMITH_CACHE"
    assert cache_folder().parent == folder
    assert cache_folder().name.startswith("engine-")


@pytest.mark.parametrize("value", [None, ""], ids=["not set", "empty"])
def test_the_cache_without_the_variable(value, tmp_path, monkeypatch, fresh):
    """Otherwise it is the user's own cache folder."""
    monkeypatch.setattr(module.platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    if value is None:
        monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(CACHE_VARIABLE, value)
    assert cache_folder().parent == tmp_path / "tunesmith"


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch, fresh):
    """A folder of this process's own takes its place, and still knows the source."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    folder = cache_folder()
    assert folder.parent.parent == tmp_path
    assert folder.parent.name.startswith("tunesmith-")
    assert folder.name.startswith("engine-")
    assert cache_folder() == folder


def test_the_cache_follows_the_source(tmp_path, folder, monkeypatch):
    """A change in any file of the engine leads to another folder; nothing else does."""
    here = cache_folder()
    copy = tmp_path / "engine"
    shutil.copytree(Path(module.__file__).parent, copy)
    monkeypatch.setattr(module, "__file__", str(copy / "compiled.py"))

    def folder_now():
        cache_folder.cache_clear()
        return cache_folder()

    (copy / "notes.txt").write_text("no source")
    assert folder_now() == here
    with (copy / "kernels.py").open("a") as file:
        file.write("# one line more\n")
    changed = folder_now()
    assert changed != here
    (copy / "kernels.py").unlink()
    assert folder_now() not in {here, changed}


def test_the_cache_follows_the_width_of_registers(folder, monkeypatch):
    """Code for registers of another width, such as another processor's, is kept apart."""
    here = cache_folder()
    assert module.LANES in {4, 8, 16}
    monkeypatch.setattr(module, "LANES", 2 * module.LANES)
    cache_folder.cache_clear()
    assert cache_folder() != here
    assert cache_folder().parent == here.parent


@pytest.mark.parametrize("way", [compiled, inlined])
def test_compiled_code_is_kept(way, folder):
    """The first call fills the folder, a second function from the same source is read from it."""
    for hits in (0, 1):
        function = way(divided)
        assert function(3.0, 4.0) == 0.75
        assert sum(function.stats.cache_hits.values()) == hits
    assert list(cache_folder().rglob("*.nbi"))


@pytest.mark.parametrize("way", [compiled, inlined])
def test_compiling_leaves_numbas_own_cache_alone(way, folder, monkeypatch):
    """Other users of numba in the process keep the cache folder they chose."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "/elsewhere")
    way(divided)
    assert numba.config.CACHE_DIR == "/elsewhere"


# --- how -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [compiled, inlined])
def test_division_by_zero_is_not_an_error(way, folder):
    """As in NumPy it gives an infinity, or NaN."""
    function = way(divided)
    assert function(np.float32(-3), np.float32(0)) == -np.inf
    assert np.isnan(function(np.float32(0), np.float32(0)))


@pytest.mark.parametrize("way", [compiled, inlined])
def test_nan_is_not_optimised_away(way, folder):
    """Compiled code may not assume that there is no NaN."""
    assert way(is_nan)(np.float32(np.nan))
    assert not way(is_nan)(np.float32(3))


@pytest.mark.parametrize("way", [compiled, inlined])
def test_the_gil_is_released(way):
    """Trainings in threads run side by side."""
    assert way(divided).targetoptions["nogil"]


def ratio_of_sums(x, y):
    return x.sum() / y.sum()


def test_what_is_inlined_is_called_like_any_other(folder):
    """By compiled code, into which it goes whole, as by Python."""
    inner = inlined(ratio_of_sums)

    def outer(x, y):
        return 3 * inner(x, y)

    x, y = np.arange(1003, dtype=np.float32) / 7, np.full(13, 0.3, np.float32)
    called = compiled(outer)
    assert called(x, y) == pytest.approx(3 * inner(x, y), rel=1e-6)
    (instructions,) = called.inspect_llvm().values()
    calls = [line for line in instructions.splitlines() if "call " in line]
    assert calls
    assert not any("ratio_of_sums" in line for line in calls)
