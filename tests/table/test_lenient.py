"""Texts with unusual quotes: the ways to read them."""

import pytest

from tunesmith.table.lenient import Habit, has_escapes, lenient_readings
from tunesmith.table.sniff import Dialect

COMMA = Dialect()


def readings(text, dialect=COMMA, **options):
    found = lenient_readings(text.encode(), dialect, **options)
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


def test_backslashes_may_be_left_alone():
    """Part of a file cannot say that all of it is escaped."""
    text = 'a,b\n1,"x \\" y"\n'
    assert has_escapes(text.encode(), COMMA)
    assert readings(text, escapes=False) == {}


def test_single_quotes():
    """They are escaped as double quotes are, which then mean nothing."""
    assert readings("a;b\n'x\\'\"';2\n", Dialect(";", "'")) == {Habit.ESCAPE: [["x'\"", "2"]]}
