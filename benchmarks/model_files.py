"""How long a process takes until it holds a model: its libraries, our modules, the file."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from benchmarks.options import at_least
from benchmarks.report import Refusal, Report
from tunesmith import rng
from tunesmith.engine.network import Network
from tunesmith.model.file import save_model
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import fit_encoder
from tunesmith.table.target import TaskKind

TITLE = "a model file: milliseconds from a fresh process to a model that predicts"

PROGRAM = """
import sys, time
from pathlib import Path
began = time.perf_counter()
import msgspec, numpy, numpy.random, polars, safetensors.numpy
libraries = time.perf_counter()
from tunesmith.model.file import load_model
modules = time.perf_counter()
load_model(Path(sys.argv[1]))
loaded = time.perf_counter()
import json
heavy = sorted({"numba", "llvmlite", "scipy", "sklearn"} & set(sys.modules))
steps = [libraries - began, modules - libraries, loaded - modules]
print(json.dumps({"steps": steps, "heavy": heavy}))
"""
"""Prints the seconds of each step, and what it should not have loaded."""

STEPS = ("numpy, polars, msgspec, safetensors", "our modules", "the file", "ours together")

BAR = 0.1
"""Seconds that our modules and the file should take together at most."""

ROWS, UNITS, VALUES = 5_000, (256, 256, 256), 1_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--repetitions", type=at_least(1), default=10, help="(%(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Start a process again and again, after one that is not counted, and load a large model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.model"
        save_model(large_model(), path)
        size = path.stat().st_size
        runs = [loaded(path) for _ in range(options.repetitions + 1)][1:]
    seconds = dict(zip(STEPS, zip(*runs, strict=True), strict=True))
    return Report(
        title="Milliseconds until a model is there, in a fresh process",
        columns=["", "median", "least", "most"],
        rows=[
            [name, *(f"{1000 * figure:.1f}" for figure in (median(s), min(s), max(s)))]
            for name, s in seconds.items()
        ],
        notes=[
            f"{options.repetitions} processes; {size / 1e6:.1f} MB with {VALUES:,} categories",
            "neither numba nor scikit-learn is loaded",
            f"the bar for what is ours: {1000 * BAR:g} ms",
        ],
        figures={"seconds": seconds, "bytes": size},
    )


def loaded(path: Path) -> tuple[float, ...]:
    """Return the seconds of each step in a process of its own; Refusal for a heavy import."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    if told["heavy"]:
        raise Refusal(f"loading a model loads {', '.join(told['heavy'])} too", exit_code=1)
    libraries, modules, file = told["steps"]
    return libraries, modules, file, modules + file


def large_model() -> Model:
    """Return a model with three layers of 256 units, and a column of many categories."""
    chance = rng.stream(5, "model")
    columns = {f"x{k}": chance.normal(size=ROWS) for k in range(60)}
    names = {"name": [f"name {k % VALUES}" for k in range(ROWS)]}
    table = type_columns(pl.DataFrame(columns | names))
    encoder = fit_encoder(table, table.frame.columns, np.arange(ROWS))
    network = Network(
        inputs=encoder.numbers, categories=encoder.categories, hidden=UNITS, outputs=10
    )
    return Model(
        members=(
            Member(
                network=network,
                weights=network.initial_weights(chance),
                mean=np.zeros(network.statistics_count, np.float32),
                variance=np.ones(network.statistics_count, np.float32),
            ),
        ),
        encoder=encoder,
        target="class",
        task=TaskKind.CLASSIFICATION,
        classes=tuple(map(str, range(10))),
    )
