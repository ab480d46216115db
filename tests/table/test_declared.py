"""Categories that a writer of Parquet declares beside the data."""

import base64
import io
import json

import polars as pl
import pytest

from tunesmith.rng import stream
from tunesmith.table.declared import declared_categories
from tunesmith.table.parquet_footer import footer_of

FRAME = pl.DataFrame({"n": [1], "kind": ["u"], "größe": ["v"], "text": ["w"]}).with_columns(
    pl.col("kind", "größe").cast(pl.Categorical)
)


def metadata():
    """Return what polars writes beside the data, in the format of Arrow."""
    file = io.BytesIO()
    FRAME.write_parquet(file)
    return footer_of(file).metadata


def test_what_arrow_declares():
    """Fields with a dictionary are categories, others are not."""
    assert declared_categories(metadata()) == {"kind", "größe"}


def test_what_pandas_declares():
    """It says so of each column, under its name in the file."""
    columns = [
        {"name": "a", "field_name": "a", "pandas_type": "categorical"},
        {"name": None, "field_name": "__index_level_0__", "pandas_type": "categorical"},
        {"name": "old", "pandas_type": "categorical"},
        {"name": "b", "field_name": "b", "pandas_type": "int64"},
    ]
    found = declared_categories({"pandas": json.dumps({"columns": columns})})
    assert found == {"a", "__index_level_0__", "old"}


@pytest.mark.parametrize("text", ["", "x", "{}", "[]", '{"columns": 7}', '{"columns": [7]}'])
def test_what_cannot_be_read_declares_nothing(text):
    """Metadata are no part of the data."""
    assert declared_categories({"pandas": text, "ARROW:schema": text}) == frozenset()


def test_a_damaged_schema_declares_nothing_or_less():
    """Wherever its bytes are changed, nothing else happens."""
    schema = base64.b64decode(metadata()["ARROW:schema"])
    rng = stream(3, "schema")
    nothing = 0
    for _ in range(400):
        damaged = bytearray(schema)
        damaged[rng.integers(len(schema))] = rng.integers(256)
        found = declared_categories({"ARROW:schema": base64.b64encode(damaged).decode()})
        nothing += not found
    assert 0 < nothing < 400
