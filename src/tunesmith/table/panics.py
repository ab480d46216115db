"""Reading damaged bytes with polars, whose compiled code may panic rather than refuse them."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import polars as pl

from tunesmith.errors import FileError

T = TypeVar("T")

_ONE_AT_A_TIME = threading.Lock()


def read_or_refuse(take: Callable[[], T], called: str) -> T:
    """Return what `take` reads from a Parquet file; FileError where polars cannot.

    A panic is no Exception, and tells of itself on the standard error stream: neither gets out.
    """
    try:
        with _silent():
            return take()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FileError(f"{called} is a damaged Parquet file; copy or write it again") from error


@contextmanager
def _silent() -> Iterator[None]:
    """Keep off the standard error stream what compiled code writes to it, in the meantime."""
    with _ONE_AT_A_TIME:
        if sys.stderr is not None:
            sys.stderr.flush()
        try:
            kept = os.dup(2)
        except OSError:  # a process without such a stream
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
