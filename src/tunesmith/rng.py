"""Chance has an address."""

import hashlib

import numpy as np


def stream(seed: int, *path: int | str) -> np.random.Generator:
    """Return the random stream at `path`, such as stream(7, "trial", 12, "shuffle", 3).

    It depends on nothing else: not on the order of calls, the worker or the executor.
    The address is hashed (BLAKE2b, 128 bits) into the seed of NumPy's default generator.
    """
    digest = hashlib.blake2b(repr((int(seed), *path)).encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))
