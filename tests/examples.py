"""The programs in examples/, as their tests run them."""

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.waiting import PATIENCE

from tunesmith.executors.attempt import run_with
from tunesmith.executors.protocol import Task
from tunesmith.trial import Config, State

ROOT = Path(__file__).resolve().parents[1]


def output_of(name, folder):
    """Run an example as a script, in a folder of its own; return what it prints."""
    path = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / f"{name}.py")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, path))},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    return done.stdout


def accuracy_of(name, folder):
    """Run an example; return the accuracy that it says in its last line."""
    return float(
        re.fullmatch(r"accuracy (\d\.\d+) with \{.+\}", output_of(name, folder).strip())[1]
    )


def loaded(name):
    """Return an example as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(example, folder, stops):
    """Train a config in parts, each to one of `stops`; return its accuracies."""
    task = Task(
        number=5,
        config=Config(example.SPACE.defaults()),
        trained=0,
        epochs=stops[0],
        metric="accuracy",
        folder=folder,
    )
    told = []
    for trained, epochs in zip((0, *stops), stops, strict=False):
        outcome = run_with(example.train)(
            replace(task, trained=trained, epochs=epochs), lambda: False
        )
        assert (outcome.state, outcome.reason) == (State.DONE, "")
        assert [m.epoch for m in outcome.measurements] == [*range(trained + 1, epochs + 1)]
        told += [m.metrics["accuracy"] for m in outcome.measurements]
        assert not list(folder.glob("*part*"))
    return told
