"""A folder as bytes, and back."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.executors.carrying import packed_folder, unpack_folder

NAMES = st.sampled_from(["a", "b.pt", "part/c", "part/deep/d", "part/e f"])


@given(files=st.dictionaries(NAMES, st.binary(max_size=9)), before=st.booleans())
def test_what_was_packed_is_there(tmp_path_factory, files, before):
    """All files, to the byte, and none that was there before."""
    folder = tmp_path_factory.mktemp("carried") / "trial-7"
    if before:
        unpack_folder({"old": b"x", "part/c": b"old"}, folder)
    unpack_folder(files, folder)
    assert packed_folder(folder) == files
    assert folder.exists() == bool(files)


def test_a_folder_that_is_not_there(tmp_path):
    """Nothing was saved."""
    assert packed_folder(tmp_path / "trial-7") == {}


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", "."])
def test_no_file_leaves_the_folder(tmp_path, name):
    """Whatever another machine says that its files are called."""
    (tmp_path / "trial-7").mkdir()
    with pytest.raises(ValueError, match="leads out of a trial's folder"):
        unpack_folder({name: b"x"}, tmp_path / "trial-7")
    assert (tmp_path / "trial-7").exists()
    assert not (tmp_path / "x").exists()


def test_links_and_empty_folders_travel_and_special_files_do_not(tmp_path):
    """A link stays one, also to nothing or to a folder elsewhere; a pipe is not waited for."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "large").write_bytes(b"x")
    folder, copy = tmp_path / "trial-7", tmp_path / "copy"
    (folder / "empty" / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(b"1")
    (folder / "latest").symlink_to("a")
    (folder / "gone").symlink_to("nothing")
    (folder / "data").symlink_to(tmp_path / "far")
    os.mkfifo(folder / "pipe")
    unpack_folder(packed_folder(folder), copy)
    assert sorted(path.name for path in copy.iterdir()) == ["a", "data", "empty", "gone", "latest"]
    assert (copy / "latest").readlink().name == "a"
    assert (copy / "gone").is_symlink()
    assert (copy / "data").readlink() == tmp_path / "far"
    assert (copy / "empty" / "deep").is_dir()


def test_no_file_goes_through_a_link(tmp_path):
    """A link out of the folder, and a file behind it."""
    with pytest.raises(ValueError, match="leads out of a trial's folder"):
        unpack_folder({"d": str(tmp_path), "d/x": b"x"}, tmp_path / "trial-7")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("files", [{}, {"a": b"1"}], ids=["removed", "replaced"])
@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_folder_that_is_a_link_is_replaced(tmp_path, files, target):
    """What it leads to is not touched."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "precious").touch()
    folder = tmp_path / "trial-7"
    folder.symlink_to(target)
    unpack_folder(files, folder)
    assert not folder.is_symlink()
    assert packed_folder(folder) == files
    assert (tmp_path / "elsewhere" / "precious").exists()


def test_a_folder_in_whose_place_is_a_file(tmp_path):
    """It is replaced too."""
    (tmp_path / "trial-7").touch()
    unpack_folder({"a": b"1"}, tmp_path / "trial-7")
    assert packed_folder(tmp_path / "trial-7") == {"a": b"1"}
