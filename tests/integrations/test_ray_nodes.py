"""A cluster of several nodes, all on this machine: one is lost, and none sees another's disk."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from tests.contracts import objectives

import tunesmith as ts

cluster_utils = pytest.importorskip("ray.cluster_utils")
ray = pytest.importorskip("ray")

SPACE = ts.Space(x=ts.Float(0.3, 2.7), n=ts.Int(3, 17))


@pytest.fixture
def cluster():
    """Start a head that trains nothing, and two nodes."""
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    ray.shutdown()
    made.shutdown()


def tuned(objective, **more):
    return ts.tune(objective, SPACE, trials=24, epochs=5, seed=7, **more)


@pytest.mark.timeout(200)
def test_a_node_is_lost(cluster, tmp_path):
    """With what runs there: the digest is that of one process, and checkpoints are not lost."""
    lost = []

    def lose():
        while not list((tmp_path / "x.work").glob("trial-*")) and not lost:
            time.sleep(0.01)
        lost.append(next(iter(cluster.worker_nodes)))
        cluster.remove_node(lost[0], allow_graceful=False)

    threading.Thread(target=lose, daemon=True).start()
    where = ts.Ray(address=cluster.address)
    history = tuned(objectives.saving_slowly, executor=where, workers=2, store=tmp_path / "x.study")
    assert lost
    assert history.digest == tuned(objectives.saving_slowly).digest
    assert {trial.epochs for trial in history.trials} == {1, 5}


SESSION = """
import tunesmith as ts

space = ts.Space(x=ts.Float(0.3, 2.7), n=ts.Int(3, 17))
history = ts.tune(lambda a: a["x"] + a["n"], space, trials=7, seed=7, executor="ray", workers=2)
print(history.digest)
"""


@pytest.mark.timeout(200)
def test_a_session_without_a_file():
    """As a notebook is one: its functions travel; and Ray ends with the study."""
    with TemporaryDirectory(prefix="r") as short:  # the paths of its sockets may not be long
        done = subprocess.run(
            [sys.executable, "-c", SESSION],
            env=os.environ | {"RAY_TMPDIR": short},
            capture_output=True,
            text=True,
            timeout=180,
            check=True,
        )
        commands = [str(process.info) for process in psutil.process_iter(["cmdline"])]
        assert not [command for command in commands if short in command]
    alone = ts.tune(lambda a: a["x"] + a["n"], SPACE, trials=7, seed=7)
    assert done.stdout.splitlines()[-1] == alone.digest


MINE = """
def train(attempt):
    for epoch in attempt.epochs:
        attempt.record(loss=abs(attempt["learning_rate"] - 0.01) + 1 / (epoch + 1))
"""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "many-machines.md"


@pytest.mark.timeout(200)
def test_the_program_of_the_page_runs(monkeypatch, tmp_path):
    """As it stands there, on a node with the cores and the GPU that a training asks for."""
    block = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    paths = (str(tmp_path), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        made.add_node(num_cpus=4, num_gpus=1)
        monkeypatch.setenv("RAY_ADDRESS", made.address)
        names = {}
        exec(compile(block, PAGE.name, "exec"), names)
    finally:
        ray.shutdown()
        made.shutdown()
    assert len(names["history"].trials) == 400
    assert names["history"].best.config["learning_rate"] == pytest.approx(0.01, rel=0.1)
