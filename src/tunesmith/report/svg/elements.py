"""SVG as text: elements, whose attributes and words are always escaped."""

from collections.abc import Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree

from tunesmith.usage import printable

Point = tuple[float, float]


def element(name: str, *inner: str, **attributes: str | float) -> str:
    """Return an element; `class_` is its class, `stroke_width` its "stroke-width".

    Numbers are written with one decimal, which is finer than a screen shows. What is `inner` is
    markup already: words go through `words`.
    """
    parts = [
        f'{key.rstrip("_").replace("_", "-")}="{escape(_written(value))}"'
        for key, value in attributes.items()
    ]
    head = " ".join([name, *parts])
    return f"<{head}>{''.join(inner)}</{name}>" if inner else f"<{head}/>"


def words(text: str, **attributes: str | float) -> str:
    """Return a text element that holds `text`, with what cannot be seen made visible."""
    return element("text", escape(printable(text)), **attributes)


def path(points: Sequence[Point], **attributes: str | float) -> str:
    """Return a line through points."""
    steps = " ".join(f"{_written(x)},{_written(y)}" for x, y in points)
    return element("path", d=f"M{steps}", **attributes)


def picture(width: float, height: float, label: str, *inner: str) -> str:
    """Return a whole picture, which a screen reader reads as its `label`."""
    return element(
        "svg",
        *inner,
        viewBox=f"0 0 {_written(width)} {_written(height)}",
        role="img",
        aria_label=printable(label),
    )


def tree(svg: str) -> list[Any]:
    """Return a picture as name, attributes, text and children, from which a script can build it."""
    return _branch(ElementTree.fromstring(svg))  # noqa: S314  it is one of ours


def _branch(node: ElementTree.Element) -> list[Any]:
    return [node.tag, dict(node.attrib), node.text or "", [_branch(child) for child in node]]


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
