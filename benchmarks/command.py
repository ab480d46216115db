"""Tunesmith's command, run as a user runs it: a process of its own."""

import json
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.report import Refusal


class Answer(NamedTuple):
    """What came of one command."""

    result: dict[str, Any]
    """The object that --json prints."""
    seconds: float
    """From the start of the process to its end."""


def tunesmith() -> str:
    """Return the path of the command that belongs to this Python."""
    return str(Path(sysconfig.get_path("scripts")) / "tunesmith")


def ask(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Answer:
    """Run `tunesmith ARGUMENTS --json`; Refusal with its last words if it fails."""
    began = perf_counter()
    done = subprocess.run(
        [tunesmith(), *arguments, "--json"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    seconds = perf_counter() - began
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["no words"])[-1]
        raise Refusal(
            f"`tunesmith {' '.join(arguments)}` ended with {done.returncode}: {words}", exit_code=1
        )
    return Answer(json.loads(done.stdout), seconds)
