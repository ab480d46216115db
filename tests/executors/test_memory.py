import subprocess
import sys

import numpy as np
import pytest

from tunesmith.executors import memory


def test_what_was_held_once_counts():
    """A hundred million bytes, though they are given back."""
    before = memory.peak()
    if not before:
        pytest.skip("nothing tells of memory here")
    np.ones(100_000_000, dtype=np.uint8)
    assert memory.peak() >= 100_000_000
    assert memory.peak() >= before


def test_a_process_does_not_count_what_its_parent_held():
    """The parent holds 400 MB; its child, which holds nothing, does not say so."""
    held = np.ones(400_000_000, dtype=np.uint8)
    if not memory.STATUS.exists():
        pytest.skip("this system counts in another way")
    code = "from tunesmith.executors.memory import peak; print(peak())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert 1_000_000 < int(told.stdout) < len(held)


def test_without_a_file_that_tells(monkeypatch, tmp_path):
    """The system's own count of use, in bytes; 0 where there is none either."""
    monkeypatch.setattr(memory, "STATUS", tmp_path / "status")
    resource = pytest.importorskip("resource")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert memory.peak() >= most
    monkeypatch.setitem(sys.modules, "resource", None)
    assert memory.peak() == 0
