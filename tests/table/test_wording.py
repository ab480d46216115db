"""Names and values in sentences."""

from pathlib import Path

import pytest

from tunesmith.table.wording import LONGEST, bare, listed, nearest, no_file, numbered, quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age", "'age'"),
        ("it's", '"it\'s"'),
        ("a\x1b[31m", "'a\\x1b[31m'"),
        ("x" * LONGEST, f"'{'x' * LONGEST}'"),
        ("x" * (LONGEST + 1), f"'{'x' * (LONGEST - 1)}…'"),
    ],
)
def test_quoted(text, expected):
    """Quotes, no raw control characters, and a cut at LONGEST."""
    assert quoted(text) == expected
    assert bare(text) == expected[1:-1]


def test_numbered():
    """A column without a name has its number, which counts those with one too."""
    assert numbered(["a", "", "c", ""]) == ["a", "column 2", "c", "column 4"]


def test_listed():
    """Up to `most` names are written out, the rest counted."""
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed(["a", "b", "c", "d", "e"], most=3) == "'a', 'b', 'c' and 2 more"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("incme", "income"), ("INCOME", "income"), ("Zip code", "zip_code"), ("xyzzy", None)],
)
def test_nearest(name, expected):
    """A slip of the finger or of the shift key is found, another word is not."""
    assert nearest(name, ["age", "income", "zip_code"]) == expected


def test_a_file_that_is_not_there():
    """The nearest of those beside it is named in its folder; where none is near, what to check."""
    names = ["digits.study", "wine.study"]
    path = Path("runs", "digts.study")
    near = repr(str(Path("runs", "digits.study")))
    assert no_file(path, names) == f"no file {str(path)!r} here; did you mean {near}?"
    assert no_file(path, []) == f"no file {str(path)!r} here; check name and folder"
