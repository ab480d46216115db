"""What bytes are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import DataError
from tunesmith.table.sniff import SAMPLE_BYTES, Dialect, decoded, dialect_of

TEXT = "größe,€\n1,5\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-32"), "UTF-32"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
)
def test_one_text_in_many_encodings(data, encoding):
    """With a mark or without, the text is the same, as UTF-8."""
    assert decoded(data, "'x'") == (TEXT.encode(), encoding)


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"])))
def test_utf8_is_utf8(text):
    """No text that is UTF-8 is taken for anything else."""
    assert decoded(text.encode(), "'x'") == (text.encode(), "UTF-8")


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_letter_between_two_parts_is_whole(at):
    """A letter of several bytes may lie across the parts in which a text is looked at."""
    text = "x" * (SAMPLE_BYTES - at) + "€" + "y" * 9
    assert decoded(text.encode(), "'x'")[1] == "UTF-8"
    broken = ("a\n" * ((SAMPLE_BYTES - at) // 2)).encode() + b"\xe9t\xe9\n"
    assert decoded(broken, "'x'") == (broken.decode("cp1252").encode(), "Windows-1252")


def test_the_line_of_a_fault_beside_a_letter_between_two_parts():
    """Bytes kept from one part to the next are counted once."""
    data = b"x" * (SAMPLE_BYTES - 3) + b"\n" + "€".encode() + b"\xff\nend\n"
    with pytest.raises(DataError, match=r"^'x' is UTF-8 but for line 2, which another program"):
        decoded(data, "'x'")


@pytest.mark.parametrize("at", [0, 1, 5])
def test_the_line_of_a_fault_far_into_a_file(at):
    """The line is counted from the start, wherever the parts end."""
    start = ("é\n" * (SAMPLE_BYTES // 3) + "x" * at + "\n").encode()
    line = start.count(b"\n") + 1
    with pytest.raises(DataError, match=f"^'x' is UTF-8 but for line {line}, which another prog"):
        decoded(start + b"\xff\n", "'x'")


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("a,b\n1,2\n", Dialect(",")),
        ("a;b\n1,5;2\n", Dialect(";")),
        ("a;b\n1,5;2,5\n", Dialect(";")),
        ("a\tb,c\n1\t2\n", Dialect("\t")),
        ("a|b\n1|2\n", Dialect("|")),
        ("a\n1\n", Dialect(",")),
        ("'a';'b'\n'1;2';3\n", Dialect(";", "'")),
        ('a,b\n"1;2;3",4\n', Dialect(",")),
        ("a,b,c\n1,2\n", Dialect(",")),
        ("don't,can't\n1,2\n", Dialect(",")),
        ("a;b\n1\u2028,2;3\n4,5;6\n", Dialect(";")),
    ],
)
def test_separators_and_quotes(text, dialect):
    """The sign that splits header and rows alike; of a ragged file, the one that splits it most."""
    assert dialect_of(text.encode(), "'x'") == dialect


def test_a_huge_cell_does_not_disturb():
    """A cell beyond the limit of Python's csv module is no reason to fail."""
    text = "a,b\n" + "x" * 200_000 + ",1\n"
    assert dialect_of(text.encode(), "'x'") == Dialect(",")
