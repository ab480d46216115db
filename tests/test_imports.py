"""What an import loads, seen from a fresh interpreter."""

import subprocess
import sys

import pytest
from tests.waiting import PATIENCE

HEAVY = {"numba", "llvmlite", "scipy", "sklearn", "polars", "ray", "torch", "matplotlib"}
HEAVY |= {"starlette", "uvicorn"}
HELP = """
from tunesmith.cli import main
sys.argv = ["tunesmith", "--help"]
try:
    main()
except SystemExit:
    pass
"""


def loaded_after(program: str) -> set[str]:
    """Return the packages an interpreter holds after `program`."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return {name.split(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize(
    ("program", "unwanted"),
    [
        ("import tunesmith", HEAVY | {"numpy", "rich", "click", "sqlite3", "msgspec"}),
        ("import tunesmith.cli", HEAVY),
        (HELP, HEAVY),
    ],
    ids=["package", "command line", "help"],
)
def test_a_light_import_stays_light(program, unwanted):
    """Nothing is loaded before something needs it."""
    loaded = loaded_after(program)
    assert "tunesmith" in loaded
    assert loaded & unwanted == set()


def test_a_public_name_loads_what_it_needs():
    """The measure sees a heavy import where there is one: a Space needs NumPy."""
    assert "numpy" in loaded_after("import tunesmith\ntunesmith.Space")
