"""What the lessons learn from: data sets that come with scikit-learn, or a file of images."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.model_selection import train_test_split

from tunesmith import rng
from tunesmith.engine.network import Floats
from tunesmith.errors import DataError, FileError
from tunesmith.lessons.lesson import Setting

MOST_ROWS: Final = 6000
"""Images of a file that are used: a lesson trains hundreds of networks."""
ARRAYS: Final = ("x_train", "y_train", "x_test", "y_test")
"""What a file of images holds."""
SPLIT: Final = 7
"""The seed of every split: it is a part of the data, and the same in every run."""


class Rows(NamedTuple):
    """Rows and their labels, or their target where there are no classes."""

    x: Floats
    """[N, D]"""
    y: NDArray[Any]
    """[N] int64 in 0..K-1, or [N] float32."""


class Table(NamedTuple):
    """A data set in three parts: to train on, to choose by, to judge with."""

    name: str
    train: Rows
    valid: Rows
    test: Rows
    given: Floats
    """The inputs to train on as they came, not normalised."""

    @property
    def inputs(self) -> int:
        """Columns of x."""
        return int(self.train.x.shape[1])

    @property
    def classes(self) -> int:
        """How many classes there are; 1 for a regression."""
        return int(self.train.y.max()) + 1 if self.train.y.dtype == np.int64 else 1


def images(setting: Setting) -> Table:
    """Return the images of `setting.data`, or scikit-learn's digits.

    Raises DataError for a file that is not as it should be, FileError for one that is not there.
    """
    return digits() if setting.data is None else read_images(setting.data)


def digits() -> Table:
    """Return 1,797 handwritten digits, 8 x 8 pixels; half to train on, a quarter for the rest."""
    x, y = datasets.load_digits(return_X_y=True)
    return cut("digits", x, y.astype(np.int64), alike=True)


def wine() -> Table:
    """Return 178 wines of three growers, by 13 measurements."""
    x, y = datasets.load_wine(return_X_y=True)
    return cut("wine", x, y.astype(np.int64))


def breast_cancer() -> Table:
    """Return 569 tumours, benign or not, by 30 measurements."""
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return cut("breast cancer", x, y.astype(np.int64))


def diabetes() -> Table:
    """Return how the illness of 442 patients went on, by 10 measurements: a regression."""
    x, y = datasets.load_diabetes(return_X_y=True)
    return cut("diabetes", x, y)


def friedman() -> Table:
    """Return a generated regression of 1,000 rows: Friedman's first (1991), five of ten count."""
    x, y = datasets.make_friedman1(n_samples=1000, noise=1.0, random_state=SPLIT)
    return cut("friedman", x, y)


def cut(name: str, x: NDArray[np.float64], y: NDArray[Any], *, alike: bool = False) -> Table:
    """Return x and y in three parts, normalised by the rows to train on.

    `alike`: all columns have one unit, as pixels have, and share a mean and a deviation. A pixel
    that is nearly always 0 would become an outlier wherever it is not.
    """
    kind = y if y.dtype == np.int64 else None
    train_x, x, train_y, y = train_test_split(
        x, y, test_size=0.5, stratify=kind, random_state=SPLIT
    )
    kind = None if kind is None else y
    valid_x, test_x, valid_y, test_y = train_test_split(
        x, y, test_size=0.5, stratify=kind, random_state=SPLIT
    )
    of_x = normaliser(train_x.reshape(-1) if alike else train_x)
    of_y = (lambda v: v) if kind is not None else normaliser(train_y)
    parts = ((train_x, train_y), (valid_x, valid_y), (test_x, test_y))
    train, valid, test = (Rows(of_x(a), of_y(b)) for a, b in parts)
    return Table(name, train, valid, test, train_x.astype(np.float32))


def normaliser(x: NDArray[Any]) -> Callable[[NDArray[Any]], Floats]:
    """Return what subtracts the mean of x [N, ..] and divides by its deviation, as float32.

    A column that never changes stays at 0.
    """
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1)
    return lambda v: ((v - mean) / scale).astype(np.float32)


def read_images(path: Path) -> Table:
    """Return up to MOST_ROWS training images of a file, and half as many for the rest."""
    try:
        with np.load(path) as file:
            missing = [name for name in ARRAYS if name not in file]
            if missing:
                raise DataError(f"{str(path)!r} has no array {missing[0]}: it needs {ARRAYS}")
            train_x, train_y, test_x, test_y = (file[name] for name in ARRAYS)
    except (ValueError, BadZipFile, EOFError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{str(path)!r} is no .npz file of images: it needs {ARRAYS}") from error
    except FileNotFoundError as error:
        raise FileError(f"no file {str(path)!r} here; check name and folder") from error
    except OSError as error:
        raise FileError(
            f"{str(path)!r} cannot be read ({error.strerror}): check its permissions"
        ) from error
    try:
        x = np.concatenate([train_x, test_x]).reshape(len(train_x) + len(test_x), -1)
        y = np.concatenate([train_y, test_y]).astype(np.int64)
        if len(x) != len(y) or len(x) < 40:
            raise DataError(
                f"{str(path)!r} has {len(x)} images and {len(y)} labels: give 40 or more"
            )
        kept = rng.stream(SPLIT, "images").permutation(len(x))[: 2 * MOST_ROWS]
        return cut(path.stem, x[kept].astype(np.float64), y[kept], alike=True)
    except DataError:
        raise
    except ValueError as error:
        raise DataError(
            f"{str(path)!r} cannot be learned from ({error}): give images of one size, and whole "
            "numbers as labels, two images or more of each"
        ) from error
