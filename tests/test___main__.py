"""`python -m tunesmith` is the command."""

import subprocess
import sys


def test_it_is_the_command():
    """It answers as the command does, under its name."""
    told = subprocess.run(
        [sys.executable, "-m", "tunesmith", "--help"], capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("Usage: tunesmith")
    assert told.stderr == ""
