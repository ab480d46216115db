"""What a file is that holds no table of ours, told from its first bytes."""

import codecs
import json
import re

START_BYTES = 1 << 16
"""How much of a file tells what it is."""

_BINARY = {
    b"PK\x03\x04": "a zip or Excel file",
    b"PK\x05\x06": "an empty zip file",
    b"PK\x07\x08": "part of a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"SQLite format 3": "an SQLite file",
    b"%PDF": "a PDF",
    b"{\\rtf": "an RTF document",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x04\x22\x4d\x18": "packed with lz4",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"PARE": "an encrypted Parquet file",
    b"ARROW1\0": "an Arrow file",
    b"FEA1": "a Feather file",
    b"ORC\x08": "an ORC file",
    b"ORC\x0a": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy file",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"RDX2": "an R file",
    b"RDX3": "an R file",
    b"X\n\0\0": "an R file",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"<stata_dta>": "a Stata file",
    bytes(12) + b"\xc2\xea\x81\x60": "a SAS file",
    b"MATLAB 5.0": "a MATLAB file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
}
"""First bytes, and what a file that starts with them is."""

_FURTHER_ON = {(8, b"DUCK"): "a DuckDB file", (257, b"ustar"): "a tar archive"}
"""Bytes somewhat further on, and what a file with them is."""

_MARKUP = re.compile(
    r"(?:<!--.*?-->\s*|<\?.*?\?>\s*)*<!?(doctype\s+html|html|head|body|table)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_ARFF = re.compile(r"(?:[ \t]*(?:%[^\n]*)?\r?\n)*+[ \t]*@relation[ \t]", re.IGNORECASE)


def other_format(start: bytes) -> str | None:
    """Return what a file with these first bytes is, such as "a PDF"; None if it may be a table."""
    for first, name in _BINARY.items():
        if start.removeprefix(codecs.BOM_UTF8).startswith(first):
            return name
    for (at, sign), name in _FURTHER_ON.items():
        if start.startswith(sign, at):
            return name
    text = _text(start[:START_BYTES])
    if _MARKUP.match(text):
        return "an HTML page"
    if text.startswith("<?xml"):
        return "XML"
    if _ARFF.match(text):
        return "an ARFF file"
    return _json(text)


def _text(start: bytes) -> str:
    """Return the text that bytes begin with, without the blanks before it."""
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return start.decode("utf-16" if wide else "utf-8-sig", errors="ignore").lstrip()


def _json(text: str) -> str | None:
    """Return "JSON" or "JSON Lines" for text that begins so; names in brackets are a header."""
    if not re.match(r'\{\s*["}]|\[\s*[\[{"\d\-]|\[\s*(true|false|null)\b', text):
        return None
    lines = text.splitlines()
    first = _is_json(lines[0])
    if first and len(lines) > 1 and lines[1].lstrip()[:1] == lines[0][0]:
        return "JSON Lines"
    # A header such as [1],[2] begins as JSON does; it ends otherwise.
    return "JSON" if first or not re.match(r"\[[^\]{]*\]\s*[,;|\t]", text) else None


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
