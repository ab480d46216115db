"""The page: one HTML document that holds all it needs and asks nothing of anyone."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tunesmith.usage import printable

FOLDER: Final = Path(__file__).parent / "templates"

UNSAFE: Final = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})
"""What could end a script block, or a line of a script, and how JSON writes it otherwise."""


def page(state: Mapping[str, Any], *, live: bool = False) -> str:
    """Return the whole document; a live one listens to `events` beside its own address.

    `state` is that of `state.state`. Everything in it is text to the page, whatever it holds.
    """
    return render(
        "page.html",
        state=state,
        live=live,
        policy=policy(live=live),
        script=_read("page.js"),
        data=json_block({key: part for key, part in state.items() if key != "pictures"}),
    )


def render(name: str, **parts: Any) -> str:
    """Return a template filled in, with the style of the same name; every text in it is escaped."""
    style = _read(f"{name.removesuffix('.html')}.css")
    return _templates().get_template(name).render(style=style, **parts)


def policy(*, live: bool) -> str:
    """Return the Content-Security-Policy of the page: its own script and style, nothing else."""
    rules = [
        "default-src 'none'",
        f"script-src '{_digest(_read('page.js'))}'",
        f"style-src '{_digest(_read('page.css'))}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*rules, "connect-src 'self'"] if live else rules)


def json_block(data: Any) -> str:
    """Return JSON that may stand in a script block."""
    text = msgspec.json.encode(data).decode()
    return text.translate(UNSAFE)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shown(value: Any) -> Any:
    """Return text with what cannot be seen made visible; markup stays as it is."""
    return printable(value) if type(value) is str else value


@cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
