"""How large an installation is: a fresh environment with nothing but Tunesmith in it."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Report, progress

TITLE = "the size of an installation, library by library"

LARGEST = 12
"""Libraries that are listed; the others are summed."""

SIZES = """
import json
from importlib.metadata import distributions
sizes = {}
for found in distributions():
    files = [found.locate_file(file) for file in found.files or ()]
    sizes[found.name] = sum(f.stat().st_size for f in files if f.is_file())
print(json.dumps(sizes))
"""
"""Run in that environment: bytes of every distribution."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--extras", default="", help="such as onnx,ray (none)")


def run(options: argparse.Namespace) -> Report:
    """Install the clone into a new environment, and weigh what is in it."""
    project = str(Path(__file__).parents[1]) + (f"[{options.extras}]" if options.extras else "")
    with TemporaryDirectory() as folder:
        progress("making an environment, and installing into it")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = str(Path(folder) / "bin" / "python")
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, "--no-compile", project], check=True)
        told = subprocess.run([python, "-c", SIZES], check=True, capture_output=True, text=True)
    sizes = {n: s for n, s in json.loads(told.stdout).items() if n not in ("pip", "setuptools")}
    order = sorted(sizes, key=sizes.__getitem__, reverse=True)
    rows = [[name, _megabytes(sizes[name])] for name in order[:LARGEST]]
    rest = order[LARGEST:]
    rows.append([f"{len(rest)} others", _megabytes(sum(sizes[name] for name in rest))])
    rows.append(["in all", _megabytes(sum(sizes.values()))])
    return Report(
        title="Megabytes on disk, as installed",
        columns=["library", "MB"],
        rows=rows,
        notes=["without pip, and without the bytecode that Python makes when it first runs"],
        figures={"bytes": sizes},
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"
