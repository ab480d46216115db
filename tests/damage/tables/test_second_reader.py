"""Text files read a second time, by Python's csv module."""

import pytest
from tests.second_reader import BACKSLASHES, WHITE_SPACE, compare

from tunesmith.errors import DataError
from tunesmith.table.delimited import parse


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
