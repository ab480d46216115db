"""The links from docs/path-of-a-trial.md to lines of the source: `python -m tests.lines` renews."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "path-of-a-trial.md"

LINK = re.compile(r"\[`(\w+)`\]\(([^)#]+)#L\d+\)")
"""A name in code, and the line of the file that it leads to."""


def page() -> str:
    """Return the page with each link leading to where its name is defined.

    Raises LookupError for a name that its file does not define.
    """
    return LINK.sub(_right, PAGE.read_text(encoding="utf-8"))


def _right(link: re.Match[str]) -> str:
    name, path = link.groups()
    lines = (PAGE.parent / path).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if re.match(rf"\s*(def|class) {name}\b", line):
            return f"[`{name}`]({path}#L{number})"
    raise LookupError(f"{PAGE.name}: {path} has no {name}")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
