"""A file is there whole, or as it was before."""

import os

import pytest

from tunesmith.model.writing import write_whole


def test_writing(tmp_path):
    """What is written replaces what was there, and nothing else stays."""
    path = tmp_path / "x"
    for content in (b"first", b"the second, longer"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_stop_in_the_middle(tmp_path, monkeypatch, stop):
    """The file before stays, without a part of the new one; what stopped it passes on."""
    path = tmp_path / "x"
    write_whole(path, b"before")

    def fail(_):
        raise stop

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(stop)):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
