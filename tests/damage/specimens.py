"""Studies to be damaged, the ways to damage them, and what of a study is still whole after it."""

import shutil
from typing import NamedTuple

import numpy as np
from tests.chaos.driver import Driver, Strike, tune

import tunesmith as ts
from tunesmith.store import store as module
from tunesmith.store.store import Store

PAGE = 4096
TRIALS = 37
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


class Specimen(NamedTuple):
    """The bytes of a study file and of its -wal, and the arguments of its study."""

    content: bytes
    wal: bytes
    asked: dict

    def put(self, path):
        """Write both where a study would lie."""
        path.write_bytes(self.content)
        wal = path.with_name(f"{path.name}-wal")
        wal.unlink(missing_ok=True)
        if self.wal:
            wal.write_bytes(self.wal)
        return path

    def events(self, path):
        """Return the events of the study as it is without damage."""
        with Store.read(self.put(path)) as store:
            return list(store.replay())


def make(folder):
    """Return specimens: closed, with rows longer than a page, killed, killed after checkpoints."""
    long = {"trials": 9, "epochs": 170, "search": ts.RandomSearch()}
    every, module.CHECKPOINT_EVERY = module.CHECKPOINT_EVERY, 7
    try:
        tune(TRIALS, store=folder / "closed")
        tune(store=folder / "long", **long)
        for name, commit in (("killed", 20), ("checked", 33)):
            strike = Strike(commit=commit, moment="after", checkpoint=7 if name == "checked" else 0)
            Driver(folder / name, TRIALS, strike=strike).ended()
    finally:
        module.CHECKPOINT_EVERY = every
    return {
        name: Specimen(
            (folder / name).read_bytes(),
            wal.read_bytes() if (wal := folder / f"{name}-wal").exists() else b"",
            long if name == "long" else {"trials": TRIALS},
        )
        for name in ("closed", "long", "killed", "checked")
    }


# --- damage: a specimen and a generator in, a specimen out ----------------------------------------


def _flipped(content, rng, bits):
    damaged = bytearray(content)
    for bit in rng.integers(0, 8 * len(content), bits).tolist():
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def _erased(content, rng):
    """Return it with a page, or a piece of any size, of zeros or of noise."""
    damaged = bytearray(content)
    if rng.random() < 0.5:
        start = int(rng.integers(0, -(-len(content) // PAGE))) * PAGE
        size = min(PAGE, len(content) - start)
    else:
        start = int(rng.integers(0, len(content)))
        size = int(rng.integers(1, len(content) - start + 1))
    damaged[start : start + size] = bytes(size) if rng.random() < 0.5 else rng.bytes(size)
    return bytes(damaged)


def flip(specimen, rng, others):
    """Flip one bit, or some."""
    return specimen._replace(content=_flipped(specimen.content, rng, int(rng.integers(1, 20))))


def flip_head(specimen, rng, others):
    """Flip one bit of the first 200 bytes: the file's head, and what its tables are."""
    head = _flipped(specimen.content[:200], rng, 1)
    return specimen._replace(content=head + specimen.content[200:])


def cut(specimen, rng, others):
    """Cut the end off, at a multiple of 512 bytes or anywhere."""
    end = int(rng.integers(0, len(specimen.content)))
    return specimen._replace(content=specimen.content[: end if rng.random() < 0.3 else end & -512])


def erase(specimen, rng, others):
    """Put zeros or noise over a page, or over any piece."""
    return specimen._replace(content=_erased(specimen.content, rng))


def swap(specimen, rng, others):
    """Let two pages change places."""
    pages = np.frombuffer(specimen.content, np.uint8).reshape(-1, PAGE).copy()
    one, other = rng.choice(len(pages), 2, replace=False)
    pages[[one, other]] = pages[[other, one]]
    return specimen._replace(content=pages.tobytes())


def foreign_wal(specimen, rng, others):
    """Put the -wal of another study, whole, beside it."""
    wals = [other.wal for other in others if other.wal and other.wal != specimen.wal]
    return specimen._replace(wal=wals[int(rng.integers(len(wals)))])


def foreign_file(specimen, rng, others):
    """Put the file of another study beside its -wal."""
    files = [other.content for other in others if other is not specimen]
    return specimen._replace(content=files[int(rng.integers(len(files)))])


def no_wal(specimen, rng, others):
    """Take the -wal away."""
    return specimen._replace(wal=b"")


def flip_wal(specimen, rng, others):
    """Flip some bits of the -wal."""
    wal = specimen.wal or b"\x37\x7f\x06\x82" + bytes(9000)
    return specimen._replace(wal=_flipped(wal, rng, int(rng.integers(1, 4))))


def cut_wal(specimen, rng, others):
    """Cut the end of the -wal off."""
    return specimen._replace(wal=specimen.wal[: int(rng.integers(0, len(specimen.wal) + 1))])


def erase_wal(specimen, rng, others):
    """Put zeros or noise over a piece of the -wal."""
    return specimen._replace(wal=_erased(specimen.wal or bytes(9000), rng))


def newer(specimen, rng, others):
    """Say that a later version has written it."""
    content = specimen.content
    return specimen._replace(
        content=content[:63] + bytes([int(rng.integers(3, 256))]) + content[64:]
    )


def picture(specimen, rng, others):
    """Put a JPEG in its place."""
    return specimen._replace(content=JPEG + rng.bytes(int(rng.integers(0, 20_000))))


WAYS = (
    *(flip, flip_head, cut, erase, swap, foreign_wal, foreign_file, no_wal),
    *(flip_wal, cut_wal, erase_wal, newer, picture),
)


# --- what is still there --------------------------------------------------------------------------


def _number(value):
    """Return SQLite's number of variable length."""
    parts = [value & 127]
    while value := value >> 7:
        parts.append(128 | value & 127)
    return bytes(reversed(parts))


def _column(value):
    """Return type and bytes of a value in a record."""
    if value is None:
        return 0, b""
    if isinstance(value, bytes):
        return 13 + 2 * len(value), value
    if value in (0, 1):
        return 8 + value, b""
    size = next(n for n in (1, 2, 3, 4, 6, 8) if -(2 ** (8 * n - 1)) <= value < 2 ** (8 * n - 1))
    return (1, 2, 3, 4, 6, 8).index(size) + 1, value.to_bytes(size, signed=True)


def cell(row):
    """Return the bytes of a row in a page, as SQLite writes them; None if they are too many."""
    sequence, *values = row
    columns = [(0, b""), *map(_column, values)]
    types = b"".join(_number(kind) for kind, _ in columns)
    record = bytes([len(types) + 1]) + types + b"".join(content for _, content in columns)
    if len(record) > PAGE - 35:
        return None
    return _number(len(record)) + _number(sequence) + record


def copy(path, to):
    """Copy a study with all that lies beside it."""
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, to / file.name)
