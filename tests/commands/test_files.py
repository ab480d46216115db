"""Files that a command is given."""

import pytest

from tunesmith.commands.files import existing, read_study
from tunesmith.errors import FileError


def test_the_nearest_name_is_said(tmp_path):
    """A name mistyped is answered with the file that is there; of the right kind only."""
    (tmp_path / "digits.study").touch()
    (tmp_path / "digit.model").touch()
    assert existing(tmp_path / "digits.study", ".study") == tmp_path / "digits.study"
    with pytest.raises(FileError) as refused:
        existing(tmp_path / "digit.study", ".study")
    near = str(tmp_path / "digits.study")
    assert str(refused.value).endswith(f"digit.study' here; did you mean {near!r}?")


def test_a_name_like_no_other(tmp_path):
    """Where nothing is near, the remedy is to look."""
    with pytest.raises(FileError, match=r"here; check name and folder$"):
        existing(tmp_path / "x.study", ".study")


def test_a_study_of_a_function_has_no_result(here):
    """The result belongs to studies of a table, when they have ended."""
    history, result = read_study(here / "mine.study")
    assert (len(history.trials), result) == (2, None)
    history, result = read_study(here / "images.study")
    assert (len(history.trials), result["trials"]) == (3, 3)
