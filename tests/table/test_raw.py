"""Where a row is found."""

import polars as pl
import pytest

from tunesmith.table.raw import RawTable, line_of, place_of

FRAME = pl.DataFrame({"a\nb": ["p\nq\nr", "s", "t\nu"], "c": [1.0, 2.0, 3.0]})


def test_lines_count_line_feeds_inside_cells():
    """Row 2 starts in line 7 if the header has one line feed and a cell above has two."""
    assert [line_of(FRAME, row) for row in range(3)] == [3, 6, 7]
    assert line_of(FRAME.select("c"), 2) == 4


@pytest.mark.parametrize(("has_lines", "place"), [(True, "line 6"), (False, "row 2")])
def test_a_place_is_a_line_of_a_file_or_a_row(has_lines, place):
    """Tables that were no text file have no lines."""
    assert place_of(FRAME, 1, has_lines=has_lines, above=0) == place
    assert RawTable(frame=FRAME, has_lines=has_lines).place(1) == place
    below = RawTable(frame=FRAME, has_lines=has_lines, above=700).place(1)
    assert below == place.replace(" ", " 70")
