"""Tables read a second time, by Python's csv module: files that were written well, then changed."""

import csv
import io
import re
from collections import Counter

from tunesmith.errors import DataError
from tunesmith.rng import stream
from tunesmith.table.delimited import parse

CELLS = (
    *(
        "",
        "",
        "fig",
        "1.5",
        "-7",
        "NA",
        "null",
        " x ",
        "a b",
        "ü",
        "€ 5",
        "naïve",
        "#3",
        "it's",
        "'",
    ),
    *('say "hi"', '5" pipe', '"', "a,b", "a;b", "a\tb", "a|b", "line\nfeed", "\n", "C:\\", "\\N"),
    *("\\", "\\\\", 'C:\\a "b"', "2021-02-03", "00123", "x" * 30, "x, y" * 20),
)
SEPARATORS = ",;\t|"
WHITE_SPACE, BACKSLASHES = "White space", "Backslashes"


def written(rng):
    """Return a table as text, and the separator and the quote with which it was written."""
    width = int(rng.integers(1, 6))
    separator = str(rng.choice(list(SEPARATORS))) if width > 1 else ","
    quote = "'" if width > 1 and rng.random() < 0.1 else '"'
    escape = bool(rng.random() < 0.2)
    end = str(rng.choice(["\n", "\n", "\r\n", "\r"]))
    all_quoted = escape or quote == "'" or end == "\r" or rng.random() < 0.3
    file = io.StringIO()
    writer = csv.writer(
        file,
        delimiter=separator,
        quotechar=quote,
        quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
        doublequote=not escape,
        escapechar="\\" if escape else None,
        lineterminator=end,
    )
    names = [f"n{k}" if rng.random() < 0.9 else f" n {k}" for k in range(width)]
    writer.writerow(names if rng.random() < 0.9 or width == 1 else ["", *names[1:]])
    for _ in range(rng.integers(1, 13)):
        writer.writerow([CELLS[int(rng.integers(len(CELLS)) ** 2 / len(CELLS))] for _ in names])
    return file.getvalue(), separator, quote


def changed(text, separator, quote, rng):
    """Return a text with a sign or a line put in, left out or doubled somewhere."""
    signs = [quote, separator, "\\", "\n", "\r", "\r\n", " ", "\\" + quote, quote + quote, "\0"]
    weights = [6, 3, 2, 2, 1, 1, 3, 2, 2, 0.2]
    sign = signs[int(rng.choice(len(signs), p=[w / sum(weights) for w in weights]))]
    places = [found.start() for found in re.finditer(re.escape(sign), text)]
    at = int(rng.integers(len(text) + 1))
    match int(rng.integers(6)):
        case 0 | 1 if places:
            at = int(rng.choice(places))
            return text[:at] + text[at + len(sign) :]
        case 2 if places:
            at = int(rng.choice(places))
            return text[:at] + sign + text[at:]
        case 3:  # beside a separator, a quote or a line end
            edges = [found.start() for found in re.finditer(r"[\"',;\t|\n]", text)]
            at = int(rng.choice(edges)) + int(rng.integers(2)) if edges else at
            return text[:at] + sign + text[at:]
        case 4:
            return text + rng.choice(["\n", "\n\n", " ", "\r\n\r\n"])
    return text[:at] + sign + text[at:]


def encoded(text, rng):
    """Return text as bytes in one of the encodings that are read."""
    data = text.encode()
    match int(rng.integers(12)):
        case 0:
            return b"\xef\xbb\xbf" + data
        case 1:
            return text.encode("utf-16")
        case 2:
            return text.encode("cp1252", errors="replace")
        case 3 if len(data) > 9:
            at = int(rng.integers(len(data)))
            return data[:at] + data[at + 1 :]
    return data


def decoded(data):
    """Return the text of bytes as the encoding has it that they show; None for none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def second(text, separator, quote, **options):
    """Return the rows that Python's csv module reads."""
    lines = io.StringIO(text, newline="")
    return list(csv.reader(lines, delimiter=separator, quotechar=quote, **options))


def without_white_space(text, separator, quote):
    """Yield the rows by the rule White space: line ends are line feeds, blanks are left out.

    A quote after a blank begins a cell, or is a sign like others.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    for skip in (True, False):
        rows = second(text, separator, quote, skipinitialspace=skip)
        names = [name.strip() or f"column {k}" for k, name in enumerate(rows[0], 1)]
        yield [names, *([cell.strip(" ") for cell in row or [""]] for row in rows[1:])]


def without_backslashes(text, separator, quote):
    r"""Yield the rows by the rule Backslashes, with white space left out: \" is a quote."""
    pairs = re.sub(
        r"\\(.?)",
        lambda pair: {quote: 2 * quote, "\\": "\\"}.get(pair[1], pair[0]),
        text,
        flags=re.DOTALL,
    )
    yield from without_white_space(pairs, separator, quote)


def rule_of(text, raw, separator, quote):
    """Return the rule by which a table and the second reader agree, "" for none needed."""
    rows = [raw.frame.columns, *(list(row) for row in raw.frame.rows())]
    if second(text, separator, quote) == rows:
        return ""
    stripped = [rows[0], *([cell.strip(" ") for cell in row] for row in rows[1:])]
    if stripped in without_white_space(text, separator, quote):
        return WHITE_SPACE
    if stripped in without_backslashes(text, separator, quote):
        return BACKSLASHES
    raise AssertionError(f"no rule explains {rows!r} of {text!r}, read as {raw.form!r}")


def dialect_by(form):
    """Return the separator and the quote that are said of a table."""
    signs = {"tabs": "\t", "semicolons": ";", "bars": "|"}
    separator = next((sign for name, sign in signs.items() if f"separated by {name}" in form), ",")
    return separator, "'" if "quoted by '" in form else '"'


def files(count):
    """Yield `count` files: bytes, the dialect of their writer, and how often they were changed."""
    for number in range(count):
        rng = stream(11, "second reader", number)
        text, separator, quote = written(rng)
        changes = int(rng.integers(4))
        for _ in range(changes):
            text = changed(text, separator, quote, rng)
        yield encoded(text, rng) if changes else text.encode(), (separator, quote), changes


def compare(count):
    """Read `count` files twice; return how many were read by which rule, or refused.

    Files that were not changed are counted as well, as "whole: ...".
    """
    found = Counter()
    for number, (data, dialect, changes) in enumerate(files(count)):
        try:
            raw = parse(data, "'x.csv'")
        except DataError as error:
            rule = "refused" if len(str(error).splitlines()) == 1 else "in several lines"
        else:
            if not changes:
                assert dialect_by(raw.form) == dialect
            try:
                rule = rule_of(decoded(data), raw, *dialect_by(raw.form))
            except AssertionError as error:
                raise AssertionError(f"file {number}: {error}") from error
        found[rule] += 1
        if not changes:
            found[f"whole: {rule}"] += 1
    return found
