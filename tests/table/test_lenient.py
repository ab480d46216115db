"""Texts with unusual quotes: the ways to read them."""

import pytest

from tunesmith.table.lenient import Habit, has_escapes, lenient_readings
from tunesmith.table.sniff import Dialect

COMMA = Dialect()


def readings(text, dialect=COMMA):
    found = lenient_readings(text.encode(), dialect)
    return {reading.habit: reading.rows[1:] for reading in found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a,b\n5"6,2\n', {Habit.BARE: [['5"6', "2"]]}),
        ('a,b\n1, "2"\n', {Habit.BLANK: [["1", "2"]]}),
        ('a,b\n1, "2,3"\n', {Habit.BLANK: [["1", "2,3"]]}),
        ('a,b\n1, "2 ""3"""\n', {Habit.BLANK: [["1", '2 "3"']]}),
        ('a,b\n1, 5"6\n', {Habit.BARE: [["1", ' 5"6']]}),
        ('a,b\n1,"x \\" \\\\ \\n"\n', {Habit.ESCAPE: [["1", 'x " \\ \\n']]}),
        (
            'a,b\n5\\"6,2\n',
            {Habit.BARE: [['5\\"6', "2"]], Habit.ESCAPE: [['5"6', "2"]]},
        ),
        ('a,b\n1,"2"3"\n', {}),
        ('a,b\n1,"2 \\" 3"\n4,"5""6"\n', {}),
        ('a,b\n1,"2\\"3"4"\n', {}),
        ('a,b\n1,"2"3\n4\n', {}),
    ],
)
def test_ways_to_read_a_text(text, found):
    """Each has rows as wide as the header; those that differ in blanks alone are one."""
    assert readings(text) == found


@pytest.mark.parametrize(
    ("cell", "found"), [('a \\" b', True), ("a \\", True), ("a \\\\", False), ("a \\n", False)]
)
def test_an_escaped_quote(cell, found):
    """A backslash that is escaped itself escapes nothing."""
    assert has_escapes(f'a,b\n1,"{cell}"\n'.encode(), COMMA) == found


def test_single_quotes():
    """They are escaped as double quotes are, which then mean nothing."""
    assert readings("a;b\n'x\\'\"';2\n", Dialect(";", "'")) == {Habit.ESCAPE: [["x'\"", "2"]]}
