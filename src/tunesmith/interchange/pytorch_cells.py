"""How an exported PyTorch module reads the cells of a table: as `tunesmith predict` does.

The module gets the patterns of `tunesmith.table`, and the functions that its columns need.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files

from tunesmith.errors import ExportError
from tunesmith.interchange.plain import Plain
from tunesmith.table.cells import (
    APOSTROPHES,
    BLANKS,
    MINUS,
    NUMBER_PATTERNS,
    TRUTH,
    WHITESPACE,
    Decimal,
)
from tunesmith.table.dates import COMPACT_DATE, DATE_PATTERNS, MONTHS, Order
from tunesmith.table.guess import Kind, Notation, Reading
from tunesmith.table.wording import quoted

READERS = {Kind.NUMBER: "number", Kind.CATEGORY: "text", Kind.DATE: "moment"}
"""The function of a module that reads each kind of cell."""

PATTERNS: Mapping[Notation, str] = NUMBER_PATTERNS | DATE_PATTERNS


def cell_constants(plain: Plain) -> str:
    """Return the part of a module that says how the cells of each column are written.

    Raises ExportError for a column in a notation that a module cannot read.
    """
    for name, how in plain.columns.items():
        if how.notation is not None and how.notation not in PATTERNS:
            raise ExportError(
                f"column {quoted(name)} is written with {how.notation}, which a PyTorch module "
                "cannot read; use --to onnx, which takes numbers and moments"
            )
    notations = dict.fromkeys(how.notation for how in plain.columns.values() if how.notation)
    orders = [notation for notation in notations if isinstance(notation, Order)]
    decimals = [notation for notation in notations if isinstance(notation, Decimal)]
    lines = (*_columns(plain), *_patterns(notations), *_numbers(decimals), *_dates(orders))
    return "\n".join(lines)


def cell_functions(plain: Plain) -> str:
    """Return the functions of a module that read cells."""
    kinds = {how.kind for how in plain.columns.values()}
    names = ["cells"]
    names += ["numbers"] if Kind.NUMBER in kinds else []
    names += ["dates"] if Kind.DATE in kinds else []
    folder = files("tunesmith.interchange")
    functions = (folder.joinpath(f"pytorch_{name}.txt").read_text("utf-8") for name in names)
    readers = ", ".join(f'"{k.value}": {name}' for k, name in READERS.items() if k in kinds)
    return "\n\n".join([*functions, f"READERS = {{{readers}}}\n"])


def _columns(plain: Plain) -> Iterator[str]:
    """Yield the lines about columns and missing values."""
    yield "# Of each column what its cells hold, and how it is written; of numbers also their unit,"
    yield "# and whether they may be written as True and False."
    yield "COLUMNS = {"
    yield from (f"    {name!r}: {_written(how)!r}," for name, how in plain.columns.items())
    yield "}"
    yield ""
    yield "# Texts that stand for a missing value, once these blanks around them are gone."
    yield f"MISSING = {plain.marks!r}"
    yield f"WHITESPACE = {WHITESPACE!a}"


def _written(how: Reading) -> tuple[str | bool, ...]:
    """Return how a column is written, as the arguments of the function that reads its cells."""
    notation = () if how.notation is None else (how.notation.value,)
    more = (how.unit, how.truth) if how.kind is Kind.NUMBER else ()
    return (how.kind.value, *notation, *more)


def _patterns(notations: Collection[Notation]) -> Iterator[str]:
    """Yield the lines about what cells look like, if there are any."""
    if notations:
        yield ""
        yield "# What a cell in each notation looks like."
        yield "PATTERNS = {"
        for notation in notations:
            yield f"    {notation.value!r}: ("
            yield from (f"        {_raw(part)}" for part in _parts(PATTERNS[notation]))
            yield "    ),"
        yield "}"


def _numbers(decimals: Collection[Decimal]) -> Iterator[str]:
    """Yield the lines about numbers, if there are any."""
    if decimals:
        signs = {d.value: (d.grouping + BLANKS + APOSTROPHES, d.sign) for d in decimals}
        yield ""
        yield "# The signs that may stand between groups of digits, and the one before a fraction."
        yield f"SIGNS = {signs!a}"
        yield f"MINUS = {MINUS!a}"
        yield f"TRUTH = {dict(TRUTH)!r}"


def _dates(orders: Collection[Order]) -> Iterator[str]:
    """Yield the lines about dates, if there are any."""
    if orders:
        yield ""
        yield f"MONTHS = {MONTHS!r}"
    if Order.YEAR_FIRST in orders:
        yield f"COMPACT_DATE = {_raw(_whole(COMPACT_DATE))}"


def _parts(pattern: str) -> list[str]:
    """Return a pattern cut before named and double groups, for a line each."""
    return [part for part in re.split(r"(?=\(\?P<|\(\()", _whole(pattern)) if part]


def _whole(pattern: str) -> str:
    """Return a pattern for re.fullmatch, which needs no anchors."""
    return pattern.removeprefix("^").removesuffix("$")


def _raw(pattern: str) -> str:
    """Return a pattern as a raw literal; signs that cannot be seen are escaped, as re allows."""
    signs = (c if " " <= c <= "~" else f"\\u{ord(c):04x}" for c in pattern)
    return f'r"{"".join(signs)}"'
