"""What we survive: the tests of faults, and the page that lists them with their last figures.

A test of a fault is marked `@pytest.mark.survives(FAULT, BAR)`, wherever it stands. It takes two
fixtures: `long` says whether it runs at full size, and `record_property(name, value)` keeps a
figure. `pytest --long` keeps the figures of what passed in docs/what-we-survive.json, and
`python -m tests.survival` writes docs/what-we-survive.md from these and from the marks.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "what-we-survive.md"
FIGURES = PAGE.with_suffix(".json")

HEAD = """# What we survive

Each row is a fault, what must hold when it strikes, and the test that strikes with it.
`make test` runs each of them in a short form.
`make chaos` runs them at full size, and writes the figures of this page.

The *digest* of a study is a hash over every trial's config, measurements, state and reason.
It holds each float to its last bit, and no times.
A result is *acknowledged* once the driver has been told that it is stored.

Processes that a training function starts are ended when the driver ends their worker.
After a kill -9 of the driver they go on, and may still write into the trial's checkpoint.
End them before you resume the study.
"""


class Fault(NamedTuple):
    """A test of a fault."""

    path: str
    """From the root of the project."""
    test: str
    fault: str
    bar: str

    @property
    def place(self) -> str:
        """The test as pytest names it, without parameters."""
        return f"{self.path}::{self.test}"


def faults() -> Iterator[Fault]:
    """Yield every marked test, in order of files and of lines."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for mark in getattr(node, "decorator_list", []):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.survives":
                    fault, bar = map(ast.literal_eval, mark.args)
                    yield Fault(path.relative_to(ROOT).as_posix(), node.name, fault, bar)


def figures() -> dict[str, Any]:
    """Return what the last long runs measured: the machine, and figures by test."""
    return json.loads(FIGURES.read_text(encoding="utf-8"))


def keep(news: Mapping[str, Mapping[str, object]], machine: str) -> None:
    """Keep the figures of the tests that ran; those of the others stay, if the test is there."""
    tests = {fault.place for fault in faults()}
    old = figures()["tests"] if FIGURES.exists() else {}
    kept = {place: values for place, values in sorted((old | news).items()) if place in tests}
    content = {"machine": machine, "tests": kept}
    FIGURES.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def page() -> str:
    """Return the page."""
    known = figures()
    lines = [
        f"Figures: {known['machine']}.",
        "",
        "| what happens | what holds | last figures |",
        "|---|---|---|",
    ]
    for fault in faults():
        link = f"[{fault.fault}](../{fault.path})"
        last = "; ".join(f"{k} {v}" for k, v in known["tests"].get(fault.place, {}).items())
        lines.append(f"| {link} | {fault.bar} | {last or 'no long run yet'} |")
    return "\n".join([HEAD, *lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
