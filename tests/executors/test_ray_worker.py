"""What is told of an error of Ray's; all else of a worker is in tests/integrations."""

import pytest

from tunesmith.executors.ray_worker import last_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ray::load() (pid=7)\n  File x\nModuleNotFoundError: no y\n\n", "no y"),
        ("one", "one"),
        ("", "ValueError"),
        ("z" * 1000, "z" * 300),
    ],
)
def test_the_end_of_an_error(text, line):
    """The error itself, without the way there."""
    assert last_line(ValueError(text)).endswith(line)
    assert "\n" not in last_line(ValueError(text))
