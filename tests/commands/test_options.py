"""What several commands accept is the same for all of them."""

import pytest

from tunesmith.cli import app, run
from tunesmith.commands.options import type_pairs
from tunesmith.errors import DataError


@pytest.mark.parametrize(
    ("option", "commands"),
    [
        ("--workers", {"demo", "fit", "resume"}),
        ("--seed", {"demo", "fit", "lessons"}),
        ("--out", {"demo", "fit", "predict", "export", "report", "lessons"}),
        *((option, {"check", "fit"}) for option in ("--target", "--task", "--types", "--drop")),
    ],
)
def test_an_option_is_the_same_wherever_it_is(option, commands, capsys):
    """A wrong value gets one sentence that names the option, from every command that has it."""
    has = {
        name
        for name, command in app.commands.items()
        if any(option in p.opts for p in command.params)
    }
    assert has == commands
    if option in ("--workers", "--seed"):
        for name in has:
            assert run([name, "x", option, "-7"] if name != "demo" else [name, option, "-7"]) == 2
            assert f"{option} must be a whole number from " in capsys.readouterr().err


def test_type_pairs():
    """The last sign parts name and type; both must be there."""
    assert type_pairs(("zip=text", "a=b=number")) == {"zip": "text", "a=b": "number"}
    for text in ("zip", "=text"):
        with pytest.raises(DataError, match=f"^--types {text}: give it as COLUMN=number or COLUMN"):
            type_pairs((text,))
