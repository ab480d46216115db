"""Numbers on a command line."""

import argparse
from collections.abc import Callable


def at_least(least: int) -> Callable[[str], int]:
    """Return the reader of a whole number of `least` or more; argparse shows its message."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"give a whole number of {least} or more, not {text}")
        return int(text)

    return read
