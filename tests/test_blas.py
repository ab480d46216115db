"""One BLAS thread: inside, and never after."""

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tunesmith import blas
from tunesmith.blas import briefly_one_blas_thread, one_blas_thread
from tunesmith.errors import NetworkError


def blas_threads():
    return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]


def test_one_blas_thread():
    """Inside it is one for every BLAS, two deep as well; afterwards as many as before."""
    with threadpool_limits(2, "blas"):
        before = blas_threads()
        assert set(before) == {2}
        with one_blas_thread():
            assert set(blas_threads()) == {1}
            with one_blas_thread():
                assert set(blas_threads()) == {1}
            assert set(blas_threads()) == {1}
        assert blas_threads() == before


def test_an_error_inside_gives_the_threads_back():
    """However the block ends, the former number is set again."""
    with threadpool_limits(2, "blas"):
        before = blas_threads()
        with pytest.raises(KeyError), one_blas_thread():
            raise KeyError
        assert blas_threads() == before


def test_a_blas_that_cannot_be_held_is_named(monkeypatch):
    """A BLAS that keeps its threads is an error with its file and the remedy."""

    class Unmoved:
        def select(self, user_api):
            return self

        def limit(self, limits):
            return threadpool_limits(None)

        def info(self):
            return [
                {"filepath": "/lib/good.so", "num_threads": 1},
                {"filepath": "/lib/stubborn.so", "num_threads": 3},
            ]

    monkeypatch.setattr(blas, "ThreadpoolController", Unmoved)
    with (
        pytest.raises(NetworkError, match=r"^the BLAS in /lib/stubborn\.so cannot be held at one"),
        one_blas_thread(),
    ):
        pytest.fail("the block must not be entered")


def test_briefly():
    """It does the same for what is loaded, and gives the threads back."""
    import scipy.linalg  # noqa: F401  with a BLAS of its own, before threads are counted

    with threadpool_limits(2, "blas"):
        before = blas_threads()
        with briefly_one_blas_thread():
            assert set(blas_threads()) == {1}
        assert blas_threads() == before
