"""The programs of docs/coming-from-optuna.md: Optuna's run too, and ours have fewer lines."""

import pytest
from tests.test_docs import ROOT, blocks

optuna = pytest.importorskip("optuna")

PAGE = (ROOT / "docs" / "coming-from-optuna.md").read_text(encoding="utf-8")
BLOCKS = blocks("python", PAGE)
THEIRS, OURS = BLOCKS[::2], BLOCKS[1::2]


def lines(program):
    """Count the lines that are not empty."""
    return sum(bool(line.strip()) for line in program.splitlines())


@pytest.mark.parametrize(("theirs", "ours"), [*zip(THEIRS, OURS, strict=True)], ids=range(3))
def test_fewer_lines(theirs, ours):
    """Each of ours beside the one before it."""
    assert "import optuna" in theirs
    assert "import tunesmith" in ours
    assert lines(ours) < lines(theirs)


@pytest.mark.parametrize("program", THEIRS, ids=range(3))
def test_theirs_run(program, capsys):
    """What we compare with works, and finds something."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    exec(compile(program, "coming-from-optuna.md", "exec"), {"__name__": "page"})
    assert capsys.readouterr().out.startswith("{")
