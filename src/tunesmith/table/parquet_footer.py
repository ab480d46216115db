"""What the footer of a Parquet file says of its columns: enough to name one that polars refuses.

The footer is Thrift in its compact protocol
(https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), its fields are
those of parquet.thrift (https://github.com/apache/parquet-format).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, final

MAGIC = b"PAR1"
_MAX_DEPTH = 64
_MAX_DECIMAL_DIGITS = 38
_INTERVAL, _DECIMAL_LOGICAL, _DECIMAL_CONVERTED = 21, 5, 5
"""Numbers of ConvertedType and LogicalType."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The columns of a Parquet file, and what its writer added."""

    names: tuple[str, ...]
    """Of the columns, in order; a nested one is one column."""
    odd: dict[str, str]
    """What columns hold that polars cannot read, by their name."""
    metadata: dict[str, str]
    """Such as the Arrow schema, in base64 under "ARROW:schema"."""


def footer_of(file: BinaryIO) -> Footer | None:
    """Return the footer of a Parquet file; None for one that has none, or a damaged one."""
    size = file.seek(0, 2)
    try:
        file.seek(max(size - 8, 0))
        length, magic = struct.unpack("<I4s", file.read(8))
        if magic != MAGIC or length > size - 8:
            return None
        file.seek(size - 8 - length)
        fields = _Compact(file.read(length)).struct()
        metadata = {_text(pair[1]): _text(pair.get(2, b"")) for pair in fields.get(5, ())}
        return _footer(fields[2], metadata)
    except (struct.error, ValueError, LookupError, TypeError, AttributeError):
        return None  # the damage may be anywhere
    finally:
        file.seek(0)


def footer_at(path: Path) -> Footer | None:
    """Return the footer of the Parquet file at `path`; see footer_of."""
    with path.open("rb") as file:
        return footer_of(file)


def _footer(elements: list[dict[int, Any]], metadata: dict[str, str]) -> Footer:
    """Return the footer with a schema: a tree whose elements stand parents first."""
    names: list[str] = []
    odd: dict[str, str] = {}
    place = 1
    for _ in range(elements[0].get(5, 0)):
        names.append(_text(elements[place][4]))
        below = 1
        while below:  # this element and all that are nested in it
            below += elements[place].get(5, 0) - 1
            if what := _oddity(elements[place]):
                odd.setdefault(names[-1], what)
            place += 1
    return Footer(names=tuple(names), odd=odd, metadata=metadata)


def _oddity(element: dict[int, Any]) -> str:
    """Return what a column with this schema holds that polars cannot read, or ""."""
    if element.get(6) == _INTERVAL:
        return "spans of months, days and milliseconds"
    logical = element.get(10, {}).get(_DECIMAL_LOGICAL, {})
    digits = logical.get(2, element.get(8, 0) if element.get(6) == _DECIMAL_CONVERTED else 0)
    return f"decimals of {digits} digits" if digits > _MAX_DECIMAL_DIGITS else ""


def _text(value: bytes) -> str:
    return value.decode()


@final
class _Compact:
    """A reader of Thrift's compact protocol; structs are dicts by the number of their fields."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Read a struct."""
        fields: dict[int, Any] = {}
        number = 0
        while (header := self._byte()) != 0:
            number = number + (header >> 4) if header >> 4 else self._signed()
            kind = header & 15
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        """Read a value of a kind, as it stands alone or in a list."""
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deep")
        match kind:
            case 1 | 2:
                return self._byte() == 1
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._signed()
            case 7:
                return struct.unpack("<d", self._bytes(8))[0]
            case 8:
                return self._bytes(self._varint())
            case 9 | 10:
                header = self._byte()
                count = header >> 4 if header >> 4 < 15 else self._varint()
                return [self._value(header & 15, depth + 1) for _ in range(count)]
            case 12:
                return self.struct(depth + 1)
        raise ValueError(f"no kind {kind}")  # maps are in no footer

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        self._at += count
        if self._at > len(self._data):
            raise ValueError("cut short")
        return self._data[self._at - count : self._at]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) > 127:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift

    def _signed(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
