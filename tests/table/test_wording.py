"""Names and values in sentences."""

import pytest

from tunesmith.table.wording import LONGEST, bare, listed, nearest, quoted


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
