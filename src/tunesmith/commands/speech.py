"""What a command tells a person: lines on a console, whatever the names in them hold."""

import os
from typing import TYPE_CHECKING

from tunesmith.usage import printable

if TYPE_CHECKING:
    from rich.console import Console


def console(*, to_stderr: bool = False) -> "Console":
    """Return the console for people; with --json it is stderr, and stdout is the object's."""
    from rich.console import Console

    return Console(
        stderr=to_stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )


def say(to: "Console", *lines: str) -> None:
    """Print lines as they are, whatever the names in them hold."""
    for line in lines:
        to.print(printable(line), soft_wrap=True)
