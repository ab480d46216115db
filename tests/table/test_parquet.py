"""Parquet files as tables, and one sentence for each that is none."""

import io

import polars as pl
import pytest

from tunesmith.errors import FileError
from tunesmith.table.columns import type_columns
from tunesmith.table.guess import Kind
from tunesmith.table.parquet import from_parquet, from_parquet_rows
from tunesmith.table.parquet_footer import footer_of


def written(*columns):
    """Return the bytes of a Parquet file with these columns."""
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


def test_a_parquet_file_may_have_any_name(tmp_path):
    """A name is no pattern."""
    path = tmp_path / "a[1]*.parquet"
    pl.DataFrame({"x": [1, 2]}).write_parquet(path)
    (raw,) = from_parquet_rows(path, "'x'", 3)
    assert raw.frame.to_dict(as_series=False) == {"x": [1, 2]}


def test_a_parquet_file_that_is_none():
    """Its bytes may be cut anywhere."""
    with pytest.raises(FileError, match=r"^'x' is a damaged Parquet file; copy or write it again$"):
        from_parquet(b"PAR1\x15\x04", "'x'")


def test_a_column_whose_values_cannot_be(capfd):
    """Polars panics at a day that no calendar has: one sentence instead, with the column."""
    days = pl.Series("day", [18_000] * 5 + [2**31 - 1], dtype=pl.Int32).cast(pl.Date)
    with pytest.raises(FileError) as caught:
        from_parquet(written(pl.Series("x", range(6)), days), "'x'")
    assert str(caught.value) == (
        "column 'day' of 'x' cannot be read, since it is damaged or holds values beyond its type; "
        "write it again, or the file without it"
    )
    assert capfd.readouterr().err == ""


def test_a_damaged_column():
    """A file whose footer is sound names the column that is not."""
    data = bytearray(written(pl.Series("x", range(900)), pl.Series("y", range(900))))
    data[4:40] = bytes(36)
    with pytest.raises(FileError, match=r"^column 'x' of 'f' cannot be read, since it is damaged"):
        from_parquet(bytes(data), "'f'")


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["7", "10", "11"])])
def test_a_category_stays_one(dtype):
    """Its labels may look like numbers, as those of a frame may."""
    raw = from_parquet(written(pl.Series("code", ["7", "10", "11"], dtype=dtype)), "'x'")
    assert raw.categories == {"code"}
    assert type_columns(raw).column("code").kind is Kind.CATEGORY


def test_the_footer_is_read():
    """Names of columns, nested or not, and what polars writes beside them."""
    nested = pl.Series("b", [{"c": [1, 2], "d": {"e": "x"}}])
    footer = footer_of(io.BytesIO(written(pl.Series("a", [1]), nested, pl.Series("f", ["y"]))))
    assert footer.names == ("a", "b", "f")
    assert footer.odd == {}
    assert list(footer.metadata) == ["ARROW:schema"]
