"""How our functions are compiled: flags and cache."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba
import platformdirs

F = TypeVar("F", bound=Callable[..., Any])

CACHE_VARIABLE = "TUNESMITH_CACHE"
"""Environment variable that names another folder for compiled code."""

# Approximate division is welcome. "nnan" and "ninf" are left out, since a network that diverged
# must be seen; "reassoc", since a function is optimised once for itself and again in each that
# calls it, and which of them runs depends on what was loaded before: sums must not change order.
FLAGS = {"nsz", "arcp", "contract", "afn"}


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": FLAGS}
"""error_model="numpy" matters: with checks for division by zero, loops stay scalar."""


def _register_width() -> int:
    """Return how many floats a register of this processor holds."""
    features = llvm.get_host_cpu_features()
    return 16 if features.get("avx512f") else 8 if features.get("avx2") else 4


LANES = _register_width()
"""Floats in a register; see vectors.py."""


@cache
def cache_folder() -> Path:
    """Return the folder that compiled code is kept in, one for each source and width.

    numba itself looks only at the file of the function it compiled, not at the functions that
    were compiled into it, nor at LANES.
    """
    root = Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("tunesmith"))
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError:  # numba would fall back to folders that know nothing of our source
        root = Path(tempfile.mkdtemp(prefix="tunesmith-"))
    source = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return root / f"engine-{hashlib.sha256(source).hexdigest()[:16]}-{LANES}"


COMPLETE = "complete"
"""A file in the cache folder, there once everything was compiled."""


def is_compiled() -> bool:
    """Return whether everything is in the cache, so that loading it takes a second or two."""
    return (cache_folder() / COMPLETE).exists()


def note_compiled() -> None:
    """Note that everything is in the cache."""
    with suppress(OSError):  # it is compiled again next time, and that is said
        (cache_folder() / COMPLETE).touch()


def compiled(function: F) -> F:
    """Compile `function` on its first call, and keep it in our own cache folder."""
    return _compiled(function)


def inlined(function: F) -> F:
    """Compile `function` into each compiled function that calls it.

    For what is given all arrays of a training, since these are some hundred numbers to hand on,
    and for what is faster where an argument is constant. It costs time to compile: not for all.
    """
    return _compiled(function, forceinline=True)


def _compiled(function: F, **more: bool) -> F:
    make = numba.njit(**OPTIONS, cache=True, **more)
    settings: Any = numba.config
    before = settings.CACHE_DIR
    # read when the function is wrapped; others keep theirs
    settings.CACHE_DIR = str(cache_folder())
    try:
        return cast(F, make(function))
    finally:
        settings.CACHE_DIR = before
