"""Text files read a second time, by Python's csv module."""

from collections import Counter

import polars as pl
import pytest
from tests.second_reader import BACKSLASHES, WHITE_SPACE, compare, files

from tunesmith.errors import DataError
from tunesmith.table import batches
from tunesmith.table.batches import read_batches
from tunesmith.table.delimited import parse
from tunesmith.table.read import read_table


def test_a_second_reader_agrees():
    """2,000 files, most of them changed: the same cells, one of the rules below, or refused.

    A file as a writer wrote it is never refused.
    """
    found = compare(2_000)
    rules = {"", WHITE_SPACE, BACKSLASHES}
    assert set(found) == {"refused", *rules, *(f"whole: {rule}" for rule in rules)}
    for rule in rules:
        assert found[rule] > found[f"whole: {rule}"] + 20
        assert found[f"whole: {rule}"] > 20


def outcome(read, path):
    """Return the table that is read, or None where it is refused."""
    try:
        return read(path)
    except DataError:
        return None


def test_batches_agree(tmp_path, monkeypatch):
    """Wherever a file is cut, its batches are the table that it is as a whole, or refused."""
    path = tmp_path / "x.csv"
    found = Counter()
    for number, (data, _, _) in enumerate(files(600)):
        path.write_bytes(data)
        monkeypatch.setattr(batches, "BATCH_BYTES", 20 + number % 211)
        whole = outcome(lambda path: read_table(path).frame, path)
        parts = outcome(lambda path: [part.frame for part in read_batches(path)], path)
        if parts is None:
            found["refused", whole is None] += 1
            continue
        assert whole is not None, data
        assert pl.concat(parts).equals(whole), data
        found["several" if len(parts) > 1 else "one"] += 1
    assert found["several"] > 30
    assert found["refused", False] < 12  # quotes that are escaped in later batches alone


@pytest.mark.parametrize("sign", ['"', '""', '\\"', ",", "\n", " ", "\\"])
def test_one_sign_more(sign):
    """Wherever it is put in, there are as many rows as before, or one more or less at that place.

    A sign in a row changes no other row: what would is refused.
    """
    lines = ["n,t,y", *(f'{n},"a, ""{n}""",{"yn"[n % 2]}' for n in range(9))]
    text = "\n".join(lines) + "\n"
    rows = parse(text.encode(), "'x.csv'").frame.rows()
    read = 0
    for at in range(len(lines[0]) + 1, len(text)):
        changed = text[:at] + sign + text[at:]
        try:
            other = parse(changed.encode(), "'x.csv'").frame.rows()
        except DataError:
            continue
        line = text.count("\n", 0, at) - 1
        read += 1
        assert (other[:line], other[line + 1 :]) == (rows[:line], rows[line + 1 :]), changed
    assert read > 0
