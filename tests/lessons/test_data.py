"""The data of the lessons."""

import numpy as np
import pytest

from tunesmith.errors import DataError, FileError
from tunesmith.lessons import data
from tunesmith.lessons.lesson import Setting

ALL = (data.digits, data.wine, data.breast_cancer, data.diabetes, data.friedman)


@pytest.mark.parametrize("load", ALL, ids=lambda f: f.__name__)
def test_every_table_is_cut_in_three_and_normalised(load):
    """Half, a quarter, a quarter; mean 0 and deviation 1 on the rows to train on."""
    table = load()
    sizes = [len(part.x) for part in (table.train, table.valid, table.test)]
    assert sizes[0] == pytest.approx(sum(sizes) / 2, abs=1)
    assert sizes[1] == pytest.approx(sizes[2], abs=1)
    assert abs(table.train.x.mean()) < 1e-5
    assert table.train.x.std() == pytest.approx(1, abs=1e-4)
    assert table.train.x.dtype == np.float32
    assert len(table.train.y) == sizes[0]


def test_classes_and_inputs():
    """Ten digits of 64 pixels; a regression has one output."""
    assert (data.digits().classes, data.digits().inputs) == (10, 64)
    assert data.diabetes().classes == 1
    assert data.diabetes().train.y.std() == pytest.approx(1, abs=1e-5)


def test_no_row_is_in_two_parts():
    """What judges was neither learned nor chosen by."""
    table = data.digits()
    rows = [row.tobytes() for part in (table.train, table.valid, table.test) for row in part.x]
    assert len(set(rows)) == len(rows) == 1797


def test_a_column_that_never_changes():
    """It stays at 0 and divides by nothing."""
    x = np.array([[3.0, 5.0], [3.0, 9.0]])
    assert data.normaliser(x)(x).tolist() == [[0, -1], [0, 1]]


def write(path, **changes):
    """Write a file of 60 images of 3 x 3 pixels."""
    labels = np.arange(60) % 3
    arrays = {
        "x_train": np.arange(40 * 9).reshape(40, 3, 3),
        "y_train": labels[:40],
        "x_test": np.arange(20 * 9).reshape(20, 3, 3),
        "y_test": labels[40:],
    } | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def test_images_of_a_file(tmp_path):
    """Rows of pixels, and the name of the file."""
    write(tmp_path / "mine.npz")
    table = data.images(Setting(data=tmp_path / "mine.npz"))
    assert (table.name, table.inputs, table.classes, len(table.train.x)) == ("mine", 9, 3, 30)
    assert data.images(Setting()).name == "digits"


def test_files_that_are_no_images(tmp_path):
    """One sentence each, with the remedy."""
    path = tmp_path / "mine.npz"
    with pytest.raises(FileError, match=r"no file '.*mine.npz' here; check name and folder"):
        data.read_images(path)
    write(path, y_test=None)
    with pytest.raises(DataError, match="has no array y_test: it needs"):
        data.read_images(path)
    write(path, y_test=np.arange(3))
    with pytest.raises(DataError, match="has 60 images and 43 labels: give 40 or more"):
        data.read_images(path)
    path.write_text("pixels")
    with pytest.raises(DataError, match=r"is no .npz file of images: it needs"):
        data.read_images(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"x_test": np.zeros((20, 4, 4))},
        {"y_train": np.array(["cat"] * 40)},
        {"y_train": np.arange(40), "y_test": np.arange(40, 60)},
    ],
    ids=["two sizes", "labels in words", "one of each"],
)
def test_images_that_cannot_be_learned_from(tmp_path, wrong):
    """One sentence, with what numpy or scikit-learn found and what to give."""
    write(tmp_path / "mine.npz", **wrong)
    with pytest.raises(DataError, match=r"cannot be learned from \(.+\): give images of one size"):
        data.read_images(tmp_path / "mine.npz")
