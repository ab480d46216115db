"""What the command line accepts, and its complaints: one sentence each, with the remedy."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import click

from tunesmith.number import shown
from tunesmith.table.wording import nearest

MOST_WORKERS = 256
"""Threads that a run may have: far more than cores, far fewer than a system can bear."""

MOST_TRIALS = 1_000_000
"""Trials of one study; their history is held in memory."""

MOST_SEED = 2**63 - 1
"""The largest whole number that a study file can hold."""


@final
class Commands(click.Group):
    """The commands; one that does not exist is answered with the nearest that does."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; UsageError where there is none."""
        name = args[0]
        if name in self.commands:
            return super().resolve_command(ctx, args)
        near = nearest(name, self.commands)
        remedy = f"did you mean {near!r}?" if near else "tunesmith --help lists them"
        raise click.UsageError(f"no command {name!r}; {remedy}")


@final
class Value(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """What an option may be: `read` turns text into it; ValueError means it is not `wanted`."""

    name = "value"

    def __init__(self, read: Callable[[str], Any], wanted: str) -> None:
        self._read, self._wanted = read, wanted

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return what was meant; BadParameter says what would be right."""
        try:
            return self._read(str(value))
        except ValueError:
            self.fail(f"must be {self._wanted}, got {shown(str(value))}", param, ctx)


def whole(least: int, most: int) -> Value:
    """Return the type of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError
        return number

    return Value(read, f"a whole number from {least} to {most:,}")


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < math.inf:
        raise ValueError
    return minutes


def _file_name(text: str) -> Path:
    path = Path(text.removesuffix(".study"))
    if path.name in ("", "..") or text.endswith("/"):
        raise ValueError
    return path


MINUTES = Value(_minutes, "a number above 0")
FILE_NAME = Value(_file_name, "the name of a file, not of a folder")
"""NAME of NAME.study; NAME.study itself is understood too."""


def sentence(error: click.ClickException) -> str:
    """Return click's complaint as one sentence, in the form of our own errors."""
    context = getattr(error, "ctx", None)
    see = f"see {context.command_path} --help" if context else ""
    match error:
        case click.NoSuchOption(option_name=name, ctx=click.Context() as inside):
            params = inside.command.get_params(inside)
            near = nearest(name, [option for param in params for option in param.opts])
            return f"no option {name!r}; " + (f"did you mean {near!r}?" if near else see)
        case click.MissingParameter(param=click.Parameter() as param):
            return f"{_called(param)} is missing; {see}"
        case click.BadParameter(param=click.Parameter() as param):
            return f"{_called(param)} {error.message}"
    text = error.format_message().rstrip(".")
    return "; ".join(filter(None, (text[:1].lower() + text[1:], see)))


def printable(text: str) -> str:
    """Return `text` with control characters escaped, so that no name can command a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _called(param: click.Parameter) -> str:
    """Return how a user knows an option or an argument."""
    return param.opts[0] if isinstance(param, click.Option) else str(param.name).upper()
