"""Columns that alone predict nearly everything."""

import numpy as np
import polars as pl
import pytest

from tunesmith.rng import stream
from tunesmith.table.columns import Table, type_columns
from tunesmith.table.suspicious import MOST_ROWS, Suspicion, find_suspicious
from tunesmith.table.target import choose_target

N = 601


def found(**columns):
    text = pl.DataFrame({name: [str(cell) for cell in cells] for name, cells in columns.items()})
    table = type_columns(text)
    return {s.column: s for s in find_suspicious(table, choose_target(table, "y"))}


@pytest.fixture
def chance():
    return stream(3, "suspicious")


def test_a_number_that_gives_a_number_away(chance):
    """A copy with a little noise is suspicious, one with much noise and one of chance are not."""
    y = chance.normal(size=N).round(3)
    suspicions = found(
        copy=y,
        near=(y + 0.05 * chance.normal(size=N)).round(3),
        far=(y + chance.normal(size=N)).round(3),
        luck=chance.normal(size=N).round(3),
        y=y,
    )
    assert list(suspicions) == ["copy", "near"]  # the best first
    assert suspicions["copy"].metric == "R2"
    assert 0.95 < suspicions["near"].score < suspicions["copy"].score <= 1


def test_two_classes_are_judged_by_auc(chance):
    """Of two rare classes a column that finds most is seen, though a constant is right for 95 %."""
    y = np.where(chance.random(N) < 0.05, "ill", "well")
    marker = np.where(y == "ill", 5.0, 0.0) + chance.normal(size=N)
    suspicions = found(marker=marker.round(3), luck=chance.normal(size=N).round(3), y=y)
    assert [s.metric for s in suspicions.values()] == ["AUC"]
    assert list(suspicions) == ["marker"]


def test_more_classes_are_judged_by_skill(chance):
    """An accuracy of 0.97 is much beside a constant's 0.34, and little beside its 0.96."""
    even = chance.choice(["a", "b", "c"], N)
    wrong = chance.random(N) < 0.02
    suspicions = found(colour=np.where(wrong, "a", even), y=even)
    assert suspicions["colour"].metric == "accuracy"
    assert suspicions["colour"].score == pytest.approx(0.985, abs=0.015)
    uneven = np.where(chance.random(N) < 0.96, "a", even)
    assert found(colour=np.where(wrong, "b", uneven), luck=wrong, y=uneven) == {}


def test_categories_dates_and_gaps_can_give_away(chance):
    """Words, days and whether a cell is empty are looked at as numbers are."""
    y = chance.choice(["no", "yes"], N)
    suspicions = found(
        word=np.where(y == "yes", chance.choice(["p", "q"], N), chance.choice(["r", "s"], N)),
        when=np.where(y == "yes", "2021-02-03", "2021-02-0" + chance.choice(["4", "5"], N)),
        gap=np.where(y == "yes", "", chance.choice(["5", "6", "7"], N)),
        y=y,
    )
    assert sorted(suspicions) == ["gap", "when", "word"]
    assert suspicions["gap"] == Suspicion(column="gap", metric="AUC", score=1.0)


def test_a_rare_class_is_no_reason_to_fail(chance):
    """A class of one row, and a target with one class but for two rows, are judged or let be."""
    y = [*chance.choice(["a", "b", "c"], N), "z"]
    assert list(found(copy=y, y=y)) == ["copy"]
    y = ["a"] * N + ["b", "b"]
    assert found(copy=y, y=y) == {}


def test_wild_numbers_are_no_reason_to_fail(chance):
    """Numbers that float32 cannot hold are looked at as well."""
    y = chance.choice(["no", "yes"], N)
    assert list(found(x=np.where(y == "yes", "1e300", "-1e300"), y=y)) == ["x"]


def test_a_long_table_is_judged_by_some_rows():
    """Rows beyond MOST_ROWS, drawn by chance, cost nothing; the same ones each time."""
    rows = 3 * MOST_ROWS
    y = np.tile([1.0, 2.0, 5.0], MOST_ROWS) + np.arange(rows) / rows
    text = pl.DataFrame({"x": y, "y": y}).cast(pl.String)
    table = type_columns(text)
    once, again = (find_suspicious(table, choose_target(table, "y")) for _ in range(2))
    assert once == again
    assert [s.column for s in once] == ["x"]
    assert isinstance(table, Table)
