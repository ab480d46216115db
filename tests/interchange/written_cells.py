"""Cells in every notation that `fit` takes, and models whose outputs depend on each of them."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import product

import numpy as np
import polars as pl

from tunesmith.engine.network import Activation, Network
from tunesmith.errors import DataError
from tunesmith.interchange.onnx_dates import MISSING_MOMENT
from tunesmith.interchange.plain import plain_of
from tunesmith.interchange.pytorch_cells import cell_constants, cell_functions
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.rng import stream
from tunesmith.table.bins import NO_BINS
from tunesmith.table.cells import MISSING, WHITESPACE
from tunesmith.table.columns import TYPES, type_columns
from tunesmith.table.dates import Order
from tunesmith.table.encode import fit_encoder
from tunesmith.table.guess import Kind
from tunesmith.table.raw import RawTable
from tunesmith.table.target import TaskKind


@dataclass(frozen=True, kw_only=True)
class Case:
    """A column, and what is asked of a model that was fitted on it."""

    training: tuple[str, ...]
    good: tuple[str, ...]
    """Cells that `predict` reads."""
    bad: tuple[str, ...] = ()
    """Cells that it refuses."""
    other: tuple[str, ...] = ()
    """Cells in another notation, which a module refuses."""
    types: str | None = None
    """What --types says of the column."""


# --- numbers ----------------------------------------------------------------------------------


def _numbers(point, group):
    """Return numbers in every form: signs, groups, fractions and exponents."""
    groups = (group, *" \u00a0\u2009\u202f'\u2019")
    whole = ("0", "7", "0042", "1234", "9" * 17, *(f"1{sign}234" for sign in groups))
    whole += tuple(f"12{sign}345{sign}678" for sign in groups)
    fractions = ("", point, f"{point}5", f"{point}1234567890123456789")
    forms = product(("", "+", "-", "\u2212"), whole, fractions, ("", "e3", "E-2"))
    more = (f"{point}25", f"-{point}5e+1", "1e308", "1e-400", f"(1{point}5)", "(7)", "(1e3)")
    return (*map("".join, forms), *more)


def _with_unit(unit, point):
    """Return numbers with their unit in every place, and cells that lack it or have two."""
    shapes = (
        "{u}{n}",
        "{n}{u}",
        "{u} {n}",
        "{n}\u202f{u}",
        "{u}({n})",
        "-{u}{n}",
        "{u}-{n}",
        "+{u} {n}",
    )
    shapes += ("({u}{n})", "({n}{u})", "( {u} {n})", "({n} {u})", "\u2212{u}{n}", "{u}\u2212{n}")
    bad = ("{n}", "{u}{n}{u}", "{u}", "({u}{n}", "{u}{n})", "-({u}{n})", "{n}{u}-")
    bad += ("({u}-{n})", "x{u}{n}", "{u}x", "--{u}{n}", "-{u}-{n}", "{n} {n}{u}", "{n}{u}\x1cx")
    bad += ("{u}\x1c{n}", "@{n}", "True", "inf{u}", "{u}nan")
    numbers = ("0", "7", f"12{point}5", "1 234", "1e3")
    good = tuple(shape.format(u=unit, n=n) for shape, n in product(shapes, numbers))
    return good, tuple(shape.format(u=unit, n=n) for shape, n in product(bad, numbers[1:3]))


def _no_numbers(point, group):
    wrong = (
        "x",
        "--1",
        "1 2 3",
        "0x10",
        "1_000",
        "inf",
        "-Infinity",
        "1e400",
        "-1e999",
        "1e",
        "e5",
    )
    signs = (f"1{point}2{point}3", f"1{group}23{point}4", point, "+", "5-")
    return (*wrong, *signs, "\u0661\u0662", "\u00bd", "7\x1c", "1\n2", "2021-02-03", "none", "na")


NUMBERS = {
    "decimal point": Case(
        training=("1.5", "-2", "1,234.5", "300", "0.25"),
        good=_numbers(".", ","),
        bad=_no_numbers(".", ","),
        other=("1,5", "1.234,5", "1.234.567", ",25", "0,250", "01,234"),
    ),
    "decimal comma": Case(
        training=("1,5", "-2", "1.234,5", "300", "0,25"),
        good=_numbers(",", "."),
        bad=_no_numbers(",", "."),
        other=("1.5", "1,234.5", "1,234,567", ".25", "0.250", "01.234"),
    ),
    "truth as numbers": Case(
        training=("0", "1", "1", "0"),
        good=("0", "1", "1.0", "0.0", "True", "TRUE", "true", "False", "FALSE", "false", "2", "-7"),
        bad=("tRUE", "yes", "t", "x", "1,5"),
    ),
}
for unit, decimal in (("$", "point"), ("\u20ac", "comma"), ("%", "point"), ("USD", "comma")):
    mark = "." if decimal == "point" else ","
    good, bad = _with_unit(unit, mark)
    NUMBERS[f"{unit}, decimal {decimal}"] = Case(
        training=(f"{unit}7{mark}5", f"1 234{mark}25 {unit}", f"({unit}3)", f"-{unit}2"),
        good=good,
        bad=bad,
    )

# --- dates ------------------------------------------------------------------------------------

MONTHS = ("2", "02", "Feb", "feb.", "FEBRUARY", "Sept.", "12")
SEPARATORS = ("-", "/", ".", ", ", " ")
CLOCKS = (
    "12:30",
    "1:05",
    "23:59:59",
    "00:00:00.5",
    "23:59:59.9999997",
    "12:05 AM",
    "1:05pm",
    "13:05 pm",
)
ZONES = ("", "Z", "+01:00", "-0130", " +05:30", "-00:30")
TIMES = ("", *("".join(pair) for pair in product(("T", " ", "  "), CLOCKS[:1])))
TIMES += tuple(f" {clock}{zone}" for clock, zone in product(CLOCKS, ZONES))
EVERY_MONTH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _date(order, day, month, year, separator):
    parts = {"y": year, "m": month, "d": day}
    return separator.join(parts[letter] for letter in order)


def _dates(order):
    """Return dates in this order, such as "ymd", in every form."""
    days = [_date(order, "13", month, "2024", sep) for month, sep in product(MONTHS, SEPARATORS)]
    texts = [day + clock for day, clock in product(days[::4], TIMES)]
    months = [_date(order, "28", name, "1999", " ") for name in EVERY_MONTH]
    plain_days = [("29", "2", "2000"), ("1", "1", "1970"), ("31", "12", "1969"), ("3", "4", "2021")]
    ends = [("1", "1", "0001"), ("31", "12", "9999"), ("1", "1", "0000"), ("29", "2", "0000")]
    hours = (" 23:59", " 23:00-05:00", " 00:00+05:00")
    edges = [_date(order, *day, "-") + hour for day, hour in product(plain_days + ends, hours)]
    return (*days, *texts, *edges, *months)


def _no_dates(order):
    wrong = [("30", "2", "2024"), ("29", "2", "1900"), ("0", "1", "2024")]
    wrong += [("1", "0", "2024"), ("1", "xyz", "2024"), ("1", "2", "24")]
    wrong += [("32", "1", "2024"), ("1", "fe", "2024"), ("\u0661", "1", "2024")]
    times = (
        " 24:00",
        " 12:60",
        " 1:5",
        " 12",
        " 12:30:15.",
        " 12:30 XM",
        "T",
        " 12:30+1",
        "_12:30",
    )
    result = [_date(order, *day, "-") for day in wrong]
    result += [_date(order, "13", "2", "2024", "-") + clock for clock in times]
    result += [_date(order, "13", "2", "2024", "_"), "7", "x", "2024", "today"]
    return tuple(result)


DATES = {
    Order.YEAR_FIRST.value: Case(
        training=("2021-02-03", "2020-12-31 23:15", "1969-07-20T20:17:40Z", "2024 Feb 29"),
        good=(*_dates("ymd"), "20240213", "19691231"),
        bad=(*_no_dates("ymd"), "20240230", "2024021", "20240213 12:30"),
        other=("13-2-2024", "2-13-2024", "3/4/2024", "Feb 13, 2024", "12:30"),
    ),
    Order.DAY_FIRST.value: Case(
        training=("03.02.2021", "31/12/2020 11:15 pm", "20 Jul 1969 20:17:40Z", "29-2-2024"),
        good=_dates("dmy"),
        bad=_no_dates("dmy"),
        other=("2024-2-13", "2-13-2024", "20240213", "Feb 13, 2024", "12:30"),
    ),
    Order.MONTH_FIRST.value: Case(
        training=("02/03/2021", "12/31/2020 11:15 pm", "Jul 20, 1969 20:17:40Z", "2-29-2024"),
        good=_dates("mdy"),
        bad=_no_dates("mdy"),
        other=("2024-2-13", "13-2-2024", "20240213", "13 Feb 2024", "12:30"),
    ),
    Order.CLOCK.value: Case(
        training=("12:30", "0:15", "23:59:59", "1:05 pm", "11:45:30.25"),
        good=(*CLOCKS, "00:00", "9:00", "23:59:59.9999999", "12:00am", "12:00 PM"),
        bad=("24:00", "12:60", "1:5", "12:30Z", "T12:30", "7", "x", "12:30:15."),
        other=("2021-02-03", "13.2.2024", "2021-02-03 12:30"),
    ),
}

# --- categories -------------------------------------------------------------------------------

WORDS = (
    "red",
    "größer",
    'b"lu\\e',
    "it's",
    "a\nb",
    "{x}",
    "$y",
    "\U0001f642",
    "1",
    "1.0",
    "01",
    "1,5",
)
TRUTH = (
    "True",
    "False",
    "TRUE",
    "FALSE",
    "true",
    "false",
    "yes",
    "no",
    "1",
    "0",
    "1.0",
    "0.0",
    "t",
)

CATEGORIES = {
    "words": Case(
        training=WORDS,
        good=(
            *WORDS,
            "plum",
            "RED",
            "2",
            "1.00",
            "+1",
            "na",
            "none",
            "--",
            "inf",
            "2021-02-03",
            "\x1c",
        ),
        types="category",
    ),
    "truth values": Case(training=TRUTH[:2], good=TRUTH),
    "TRUTH VALUES": Case(training=TRUTH[2:4], good=TRUTH),
    "one truth value": Case(training=("true", "NA"), good=TRUTH),
    "truth and words": Case(training=("True", "False", "maybe"), good=TRUTH, types="category"),
    "codes": Case(training=("007", "08", "9"), good=("007", "7", "8", "08", "9", "9.0")),
}

CASES = {**NUMBERS, **DATES, **CATEGORIES}

# --- values of Python -------------------------------------------------------------------------

EAST = timezone(timedelta(hours=5, minutes=30))

MOMENTS = (
    datetime(2024, 2, 29, 23, 59, 59, 999_999),
    datetime(1969, 12, 31, 23, 59, 59, 1),
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59, 999_999),
    datetime(2021, 1, 1, 3, tzinfo=EAST),
    datetime(2021, 1, 1, 3, tzinfo=UTC),
    date(2021, 2, 3),
    date(1, 1, 1),
    date(9999, 12, 31),
)

VALUES = (
    *(
        None,
        math.nan,
        0,
        7,
        -3,
        2**31,
        2**53 - 1,
        2**53 + 1,
        -(2**62) - 1,
        1.0,
    ),
    *(
        1.5,
        -0.0,
        1e15,
        2.0**53 - 1,
        2.0**53,
        1e16,
        -1e22,
        1e300,
        1e-4,
        1.25e-5,
        1e-5,
        9.5e-6,
        -1e-7,
        1.5e-12,
        5e-324,
        "1.0",
        True,
        False,
        20210203,
        20210203.0,
        time(12, 30),
        time(1, 2, 3, 4),
        0.1,
        math.inf,
        -math.inf,
        "1",
        "x",
        "",
    ),
    *(Decimal("2.50"), timedelta(days=1, microseconds=1)),
    *MOMENTS,
)
"""Cells as Python has them; each is a data frame's only one."""

# --- models -----------------------------------------------------------------------------------


def padded(cells):
    """Return cells, with blanks of every kind around some of them, and each missing mark."""
    around = (" {} ", "\t{}", "{}\u00a0", "\u2009{}\x85", "\u3000{}\u202f")
    some = (shape.format(cell) for shape, cell in zip(around, cells, strict=False))
    marks = (shape.format(mark) for shape, mark in product(("{}", " {}\u00a0"), MISSING))
    return (*cells, *some, *marks)


def model_of(table, names, task=TaskKind.CLASSIFICATION, **more):
    """Return a model with weights drawn at random, whose outputs depend on every column."""
    encoder = fit_encoder(table, names, np.arange(table.rows), **more)
    classes = ("a", "b", "c") if task is TaskKind.CLASSIFICATION else ()
    network = Network(
        inputs=encoder.numbers,
        categories=encoder.categories,
        outputs=len(classes) or 1,
        activation=Activation.TANH,
        hidden=(6,),
    )
    rng = stream(7, "written cells")
    member = Member(
        network=network,
        weights=rng.normal(0, 0.7, network.weight_count).astype(np.float32),
        mean=np.zeros(network.statistics_count, np.float32),
        variance=np.ones(network.statistics_count, np.float32),
        bins=NO_BINS,
    )
    return Model(members=(member,), encoder=encoder, target="y", task=task, classes=classes)


def text_table(cells, name="x"):
    """Return cells as the only column of a text file."""
    return RawTable(frame=pl.DataFrame({name: list(cells)}, schema={name: pl.String}))


def model_for(case, **more):
    """Return a model fitted on a case, and a mark, as `fit` does."""
    asked = {"x": TYPES[case.types]} if case.types else {}
    table = type_columns(text_table((*case.training, "NA")), types=asked)
    return model_of(table, ["x"], normalize="robust", **more)  # bounded: no cell drowns another


def cell_reader(model):
    """Return the function of a model's PyTorch module that reads a cell of a row; without torch."""
    plain = plain_of(model)
    names = {}
    imports = "from datetime import date, datetime, time, timedelta\nfrom decimal import Decimal\n"
    source = f"import math, re\n{imports}{cell_constants(plain)}\n{cell_functions(plain)}"
    exec(compile(source, "cells.py", "exec"), names)
    return names["cell"]


def onnx_inputs(model, cell, cells):
    """Return cells of text as inputs of an ONNX file; `cell` reads one, as its caller has to."""
    read = [cell({"x": text}, "x") for text in cells]
    match model.encoder.columns[0].kind:
        case Kind.NUMBER:
            result = np.array([math.nan if x is None else x for x in read])
        case Kind.DATE:
            result = np.array([MISSING_MOMENT if x is None else x for x in read], np.int64)
        case Kind.CATEGORY:
            result = np.array([text.strip(WHITESPACE) for text in cells], object)
    return {"x": result[:, None]}


def refused(model, raw):
    """Return whether `predict` refuses a table."""
    try:
        model.predict(model.encoder.typed(raw))
    except DataError:
        return True
    return False
