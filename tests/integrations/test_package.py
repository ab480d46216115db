"""What others install: the sdist, the wheel that is made of it, and a start from nothing else."""

import os
import subprocess
import sys
import tarfile
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

pytest.importorskip("build")

ROOT = Path(__file__).resolve().parents[2]


def told(*command, cwd, **more):
    """Return what a command prints; it has to end well."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600, **more
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    told(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT), cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    """Return the one wheel, which is for every system."""
    (found,) = built.glob("*.whl")
    assert found.name.endswith("-py3-none-any.whl")
    return found


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    """All that is in src/tunesmith, data files too, and no test, benchmark or sketch."""
    with ZipFile(wheel) as content:
        names = {name for name in content.namelist() if ".dist-info/" not in name}
    source = told("git", "ls-files", "src/tunesmith", cwd=ROOT).split()
    web = "src/tunesmith/report/web/"  # what the page's script is made of; it is in templates
    assert names == {name.removeprefix("src/") for name in source if not name.startswith(web)}
    assert {"tunesmith/py.typed", "tunesmith/report/templates/page.js"} <= names
    assert "tunesmith/report/templates/page.licences.txt" in names


def test_the_sdist_holds_what_a_reader_needs(built):
    """Source, tests, docs, and how to run them."""
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as content:
        names = {name.partition("/")[2] for name in content.getnames()}
    assert {"README.md", "LICENSE", "Makefile", "pyproject.toml", "docs/tutorial.md"} <= names
    assert {"src/tunesmith/__init__.py", "tests/test_docs.py", "examples/sklearn_sgd.py"} <= names
    assert not any("node_modules" in name or name.endswith(".pyc") for name in names)


def test_the_wheel_says_what_it_needs(wheel):
    """Each extra, the least Python, the licence."""
    with ZipFile(wheel) as content:
        (place,) = (name for name in content.namelist() if name.endswith("METADATA"))
        about = Parser().parsestr(content.read(place).decode())
    assert set(about.get_all("Provides-Extra")) == {"lessons", "onnx", "ray"}
    assert about["Requires-Python"] == ">=3.11"
    assert about["License-Expression"] == "Apache-2.0"


def test_it_starts_where_nothing_else_is_installed(wheel, tmp_path):
    """A fresh environment, a folder of its own: help, a study, its page, a prediction in Python."""
    told(sys.executable, "-m", "venv", str(tmp_path / "venv"), cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    python = str(binaries / "python")
    told(python, "-m", "pip", "--quiet", "install", "--no-compile", str(wheel), cwd=tmp_path)
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = str(binaries / "tunesmith")
    assert "fit" in told(command, "--help", cwd=tmp_path, env=clean)
    out = told(command, "demo", "--trials", "4", "--out", "few", cwd=tmp_path, env=clean)
    assert "never used before" in out
    assert (tmp_path / "few.html").stat().st_size > 100_000
    program = "import tunesmith as ts; [getattr(ts, name) for name in ts.__all__]; print('all')"
    assert told(python, "-c", program, cwd=tmp_path, env=clean) == "all\n"
