"""How the pages become a site: `make docs`."""

import re
from itertools import zip_longest
from typing import Any

from tunesmith import __version__

project = "Tunesmith"
copyright = "the authors of Tunesmith"  # noqa: A001 - Sphinx's name for it
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "Tunesmith"
html_show_sphinx = False

myst_heading_anchors = 3
# Files of the project that are no pages, such as a test, are links to download.
myst_enable_extensions = ["colon_fence"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"


def plain(_app: Any, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]) -> None:
    """Let docstrings, which are plain text with code between single backticks, mean what they say.

    Markup of reStructuredText in them is none: `fitted_` is no link, `*path` no emphasis.
    """
    for number, line in enumerate(lines):
        parts = line.split("`")
        words = [re.sub(r"([*_|\\])", r"\\\1", part) for part in parts[::2]]
        code = [f"``{part}``" for part in parts[1::2]]
        told = [text for pair in zip_longest(words, code, fillvalue="") for text in pair]
        lines[number] = "".join(told)


def setup(app: Any) -> None:
    """Have autodoc ask `plain`."""
    app.connect("autodoc-process-docstring", plain)
