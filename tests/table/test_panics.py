"""What polars cannot read is refused in a sentence, and it says nothing of its own."""

import os
import threading

import polars as pl
import pytest

from tunesmith.errors import DataError, FileError
from tunesmith.table.panics import read_or_refuse


def panic():
    """Make polars panic: no calendar has such a day."""
    return str(pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date)[0])


def refuse():
    return pl.Series(["x"]).cast(pl.Int64)


@pytest.mark.parametrize("take", [panic, refuse])
def test_what_polars_cannot_read(take, capfd):
    """A panic, which is no Exception, and a refusal give the same sentence, and nothing else."""
    with pytest.raises(FileError) as caught:
        read_or_refuse(take, "'x'")
    assert str(caught.value) == "'x' is a damaged Parquet file; copy or write it again"
    assert capfd.readouterr() == ("", "")


def test_what_can_be_read(capfd):
    """What it holds is given, our own errors pass, and the stream is open again afterwards."""
    assert read_or_refuse(lambda: [3, 1], "'x'") == [3, 1]

    def ours():
        os.write(2, b"hidden\n")
        raise DataError("two columns are called 'a'; rename one")

    with pytest.raises(DataError, match=r"^two columns are called 'a'; rename one$"):
        read_or_refuse(ours, "'x'")
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_threads_that_read_together(capfd):
    """However they overlap, the stream is the one that it was."""

    def read():
        for _ in range(50):
            read_or_refuse(lambda: os.write(2, b"hidden\n"), "'x'")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"
