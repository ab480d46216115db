"""Where nothing may be written: what is there can be looked at, and nothing is begun."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.chaos.driver import Driver, Strike, tune

LOOK = """
import contextlib, io, json, os, sys, time
from tunesmith.cli import run

def told(*arguments):
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    began = time.monotonic()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    seconds = time.monotonic() - began
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return code, *texts, seconds

folder = sys.argv[1]
commands = (
    ("show", "--json", f"{folder}/finished.study"),
    ("show", "--json", f"{folder}/killed.study"),
    ("doctor", f"{folder}/finished.study"),
    ("doctor", f"{folder}/killed.study"),
    ("demo", "--out", f"{folder}/new"),
)
for command in (*commands, ("demo", "--out", "/no such folder/new")):
    told(*command[:-1], "/no such folder/new")  # all that is needed is loaded
import tunesmith.fit.data
table = tunesmith.fit.data.digits()
tunesmith.fit.data.digits = lambda: table  # another user may not read where packages lie
if os.geteuid() == 0:
    os.setuid(65534)  # root may write anywhere
print(json.dumps([os.access(folder, os.W_OK), *(told(*command) for command in commands)]))
"""


@pytest.mark.survives(
    "the study lies where nothing may be written",
    "`show` and `doctor` read it, also one whose driver was killed; `demo` refuses before it "
    "trains, with one sentence and exit code 74",
)
def test_where_nothing_may_be_written(tmp_path, limit, record_property):
    """The folder may not be written in, by whoever looks."""
    with tempfile.TemporaryDirectory() as name:  # which anybody may come to
        folder = Path(name)
        tune(30, store=folder / "finished.study")
        Driver(folder / "killed.study", 30, strike=Strike(commit=17)).ended()
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", LOOK, name],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        folder.chmod(0o755)
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert done.stderr == ""
    writable, finished, killed, well, left, demo = json.loads(done.stdout)
    assert not writable
    assert "killed.study-wal" in before
    assert (finished[0], json.loads(finished[1])["digest"]) == (0, tune(30).digest)
    assert (killed[0], json.loads(killed[1])["finished"]) == (0, "")
    assert (well[0], left[0]) == (0, 0)
    code, out, complaint, seconds = demo
    assert code == 74
    assert complaint.startswith(f"tunesmith: {name}/new.model may not be written")
    assert complaint.count("\n") == 1
    assert "best" not in out
    assert seconds < limit(60)
    record_property("refusal after", f"{1e3 * seconds:.0f} ms, imports not counted")
