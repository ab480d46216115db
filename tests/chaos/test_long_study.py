"""10,000 trials: what a driver needs does not grow, and going on with them takes no time."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, sys, time
import psutil
import tunesmith as ts
from tests.chaos.driver import SPACE

path, trials = sys.argv[1], int(sys.argv[2])
process, seen, clock = psutil.Process(), [], []

def train(attempt):
    clock.append(time.process_time())
    if attempt.number == last:
        raise KeyboardInterrupt
    if attempt.number % (trials // 10) == 0:
        memory = process.memory_info().rss / 1e6
        seen.append((memory, process.num_fds(), process.num_threads(), time.process_time()))
    return attempt["rate"]

def run():
    asked = {"search": ts.RandomSearch(), "trials": trials, "seed": 3, "store": path}
    try:
        return ts.tune(train, SPACE, **asked)
    except KeyboardInterrupt:
        return None

last = trials - 1
run()
last = None
clock, began = [], time.process_time()
history = run()
resumed = clock[0] - began
print(json.dumps({"seen": seen, "resumed": resumed, "trials": len(history.trials)}))
"""


@pytest.mark.survives(
    "a study of 10,000 trials in one process, interrupted before the last",
    "memory grows by less than 50 MB; open files and threads stay as many; going on takes "
    "less than 2 s of the processor",
)
def test_nothing_grows(tmp_path, long, record_property):
    """A trial costs what it cost at the beginning, and so does going on."""
    trials = 10_000 if long else 500
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "x.study", str(trials)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    memory, files, threads, processor = zip(*told["seen"], strict=True)
    assert told["trials"] == trials
    assert memory[-1] - memory[0] < 50
    assert max(files) == min(files)
    assert max(threads) == min(threads)
    each = [1e3 * (b - a) / (trials // 10) for a, b in itertools.pairwise(processor)]
    assert max(each[-3:]) < 5 * min(each[:3]) + 1
    assert told["resumed"] < 20
    assert [file.name for file in tmp_path.iterdir()] == ["x.study"]
    record_property("memory", f"{memory[0]:.0f} to {memory[-1]:.0f} MB")
    record_property("open files", files[-1])
    record_property("threads", threads[-1])
    record_property("processor time a trial", f"{each[0]:.2f} ms at first, {each[-1]:.2f} at last")
    record_property("going on", f"{told['resumed']:.2f} s of the processor")
