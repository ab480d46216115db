"""How names and values of a table appear in a sentence: quoted, escaped, cut, and guessed at."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

LONGEST = 24
"""Characters of a name or value shown in a sentence, so that two of them fit in a line of 80."""


def quoted(text: str) -> str:
    """Return `text` in quotes, control characters escaped, cut to about LONGEST characters."""
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def bare(name: str) -> str:
    """Return `name` as in `quoted`, without the quotes."""
    return quoted(name)[1:-1]


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return `'a', 'b', 'c' and 4 more`, with at most `most` names written out."""
    shown = ", ".join(quoted(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names of columns, those without a name called by their number: "column 1"."""
    return [name or f"column {number}" for number, name in enumerate(names, 1)]


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` was probably meant to be, or None."""
    by_folded = {candidate.casefold(): candidate for candidate in names}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def no_file(path: Path, names: Iterable[str]) -> str:
    """Say that a file is not there, and which of `names` in its folder was probably meant."""
    near = nearest(path.name, names)
    remedy = f"did you mean {str(path.parent / near)!r}?" if near else "check name and folder"
    return f"no file {str(path)!r} here; {remedy}"
