"""What the command line accepts, and what it says to anything else."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.usage import FILE_NAME, MINUTES, Commands, printable, sentence, whole


@click.group(cls=Commands)
def tool():
    pass


@tool.command()
@click.argument("table")
@click.option("--depth", type=whole(3, 1_700), default=5)
@click.option("--minutes", type=MINUTES)
@click.option("--out", type=FILE_NAME)
@click.option("--target", required=True)
def dig(**values):
    return values


def answer(*arguments):
    """Return what `dig` was given, or the sentence that refused it."""
    try:
        return tool(list(arguments), prog_name="tool", standalone_mode=False)
    except click.ClickException as error:
        return sentence(error)


def test_values_are_read():
    """Options arrive as what they mean, defaults too; NAME.study is understood as NAME."""
    given = answer("dig", "a.csv", "--target", "y", "--minutes", ".3", "--out", "b/v1.2.study")
    assert {**given, "out": given["out"].as_posix()} == {
        "table": "a.csv",
        "target": "y",
        "depth": 5,
        "minutes": 0.3,
        "out": "b/v1.2",
    }
    assert answer("dig", "a", "--target", "y", "--depth", "3")["depth"] == 3
    assert answer("dig", "a", "--target", "y", "--depth", "1700")["depth"] == 1_700


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("digg", "no command 'digg'; did you mean 'dig'?"),
        ("xyzzy", "no command 'xyzzy'; tunesmith --help lists them"),
        ("--hepl", "no option '--hepl'; did you mean '--help'?"),
        ("--zzz", "no option '--zzz'; see tool --help"),
        ("dig --tagret y", "no option '--tagret'; did you mean '--target'?"),
        ("dig --zzz", "no option '--zzz'; see tool dig --help"),
        ("dig a", "--target is missing; see tool dig --help"),
        ("dig --target y", "TABLE is missing; see tool dig --help"),
        ("dig a --target", "option '--target' requires an argument"),
        ("dig a b --target y", "got unexpected extra argument (b); see tool dig --help"),
        ("dig a --depth 2", "--depth must be a whole number from 3 to 1,700, got '2'"),
        ("dig a --depth 1701", "--depth must be a whole number from 3 to 1,700, got '1701'"),
        ("dig a --depth 3.0", "--depth must be a whole number from 3 to 1,700, got '3.0'"),
        ("dig a --minutes 0", "--minutes must be a number above 0, got '0'"),
        ("dig a --minutes inf", "--minutes must be a number above 0, got 'inf'"),
        ("dig a --minutes nan", "--minutes must be a number above 0, got 'nan'"),
        ("dig a --minutes soon", "--minutes must be a number above 0, got 'soon'"),
        ("dig a --out b/", "--out must be the name of a file, not of a folder, got 'b/'"),
        ("dig a --out ..", "--out must be the name of a file, not of a folder, got '..'"),
        ("dig a --out .", "--out must be the name of a file, not of a folder, got '.'"),
    ],
)
def test_wrong_use_is_one_sentence(arguments, expected):
    """What is wrong, and the way out, whatever click would have said."""
    assert answer(*arguments.split()) == expected


@given(st.text())
def test_printable_text_is_left_alone_and_nothing_else_gets_through(text):
    """Whatever comes out can be shown, and what could be shown before is unchanged."""
    shown = printable(text)
    assert shown.isprintable()
    assert (shown == text) is text.isprintable()


def test_escapes_can_be_read():
    """A terminal's commands become text that says which they were."""
    assert printable("[b]\x1b[31mé\n\udcff") == r"[b]\x1b[31mé\n\udcff"
