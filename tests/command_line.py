"""The command line as its tests call it, and the tables they give it."""

import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE

from tunesmith.ledger import read_ledger
from tunesmith.store.store import Store

ROWS = 41
COMMAND = (sys.executable, "-c", "from tunesmith.cli import main; main()")
KEYS = {
    *("metric", "score", "interval", "baseline", "trials", "epochs", "seconds"),
    *("digest", "study", "model", "config"),
}


def write(name, head, rows):
    Path(name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def write_tables():
    """Write the tables of these tests into the working folder."""
    people = [
        f"{20 + i % 9},{('red', 'blue')[i % 3 > 0]},{('no', 'yes')[i % 2]}" for i in range(ROWS)
    ]
    write("people.csv", "age,colour,income", people)
    write("gap.csv", "age,income,nothing", [f"{i % 7},{i % 2}," for i in range(ROWS)])
    write("one.csv", "a,b", [f"{i},yes" for i in range(ROWS)])
    write("gone.csv", "a,b", [f"{i}," for i in range(ROWS)])
    write("five.csv", "a,b", [f"{i},{i % 2}" for i in range(5)])
    write("constant.csv", "a,b", [f"7,{i % 2}" for i in range(ROWS)])
    write("lacks.csv", "age", ["23"])
    write("words.csv", "age,colour", ["old,red"])
    write("new.csv", "colour,age", ["red,23", "green,31", ",29"])
    write("header.csv", "a,b", [])
    Path("empty.csv").touch()
    Path("folder").mkdir()


def files():
    return sorted(path.name for path in Path().iterdir())


def piped(*arguments):
    """Run a command in a process of its own, to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def digest_of(study):
    with Store.read(study) as store:
        return read_ledger(store.replay()).history.digest
