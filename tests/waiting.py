"""Waiting for what must come, on a machine that may be busy: until it comes."""

import time

PATIENCE = 600
"""Seconds that anything may take. They end what hangs, before the timeout of a test does."""


def until(condition, patience=PATIENCE):
    """Wait until a condition holds; return False if it does not even after `patience` seconds."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
