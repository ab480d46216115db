"""What a training may take."""

import math
import os

import numpy as np
import psutil
import pytest

from tunesmith.errors import StudyError
from tunesmith.executors.limits import Limits, gigabytes_held


def test_time():
    """The sentence names the limit, and not the moment it was noticed at: that is chance."""
    limits = Limits(minutes=0.7)
    assert limits.too_long(42.0) == ""
    assert limits.too_long(42.3) == limits.too_long(71.0) == "timed out after 0.7 minutes"


def test_memory():
    """The same; half of it may be left over after a training."""
    held = gigabytes_held(os.getpid())
    small, middle, large = (Limits(gigabytes=held * times) for times in (0.5, 1.5, 30.0))
    assert small.too_much(os.getpid()).startswith("out of memory: it took more than ")
    assert Limits(gigabytes=0.0017).too_much(os.getpid()).endswith("0.0017 GB")
    assert middle.too_much(os.getpid()) == large.too_much(os.getpid()) == ""
    assert [limits.leaves_little(os.getpid()) for limits in (middle, large)] == [True, False]


def test_no_limit_is_never_reached():
    """And costs nothing to look at."""
    assert Limits().too_long(1e12) == Limits().too_much(os.getpid()) == ""
    assert not Limits().leaves_little(os.getpid())


def test_memory_is_what_is_held():
    """300 MB that are used count; as many that are only reserved do not."""
    before = gigabytes_held(os.getpid())
    reserved = np.zeros(300_000_000, dtype=np.uint8)
    untouched = gigabytes_held(os.getpid())
    reserved[:] = 7
    assert untouched < before + 0.15
    assert before + 0.25 < gigabytes_held(os.getpid()) < before + 0.45


def test_a_process_that_is_gone_holds_nothing():
    """It may end while it is looked at."""
    gone = next(pid for pid in range(4_000_000, 0, -1) if not psutil.pid_exists(pid))
    assert gigabytes_held(gone) == 0.0


@pytest.mark.parametrize("value", [0, -1.5, math.nan, "5", True, None], ids=repr)
@pytest.mark.parametrize("name", ["minutes", "gigabytes"])
def test_what_is_no_limit(name, value):
    """The sentence uses the name that a user gave it by."""
    with pytest.raises(StudyError) as caught:
        Limits(**{name: value})
    assert str(caught.value) == f"trial_{name} must be a number above 0, got {value!r}"
