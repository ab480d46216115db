import pytest
from tests.report.conftest import played

from tunesmith.errors import FileError
from tunesmith.report.about import About
from tunesmith.report.file import write_page


def test_a_page_is_replaced_and_a_strangers_file_is_not(tmp_path):
    """A page written twice is the newer one; somebody's own file of that name stays."""
    path = tmp_path / "a.html"
    write_page(played(3), About(name="first"), path)
    write_page(played(3), About(name="second"), path)
    assert "<h1><bdi>second</bdi></h1>" in path.read_text(encoding="utf-8")
    path.write_text("<p>mine</p>", encoding="utf-8")
    with pytest.raises(FileError, match="is not a page of a study: choose another name"):
        write_page(played(3), About(), path)
    assert path.read_text(encoding="utf-8") == "<p>mine</p>"


def test_a_place_that_cannot_be_written(tmp_path):
    """A folder that is not there is said in a sentence."""
    with pytest.raises(FileError, match=r"cannot be written .*: choose another place"):
        write_page(played(3), About(), tmp_path / "none" / "a.html")


def test_two_hundred_trials_stay_small(tmp_path):
    """A page that can be sent by mail: 2 MB at most."""
    path = tmp_path / "a.html"
    write_page(played(200), About(name="large"), path)
    assert path.stat().st_size < 2_000_000
