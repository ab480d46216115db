"""Which columns of a Parquet file are categories by what its writer says beside the data.

Parquet has no type for categories: a library that does writes its own schema into the footer,
Arrow as a flatbuffer in base64 (https://arrow.apache.org/docs/format/Columnar.html), pandas as
JSON.
"""

import base64
import json
import struct
from collections.abc import Iterator, Mapping
from typing import final


def declared_categories(metadata: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the columns that the metadata of a file call categories.

    Metadata that are damaged, or of another version, say nothing.
    """
    names = set(_of_arrow(metadata.get("ARROW:schema", "")))
    return frozenset(names | set(_of_pandas(metadata.get("pandas", ""))))


def _of_arrow(text: str) -> list[str]:
    """Return the names of the top fields of an Arrow schema that have a dictionary."""
    try:
        message = base64.b64decode(text)
        if message[:4] == b"\xff\xff\xff\xff":  # a mark that earlier versions lack
            message = message[4:]
        schema = _root(message[4:]).table(2)  # header of Message, after its length
        return [field.text(0) for field in schema.tables(1) if field.has(4)]
    except (struct.error, ValueError, LookupError):
        return []


def _of_pandas(text: str) -> list[str]:
    """Return the names of the columns that pandas wrote from a categorical."""
    try:
        columns = json.loads(text)["columns"]
        return [
            str(column.get("field_name", column["name"]))
            for column in columns
            if column["pandas_type"] == "categorical"
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _root(data: bytes) -> "_Flat":
    return _Flat(data, _at(data, "<I", 0))


def _at(data: bytes, kind: str, place: int) -> int:
    """Return the number at a place; a place before the start is as wrong as one after the end."""
    if place < 0:
        raise ValueError("before the start")
    return int(struct.unpack_from(kind, data, place)[0])


@final
class _Flat:
    """A table in a flatbuffer: its fields by their number, each of which may be absent."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._start = start
        self._offsets = start - _at(data, "<i", start)

    def has(self, number: int) -> bool:
        """Return whether a field is present."""
        return self._field(number) != 0

    def table(self, number: int) -> "_Flat":
        """Return a field that is a table."""
        return _Flat(self._data, self._target(number))

    def tables(self, number: int) -> Iterator["_Flat"]:
        """Yield the tables of a field that is a list of them."""
        start = self._target(number)
        for k in range(1, _at(self._data, "<I", start) + 1):
            place = start + 4 * k
            yield _Flat(self._data, place + _at(self._data, "<I", place))

    def text(self, number: int) -> str:
        """Return a field that is text."""
        start = self._target(number)
        length = _at(self._data, "<I", start)
        return self._data[start + 4 : start + 4 + length].decode()

    def _target(self, number: int) -> int:
        """Return where the value of a field is that is stored elsewhere."""
        offset = self._field(number)
        if not offset:
            raise ValueError(f"no field {number}")
        place = self._start + offset
        return place + _at(self._data, "<I", place)

    def _field(self, number: int) -> int:
        """Return how far behind the start a field is, 0 if it is absent."""
        place = 4 + 2 * number
        if place >= _at(self._data, "<H", self._offsets):
            return 0
        return _at(self._data, "<H", self._offsets + place)
