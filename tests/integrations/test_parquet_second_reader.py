"""Parquet files of unusual types, written by pyarrow and DuckDB, and read again by pyarrow."""

import base64
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tunesmith.errors import DataError, FileError
from tunesmith.rng import stream
from tunesmith.table.read import read_table

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
duckdb = pytest.importorskip("duckdb")

NUMBERS, MOMENTS, SINGLE = "Numbers", "Moments", "Single values"
FILES = 300
EXACT = 2**53 - 1

INTEGERS = {
    f"{sign}int{bits}": getattr(pa, f"{sign}int{bits}")()
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
}
DECIMALS = {
    f"decimal{bits}({digits}, {scale})": getattr(pa, f"decimal{bits}")(digits, scale)
    for bits, digits in ((32, 9), (64, 18), (128, 38), (128, 20), (256, 38), (256, 60))
    for scale in (0, 2, 8)
}
FLOATS = {"float16": pa.float16(), "float32": pa.float32(), "float64": pa.float64()}
TEXTS = {"string": pa.string(), "large_string": pa.large_string(), "string_view": pa.string_view()}
TIMES = {
    "date32": pa.date32(),
    "date64": pa.date64(),
    "time32": pa.time32("ms"),
    "time64": pa.time64("us"),
    **{f"duration {unit}": pa.duration(unit) for unit in ("s", "ms", "us", "ns")},
    **{
        f"timestamp {unit} {zone}": pa.timestamp(unit, zone)
        for unit in ("s", "ms", "us", "ns")
        for zone in (None, "UTC", "Europe/Athens", "+05:30", "Nowhere/City")
    },
}
OTHERS = {
    "bool": pa.bool_(),
    "null": pa.null(),
    "binary": pa.binary(),
    "fixed": pa.binary(3),
    "list": pa.list_(pa.int64()),
    "struct": pa.struct({"a": pa.int8(), "b": pa.string()}),
    "map": pa.map_(pa.string(), pa.int8()),
}
TYPES = INTEGERS | DECIMALS | FLOATS | TEXTS | TIMES | OTHERS
LABELS = (*INTEGERS, "float64", "string", "date32", "bool", "decimal128(20, 2)")
"""Types of which a dictionary is made."""
NOT_DUCKDB = ("float16", "decimal256", "null", "duration")
SQL = (
    "range::hugeint * 7",
    "uuid()",
    "('x' || range % 3)::varchar",
    "(range % 4)::utinyint",
    "range::decimal(18, 3) / 4",
    "to_days(range::integer)",
    "(case when range % 2 = 0 then 'yes' else 'no' end)::enum('yes', 'no')",
    "timestamptz '2021-03-28 00:30:00+00' + to_hours(range::integer)",
    "'101'::bit",
    "[range, 2]",
)


def value(kind, rng):
    """Return a value of a type as pyarrow takes it, ordinary or odd."""
    n = int(rng.integers(-50, 100))
    if kind in INTEGERS:
        lowest = 0 if kind[0] == "u" else -(2 ** (int(kind.rpartition("t")[2]) - 1))
        highest = 2 ** int(kind.rpartition("t")[2]) + lowest - 1
        odd = [lowest, highest, min(highest, EXACT), min(highest, EXACT + 2), 0]
        return odd[n % 5] if rng.random() < 0.02 else max(n, lowest)
    if kind in DECIMALS:
        digits, scale = map(int, re.findall(r"\((\d+), (\d+)\)", kind)[0])
        long = int("9" * int(rng.integers(1, digits + 1)))
        return Decimal(f"{long if rng.random() < 0.03 else n}E-{scale}")
    if kind in FLOATS:
        odd = [float("nan"), 0.0, -0.0, 2.0**15, 0.1]
        return odd[n % 5] if rng.random() < 0.1 else n / 4
    if kind in TEXTS:
        return str(rng.choice(["", "a", " b ", "NA", "None", "1", "ü", "x\ny", "true", "-"]))
    return other_value(kind, n)


def other_value(kind, n):
    """Return a value of a type that is neither a number nor text."""
    match kind.split()[0]:
        case "date32" | "date64":
            return date(2021, 3, 28) + timedelta(days=97 * n)
        case "time32" | "time64":
            return (datetime(2021, 1, 1) + timedelta(milliseconds=777 * (n + 50))).time()
        case "duration":
            return n * 1_000_003
        case "timestamp":
            unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.split()[1]]
            return (1_616_889_600 + 3600 * n) * unit + (n + 50) % unit
        case "bool":
            return n % 2 == 0
        case "binary":
            return bytes([n + 50])
        case "fixed":
            return b"abc"
        case "list":
            return [n, None]
        case "struct":
            return {"a": n, "b": "x"}
        case "map":
            return [("k", n)]
    return None


def column(kind, rows, rng):
    """Return an array of a type, with gaps, sometimes with a dictionary."""
    gaps = 0.2 * rng.integers(2)
    values = [None if rng.random() < gaps else value(kind, rng) for _ in range(rows)]
    array = pa.array(values, TYPES[kind])
    return array.dictionary_encode() if kind in LABELS and rng.random() < 0.3 else array


def write(path, number, rng):
    """Write a file of one to four columns, by pyarrow or by DuckDB."""
    rows = int(rng.integers(1, 40))
    by_duckdb = number % 3 == 0
    kinds = [kind for kind in TYPES if not by_duckdb or not kind.startswith(NOT_DUCKDB)]
    chosen = [str(kind) for kind in rng.choice(kinds, size=int(rng.integers(1, 5)))]
    table = pa.table({f"c{k}": column(kind, rows, rng) for k, kind in enumerate(chosen)})
    if not by_duckdb:
        pq.write_table(
            table,
            path,
            row_group_size=int(rng.integers(1, 50)),
            use_dictionary=bool(rng.integers(2)),
            compression=str(rng.choice(["none", "snappy", "gzip", "brotli", "zstd", "lz4"])),
            data_page_version=str(rng.choice(["1.0", "2.0"])),
            version="2.6" if "ns" in " ".join(chosen) else str(rng.choice(["1.0", "2.4"])),
            store_schema=bool(rng.random() < 0.8),
            data_page_size=int(rng.choice([64, 1 << 20])),
        )
        return
    codec, version = (
        rng.choice(["snappy", "zstd", "gzip", "uncompressed"]),
        rng.choice(["V1", "V2"]),
    )
    more = ", ".join(f"{SQL[int(k)]} as s{n}" for n, k in enumerate(rng.choice(len(SQL), size=2)))
    select = f"select * from (select {more} from range({rows}))"
    if rng.random() < 0.5:
        select = "select * from arrow_table"
    with duckdb.connect() as connection:
        connection.register("arrow_table", table)
        options = f"format parquet, codec {codec}, parquet_version {version}"
        connection.execute(f"copy ({select}) to '{path}' ({options})")


def expected(array, type_):
    """Return the cells that an array must have by the rules, and the rule that they need."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
        array = array.cast(type_)  # which pyarrow has done where labels are no text
        if pa.types.is_binary(type_):
            return [None] * len(array), SINGLE
        cells, rule = expected(array, type_)
        return [None if cell is None else label(cell) for cell in cells], rule or SINGLE
    if isinstance(type_, pa.BaseExtensionType):
        array, type_ = array.storage, type_.storage_type
    if (
        pa.types.is_nested(type_)
        or pa.types.is_binary(type_)
        or pa.types.is_fixed_size_binary(type_)
    ):
        return [None] * len(array), SINGLE
    if pa.types.is_timestamp(type_):
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[type_.unit]
        micros = [
            None if n is None else n * 10**6 // per_second
            for n in array.cast(pa.int64()).to_pylist()
        ]
        moments = [
            None if n is None else datetime(1970, 1, 1) + timedelta(microseconds=n) for n in micros
        ]
        return moments, MOMENTS if type_.tz or type_.unit == "ns" else ""
    if pa.types.is_duration(type_):
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[type_.unit]
        spans = array.cast(pa.int64()).to_pylist()
        micros = [None if n is None else int(n * 10**6 / per_second) for n in spans]
        return [None if n is None else n / 10**6 for n in micros], MOMENTS
    cells = array.to_pylist()
    if pa.types.is_date(type_):
        return [
            None if day is None else datetime(day.year, day.month, day.day) for day in cells
        ], ""
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_) or pa.types.is_floating(type_):
        return numbers(cells)
    if pa.types.is_boolean(type_) or pa.types.is_time(type_):
        return [None if cell is None else str(cell) for cell in cells], SINGLE
    return cells, ""


def numbers(cells):
    """Return numbers as float64 holds them, or text where it would round a whole part."""
    present = [cell for cell in cells if cell is not None and cell == cell]
    exact = [abs(int(cell)) <= EXACT for cell in present if not isinstance(cell, float)]
    if not all(exact):
        return [None if cell is None else digits(cell) for cell in cells], NUMBERS
    floats = [None if cell is None or cell != cell else float(cell) for cell in cells]
    held = all(one == other for one, other in zip(floats, cells, strict=True))
    return floats, "" if held else NUMBERS


def digits(number):
    text = f"{number:f}" if isinstance(number, Decimal) else str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def label(cell):
    """Return the label of a category as text."""
    if isinstance(cell, datetime):
        return str(cell.date())
    return (
        digits(cell)
        if isinstance(cell, int) or (isinstance(cell, float) and cell % 1)
        else (str(int(cell)) if isinstance(cell, float) else str(cell))
    )


def read_again(path):
    """Return the table that pyarrow reads, or DuckDB where it wrote what pyarrow does not read."""
    try:
        return pq.read_table(path)
    except OSError:
        with duckdb.connect() as connection:
            return connection.sql(f"select * from '{path}'").to_arrow_table()


def declared(path):
    """Return the types of dictionaries that Arrow wrote beside the data, by column."""
    metadata = pq.read_metadata(path).metadata or {}
    if b"ARROW:schema" not in metadata:
        return {}
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(metadata[b"ARROW:schema"])))
    return {field.name: field.type for field in schema if pa.types.is_dictionary(field.type)}


def is_category(type_):
    """Return whether a type declares categories that may be other than truth values."""
    return pa.types.is_dictionary(type_) and not pa.types.is_boolean(type_.value_type)


def test_a_second_reader_agrees(tmp_path):
    """300 files: the same values, a rule that the docs name, or refused in a sentence."""
    found = Counter()
    for number in range(FILES):
        path = tmp_path / f"{number}.parquet"
        write(path, number, stream(13, "parquet", number))
        try:
            raw = read_table(path)
        except (DataError, FileError) as error:
            assert_true(str(error), path)
            found["refused"] += 1
            continue
        table, types = read_again(path), declared(path)
        assert raw.frame.columns == table.column_names
        for name in table.column_names:
            array = table[name].combine_chunks()
            cells, rule = expected(array, types.get(name, array.type))
            assert raw.frame[name].to_list() == cells, f"{path.name} {name} {array.type}"
            assert (name in raw.categories) == is_category(types.get(name, array.type))
            found[rule] += 1
    assert set(found) == {"", NUMBERS, MOMENTS, SINGLE, "refused"}
    assert min(found.values()) > 5


def assert_true(sentence, path):
    """Check that what a sentence says of a file is so: a column of decimals or spans."""
    found = re.fullmatch(
        r"column '(\w+)' of '.*' holds (decimals of 60 digits|spans of months, days and milliseco"
        r"nds), which cannot be read; write the file without it, or with it as text",
        sentence,
    )
    assert found is not None, sentence
    kind = pq.read_schema(path).field(found[1]).type
    assert pa.types.is_decimal256(kind) or kind == pa.binary(12)


def test_the_docs_name_the_rules():
    """Five rules, and each that a second reader needs is one of them."""
    text = (Path(__file__).parents[2] / "docs" / "reading-tables.md").read_text(encoding="utf-8")
    names = re.findall(r"^- \*\*(.+)\*\*:", text, re.MULTILINE)
    assert names == ["White space", "Backslashes", NUMBERS, MOMENTS, SINGLE]


@pytest.mark.parametrize("zone", ["+05:30", "Nowhere/City", "Europe/Athens"])
def test_moments_of_any_zone_are_in_utc(tmp_path, zone):
    """Polars knows no zone by its offset, as pandas writes it."""
    moment = datetime(2021, 3, 28, 1, 30, tzinfo=UTC)
    array = pa.array([moment, None], pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone))
    pq.write_table(pa.table({"when": array, "x": [1, 2]}), tmp_path / "x")
    frame = read_table(tmp_path / "x").frame
    assert frame["when"].to_list() == [moment.replace(tzinfo=None), None]


def test_names_that_are_not_different(tmp_path):
    """A file may have them, and is not damaged."""
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), tmp_path / "x")
    with pytest.raises(DataError, match=r"x' names 'a' more than once; give each column its own n"):
        read_table(tmp_path / "x")


def test_the_column_that_is_named_is_the_one(tmp_path):
    """Among several odd columns, those that can be read are not blamed."""
    table = pa.table(
        {
            "when": pa.array([1], pa.timestamp("us", "+05:30")),
            "label": pa.array([Decimal("1.50")], pa.decimal128(9, 2)).dictionary_encode(),
            "long": pa.array([Decimal(7)], pa.decimal256(60, 0)),
        }
    )
    pq.write_table(table, tmp_path / "x")
    with pytest.raises(DataError, match=r"^column 'long' of .* holds decimals of 60 digits, which"):
        read_table(tmp_path / "x")
    pq.write_table(table.drop(["long"]), tmp_path / "x")
    raw = read_table(tmp_path / "x")
    assert raw.frame["label"].to_list() == ["1.5"]
    assert raw.categories == {"label"}
