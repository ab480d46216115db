"""The structure of a text, compared with Python's csv module in strict mode."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.table import structure
from tunesmith.table.sniff import Dialect
from tunesmith.table.structure import Fault, stray_quote, structure_of

COMMA = Dialect()


@given(st.text('a",\n', max_size=14), st.integers(1, 3), st.integers(1, 20))
def test_what_is_well_formed_is_what_csv_reads(text, width, size):
    """The rows and fields are those of csv, in chunks of any size; bare quotes are faults."""
    text += "\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, "CHUNK_BYTES", size)
        found = structure_of(text.encode(), COMMA, width)
    whole = structure_of(text.encode(), COMMA, width)
    assert found == whole or None not in (found.fault, whole.fault)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        assert found.fault is not None
        return
    fits = all(len(row or [""]) == width and (row or width == 1) for row in rows)
    bare = '"' in re.sub(r'(?<![^,\n])"([^"]|"")*+"(?=[,\n])', "", text)
    assert (found.fault is None) == (fits and not bare)
    if found.fault is None:
        assert found.rows == len(rows)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('a,b\n1,x"\n', Fault(kind="quote", at=7)),
        ('a,b\n1,"x"y"\n', Fault(kind="quote", at=6)),
        ('a,b\n1,"x\n', Fault(kind="open", at=4)),
        ('a,b\n"p",2\n1,"x\n3,"y"\n', Fault(kind="quote", at=12)),
        ("a,b\n1\n2,3\n", Fault(kind="width", at=4, fields=1)),
        ("a,b\n1,2\n\n2,3\n", Fault(kind="width", at=8)),
        ("a,b\n1,2,3\n", Fault(kind="width", at=4, fields=3)),
    ],
)
def test_the_first_fault(text, fault):
    """It is named with its byte: of a quoted cell that does not end well, where that begins."""
    assert structure_of(text.encode(), COMMA, 2).fault == fault


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ('a,b\n1,"x\n2,y"\n', 8),
        ('a,b\n1,"x\n2,y"\n3,"p\nq"\n', None),
        ('a,b\n1,"x\ny"\n', None),
        ("a,b\n1,2\n", None),
    ],
)
def test_lines_that_may_be_rows(text, doubt):
    """A text with quoted line feeds is in doubt if none of them shows that it is within a cell."""
    assert structure_of(text.encode(), COMMA, 2).doubt == doubt


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('1,"a\r\nb"\r\n2,"c', None),
        ('1,"a"\r2,b"\n', 9),
        ('1,2\n3,"a" \n', 6),
        ('1,2\n3,b"', None),
        ("", None),
    ],
)
def test_a_stray_quote(text, at):
    """Quotes up to the last line feed are judged, whatever ends the lines."""
    assert stray_quote(text.encode(), COMMA) == at
