"""How much memory this process has held at most."""

import sys
from pathlib import Path
from typing import Final

STATUS: Final = Path("/proc/self/status")
"""Where Linux tells of this process; its getrusage counts the memory of who started it, too."""


def peak() -> int:
    """Return the bytes that this process has held in memory at most; 0 where nothing tells."""
    try:
        with STATUS.open("rb") as lines:
            return next(1024 * int(line.split()[1]) for line in lines if line.startswith(b"VmHWM"))
    except (OSError, StopIteration):
        return _by_usage()


def _by_usage() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
