"""List the benchmarks, or run one: `python -m benchmarks NAME [options]`."""

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.report import Refusal

MODULES = {
    "trials": "against_optuna",
    "bookkeeping": "bookkeeping",
    "start": "start_up",
    "install": "install",
    "tables": "tables.compare",
    "punctual": "punctual",
    "busy": "busy",
    "ablation": "tables.ablation",
    "portfolio": "tables.portfolio",
    "demo": "demo",
    "engine": "engine.steps",
    "first": "engine.first",
    "predict": "engine.predict",
    "mnist": "mnist",
    "search": "search.compare",
    "ladders": "ladders.compare",
    "idle": "idle",
    "halving": "halving",
    "estimators": "estimators",
    "coverage": "coverage",
    "limits": "limits",
    "model_files": "model_files",
    "ray": "ray_study",
    "convnet": "convnet",
    "many": "many_workers",
    "page": "page",
}
"""Name of each benchmark, and its module."""

BLAS_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Would choose other kernels than the machine's own; read when a BLAS is loaded."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Without a name: list the benchmarks."
    )
    names = top.add_subparsers(dest="name", metavar="NAME")
    for name, module in MODULES.items():
        benchmark = import_module(f"benchmarks.{module}")
        sub = names.add_parser(name, help=benchmark.TITLE, description=benchmark.TITLE)
        benchmark.add_options(sub)
        sub.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
        sub.set_defaults(run=benchmark.run)
    return top


def main() -> int:
    """Run what the command line names; return the exit code."""
    for variable in BLAS_VARIABLES:
        os.environ.pop(variable, None)
    top = parser()
    options = top.parse_args()
    if options.name is None:
        top.print_help()
        return 0
    try:
        report = options.run(options)
    except Refusal as refusal:
        print(f"benchmarks {options.name}: {refusal}", file=sys.stderr)
        return refusal.exit_code
    print(report.text())
    if options.json:
        options.json.write_text(json.dumps(report.to_builtins(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
