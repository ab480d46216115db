"""The footer of a Parquet file: read, or given up."""

import io

import polars as pl
import pytest

from tunesmith.rng import stream
from tunesmith.table.parquet_footer import footer_at, footer_of


@pytest.fixture(scope="module")
def data():
    """Return the bytes of a file of many columns and row groups."""
    file = io.BytesIO()
    frame = pl.DataFrame({f"größe {k}": range(40) for k in range(20)} | {"text": ["x"] * 40})
    frame.write_parquet(file, row_group_size=8)
    return file.getvalue()


def test_footer(data, tmp_path):
    """It has all columns, however much stands beside them; the file is at its start again."""
    file = io.BytesIO(data)
    footer = footer_of(file)
    assert footer.names == (*(f"größe {k}" for k in range(20)), "text")
    assert file.tell() == 0
    (tmp_path / "x").write_bytes(data)
    assert footer_at(tmp_path / "x") == footer


def test_a_damaged_footer_is_none(data):
    """Wherever bytes are lost or changed, it is read or given up, and nothing else happens."""
    rng = stream(7, "footer")
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    given_up = 0
    for _ in range(300):
        damaged = bytearray(data)
        for at in rng.integers(start, len(data), size=3):
            damaged[at] = rng.integers(256)
        given_up += footer_of(io.BytesIO(bytes(damaged))) is None
    assert 0 < given_up < 300
    for size in (0, 3, 8, 11, len(data) - 1):
        assert footer_of(io.BytesIO(data[:size])) is None
