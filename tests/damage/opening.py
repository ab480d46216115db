"""Opens files from strangers with every door watched: `python -m tests.damage.opening FOLDER`.

FOLDER holds `good` files, which are opened first so that all code is loaded, and `odd` ones, which
are opened with an audit hook armed. It prints, as JSON, what came of each kind of file and what
was done that reading a file must not do.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tunesmith.commands.files import read_study
from tunesmith.errors import TunesmithError
from tunesmith.ledger import sensible
from tunesmith.model.file import load_model
from tunesmith.store.doctor import remains
from tunesmith.table.batches import read_batches
from tunesmith.table.read import read_table

READERS = {
    ".study": (read_study, lambda path: remains(path, sensible)),
    ".model": (load_model,),
    ".csv": (read_table,),
    ".parquet": (read_table, lambda path: list(read_batches(path))),
}
FORBIDDEN = (
    *("pickle.", "marshal.", "compile", "exec", "import", "ctypes.", "code.", "builtins.input"),
    *("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty."),
    *("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser."),
    *("os.remove", "os.rename", "os.link", "os.symlink", "os.chmod", "os.truncate"),
)

ENDS = ("", "-wal", "-journal")


class Watch:
    """Keeps what is done while one file is read."""

    def __init__(self):
        self.file = ""
        self.done = []
        self._own = f"{tempfile.gettempdir()}/"  # where we may put a copy

    def __call__(self, event, arguments):
        if self.file and not self._may(event, arguments):
            self.done.append([Path(self.file).name, event, repr(arguments)[:200]])

    def _may(self, event, arguments):
        if event in ("open", "sqlite3.connect"):
            name = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else ""
            name = name.removeprefix("file://").partition("?")[0]
            own = name in (":memory:", os.devnull, *(self.file + end for end in ENDS))
            return own or name.startswith(self._own)
        if event == "os.remove":
            return arguments[0] in [f"study{end}" for end in ENDS]  # of our copy
        return not event.startswith(FORBIDDEN)


def files(folder):
    """Return the files of a folder that have readers, in order."""
    return sorted(path for path in folder.iterdir() if path.suffix in READERS)


def read(path):
    """Read a file in every way there is for its kind; return what came of it."""
    came = "read"
    for reader in READERS[path.suffix]:
        try:
            reader(path)
        except TunesmithError as error:
            came = "refused" if "\n" not in str(error) else f"{path.name}: {error}"
    return f"{path.suffix} {came}"


def main():
    folder = Path(sys.argv[1]).resolve()
    for path in files(folder / "good"):
        read(path)
    watch = Watch()
    sys.addaudithook(watch)
    counts = Counter()
    for path in files(folder / "odd"):
        watch.file = str(path)
        counts[read(path)] += 1
        watch.file = ""
    sys.stdout.write(json.dumps({"counts": counts, "done": watch.done}))


if __name__ == "__main__":
    main()
