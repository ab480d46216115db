"""One BLAS thread: small products are faster alone than shared, and workers do not fight."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

from tunesmith.errors import NetworkError


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold every BLAS at one thread, so that trials side by side do not fight for the cores.

    It holds for the whole process: the driver enters it once, around all of its workers.
    Raises NetworkError for a BLAS that cannot be held.
    """
    controller = ThreadpoolController().select(user_api="blas")
    with controller.limit(limits=1):
        busy = [lib["filepath"] for lib in controller.info() if lib["num_threads"] != 1]
        if busy:
            raise NetworkError(
                f"the BLAS in {busy[0]} cannot be held at one thread: set OPENBLAS_NUM_THREADS=1"
            )
        yield


@contextmanager
def briefly_one_blas_thread() -> Iterator[None]:
    """Do the same for some small products, at the cost of microseconds."""
    with _loaded().limit(limits=1):
        yield


@cache
def _loaded() -> ThreadpoolController:
    """Return the control of what is loaded now: looking for libraries takes milliseconds."""
    import scipy.linalg  # noqa: F401  it brings a BLAS of its own, which must be there by now

    return ThreadpoolController().select(user_api="blas")
