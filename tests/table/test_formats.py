"""Files of other formats, told from their first bytes."""

import gzip
import io
import json
import pickle
import sqlite3
import tarfile
import zipfile

import numpy as np
import polars as pl
import pytest

from tunesmith.table.formats import other_format

ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
FRAME = pl.DataFrame(ROWS)


def written(write):
    """Return the bytes that `write` writes to a file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def zipped(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")


def tarred(file):
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x.csv"))


def database():
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (a)")
        return connection.serialize()


FORMATS = {
    "zip": (written(zipped), "a zip or Excel file"),
    "zip after a mark": (b"\xef\xbb\xbf" + written(zipped), "a zip or Excel file"),
    "empty zip": (written(lambda file: zipfile.ZipFile(file, "w").close()), "an empty zip file"),
    "tar": (written(tarred), "a tar archive"),
    "SQLite": (database(), "an SQLite file"),
    "pickle": (pickle.dumps(ROWS), "a pickle"),
    "NumPy": (written(lambda file: np.save(file, np.ones(3))), "a NumPy file"),
    "Arrow": (written(FRAME.write_ipc), "an Arrow file"),
    "Avro": (written(FRAME.write_avro), "an Avro file"),
    "JSON": (json.dumps(ROWS).encode(), "JSON"),
    "JSON, indented": (json.dumps(ROWS, indent=1).encode(), "JSON"),
    "JSON of columns": (b'\n{"a": [1, 2],\n "b": ["x", "y"]}', "JSON"),
    "JSON, cut": (b'{"a": [1, 2], "b', "JSON"),
    "JSON, UTF-16": (json.dumps(ROWS).encode("utf-16"), "JSON"),
    "JSON Lines": (written(FRAME.write_ndjson), "JSON Lines"),
    "lists": (b'["a", "b"]\n[1, "x"]\n', "JSON Lines"),
    "numbers": (b"[1, 2]\n", "JSON"),
    "ARFF": (b"% made by hand\n\n@RELATION fruit\n@ATTRIBUTE a NUMERIC\n", "an ARFF file"),
    "HTML": (b"<!DOCTYPE html>\n<html></html>", "an HTML page"),
    "HTML table": (b"\n<table border=1><tr>", "an HTML page"),
    "XHTML": (b'<?xml version="1.0"?>\n<html xmlns="x">', "an HTML page"),
    "XML": (b'<?xml version="1.0"?>\n<rows>', "XML"),
}


@pytest.mark.parametrize(("start", "name"), FORMATS.values(), ids=FORMATS)
def test_other_formats_are_told(start, name):
    """Whatever the file is called, and however it is written."""
    assert other_format(start) == name


@pytest.mark.parametrize(
    "start",
    [
        b"a,b\n1,2\n",
        b"[id],[name]\n1,2\n",
        b"[1],[2]\n1,2\n",
        b"{a},{b}\n1,2\n",
        b"% of all,b\n1,2\n",
        b"<5,>5\n1,2\n",
        b"@relation\n1\n",
        b"table,b\n1,2\n",
        b"XY,b\n",
        b"",
        gzip.compress(b"a,b\n1,2\n", mtime=0),
        written(FRAME.write_parquet),
    ],
    ids=range(12),
)
def test_tables_are_none(start):
    """Signs that other formats begin with may stand in a name."""
    assert other_format(start) is None
