"""A look at a table: the object and the lines."""

import msgspec
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.rng import stream
from tunesmith.table.check import MOST_COLUMNS, check_lines, check_table
from tunesmith.table.columns import type_columns
from tunesmith.table.describe import WIDTH
from tunesmith.table.raw import RawTable
from tunesmith.table.target import choose_target

N = 120
CHANCE = stream(3, "check")
GOAL = CHANCE.choice(["no", "yes"], N).tolist()
TEXT = {
    "id": [f"n{k}" for k in range(N)],
    "patient": [str(k % 40) for k in range(N)],
    "when": [f"2021-02-{k % 9 + 1:02}" for k in range(N)],
    "size": [*["7.5", "2.5", "-", "4"] * 29, "", "3", "8", "9"],
    "pool": ["deep"] * 8 + [""] * (N - 8),
    "copy": [goal.upper() for goal in GOAL],
    "y": GOAL,
}


def checked(text, form="", target="y"):
    table = type_columns(RawTable(frame=pl.DataFrame(text), form=form))
    chosen = choose_target(table, target)
    findings = check_table(table, chosen)
    return findings, check_lines(table, chosen, findings)


def test_everything_that_is_odd():
    """Drawn by hand: what was taken for what, and a remark for each thing to look at."""
    findings, lines = checked(TEXT, form="separated by tabs")
    assert lines == (
        "120 rows, 7 columns",
        "2 number, 2 category, 1 date, 1 left out (id: every value different)",
        "read as separated by tabs",
        "when is a date: year first, such as '2021-02-01'",
        f"target y: 2 classes, 'no' {100 * GOAL.count('no') / N:.0f} %",
        "classification, because y holds text",
        "",
        "id                        left out  120 different",
        "patient                   number    40 different",
        "when                      date      9 different",
        "size                      number    6 different, 25 % missing (written '-')",
        "pool                      category  1 different, 93.3 % missing",
        "copy                      category  2 different",
        "y                         target    2 different",
        "",
        "! pool is missing in 93.3 % of the rows",
        "! copy is suspicious: alone it predicts y almost perfectly (AUC 1.000); if it is",
        "  not known when you predict, leave it out with --drop",
        "! patient looks like groups: 40 values in 120 rows; rows of one value may be",
        "  alike, and the split into training and test rows does not keep them together",
        "! when runs from 2021-02-01 to 2021-02-09, and the rows are not in that order;",
        "  the split into training and test rows is by chance, so the score does not",
        "  stand for later rows",
        "",
        "nothing was changed",
    )
    plain = msgspec.json.decode(msgspec.json.encode(findings))
    assert plain["suspicious"] == [{"column": "copy", "metric": "AUC", "score": 1.0}]
    assert plain["groups"] == [{"column": "patient", "values": 40}]
    assert plain["columns"][3] == {
        "name": "size",
        "kind": "number",
        "missing": 30,
        "distinct": 6,
        "why": "",
        "marks": ["-"],
    }


def test_nothing_odd_is_no_remark():
    """A plain table is said in a few lines, without exclamation marks."""
    x = CHANCE.normal(size=N).round(4).astype(str).tolist()
    findings, lines = checked({"x": x, "y": GOAL})
    assert not any(line.startswith("!") for line in lines)
    assert (findings.suspicious, findings.groups, findings.timelines) == ((), (), ())


def test_repeated_rows():
    """One row and several are said in their own words."""
    x = [str(k // 2) if k < 2 else str(7 * k) for k in range(N)]
    _, lines = checked({"x": x, "y": ["no"] * 2 + GOAL[2:]})
    (line,) = [line for line in lines if line.startswith("! 1")]
    assert line.startswith("! 1 row repeats an earlier one in every column used; of the 24 test ")
    _, lines = checked({"x": x[:60] * 2, "y": (["no"] * 2 + GOAL[2:60]) * 2})
    assert any(line.startswith("! 61 rows repeat an earlier one") for line in lines)


def test_a_wide_table_is_cut():
    """Columns beyond MOST_COLUMNS are counted; the object has them all."""
    columns = {f"c{k}": ["7", "2", "4"] * (N // 3) for k in range(MOST_COLUMNS + 4)}
    findings, lines = checked({**columns, "y": GOAL})
    assert "and 5 more columns (--json has all)" in lines
    assert len(findings.columns) == MOST_COLUMNS + 5


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=30))
def test_lines_fit_and_are_clean(name, value):
    """No line is longer than 80 characters or holds a control character, whatever the data."""
    cells = ["x" + value, "y" + value, "z"] * (N // 3)
    _, lines = checked({"a" + name: cells, "y" + name: GOAL}, target="y" + name)
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.isprintable() for line in lines)
