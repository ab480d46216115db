"""Files from strangers: whatever is in them, nothing is run, and nothing else is opened."""

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from tests.damage.specimens import JPEG, WAYS
from tests.waiting import PATIENCE

from tunesmith import rng
from tunesmith.ledger import question
from tunesmith.space import Float, Space
from tunesmith.store.store import Store
from tunesmith.study import Study

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
TABLE = b"name,weight\nfig,1.50\nplum,2\n"


def parquet():
    """Return a Parquet file with text, numbers and dates."""
    written = io.BytesIO()
    frame = pl.DataFrame({"name": ["fig", "plum", None] * 9, "weight": [1.5, 2.0, -7.25] * 9})
    days = pl.int_range(27, eager=True).cast(pl.Date).alias("picked")
    frame.with_columns(days).write_parquet(written)
    return written.getvalue()


class Bomb:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("echo boom",)


def run_watched(folder):
    """Open all files of a folder in a process of its own; return what came of it."""
    (folder / "tmp").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.damage.opening", folder],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder / "tmp")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def pointing_study(path, secret):
    """Write a study whose question names another file."""
    source = {"name": str(secret), "path": str(secret), "sha256": "0" * 64}
    with Store.create(path) as store:
        store.append(question(Study(space=Space(x=Float(0.3, 2.0)), trials=3, source=source)))


def damaged_bytes(content, count, *address):
    """Yield the content with bits flipped, cut off, or written over."""
    for number in range(count):
        chance = rng.stream(17, *address, number)
        damaged = bytearray(content)
        match number % 3:
            case 0:
                for bit in chance.integers(0, 8 * len(content), 3).tolist():
                    damaged[bit // 8] ^= 1 << bit % 8
            case 1:
                del damaged[int(chance.integers(len(content))) :]
            case 2:
                start = int(chance.integers(len(content)))
                damaged[start : start + 40] = chance.bytes(40)
        yield bytes(damaged)


def corpus(folder, specimens, count):
    """Write good files, and odd ones of every kind."""
    good, odd = folder / "good", folder / "odd"
    good.mkdir()
    odd.mkdir()
    contents = {
        ".model": (GOLDEN / "format_1.safetensors").read_bytes(),
        ".csv": TABLE,
        ".parquet": parquet(),
    }
    for part in (good, odd):
        shutil.copy(GOLDEN / "schema_1.db", part / "old.study")
        specimens["killed"].put(part / "killed.study")
        for ending, content in contents.items():
            (part / f"x{ending}").write_bytes(content)
    for part, number in ((good, len(WAYS)), (odd, count)):  # good: the code of every refusal
        for case in range(number):
            way, specimen = WAYS[case % len(WAYS)], list(specimens.values())[case % 4]
            chance = rng.stream(23, part.name, case)
            way(specimen, chance, list(specimens.values())).put(part / f"{case}.study")
    for encoding in ("cp1252", "utf-16"):  # Python loads each when it is first met
        (good / f"{encoding}.csv").write_bytes(TABLE.decode().replace("fig", "ïg").encode(encoding))
    for ending, content in contents.items():
        for number, damaged in enumerate(damaged_bytes(content, 12, "good", ending)):
            (good / f"{number}{ending}").write_bytes(damaged)
        for number, damaged in enumerate(damaged_bytes(content, count, "odd", ending)):
            (odd / f"{number}{ending}").write_bytes(damaged)
    strange = {"pickle": pickle.dumps(Bomb()), "jpeg": JPEG, "nothing": b"", "zeros": bytes(5000)}
    for name, content in strange.items():
        for ending in (".study", *contents):
            for part in (good, odd):
                (part / f"{name}{ending}").write_bytes(content)
    pointing_study(odd / "pointing.study", folder / "secret.csv")


@pytest.mark.survives(
    "studies, models and tables made by strangers are opened under an audit hook",
    "nothing is unpickled, compiled, run, imported or sent, no file is opened but the one given "
    "and what SQLite keeps beside it",
)
def test_nothing_is_run_and_nothing_else_opened(tmp_path, specimens, long, record_property):
    """Each is read or refused in one sentence, and a study that names a file does not open it."""
    count = 700 if long else 26
    corpus(tmp_path, specimens, count)
    (tmp_path / "secret.csv").write_bytes(TABLE)
    told = run_watched(tmp_path)
    assert told["done"] == []
    assert set(told["counts"]) == {
        f"{kind} {came}"
        for kind in (".study", ".model", ".csv", ".parquet")
        for came in ("read", "refused")
    }
    assert list((tmp_path / "tmp").iterdir()) == []
    record_property("files", sum(told["counts"].values()))
    record_property("refused", sum(n for key, n in told["counts"].items() if "refused" in key))


def test_the_watch_sees_what_it_forbids(tmp_path):
    """Who unpickles, or opens another file, is caught: so the silence above means something."""
    program = (
        "import sys, pickle; from tests.damage import opening\n"
        "watch = opening.Watch(); sys.addaudithook(watch); watch.file = '/x.study'\n"
        f"pickle.loads({pickle.dumps(Bomb())!r})\n"
        "try:\n    open('/no such file')\nexcept OSError:\n    pass\n"
        "watch.file = ''; print([event for _, event, _ in watch.done])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    last = done.stdout.splitlines()[-1]
    assert {"'pickle.find_class'", "'os.system'", "'open'"} <= set(last.strip("[]").split(", "))
