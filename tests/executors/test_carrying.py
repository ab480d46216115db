"""A folder as bytes, and back."""

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
