"""What a figure was measured on: processor, versions, and the BLAS kernels in use."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("tunesmith", "numpy", "scipy", "numba", "scikit-learn", "torch", "jax", "optuna")


def machine() -> dict[str, str]:
    """Return processor, versions and BLAS kernels, one line of text each."""
    from tunesmith.fit.conditions import processor

    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "versions": versions(),
        "BLAS": "; ".join(blas_kernels()),
    }


def versions() -> str:
    """Return the versions of Python and of all packages that are installed and matter."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def blas_kernels() -> list[str]:
    """Return library, version and kernel of every BLAS that our compiled code may call."""
    import numpy  # noqa: F401  brings a BLAS of its own
    import scipy.linalg  # noqa: F401  as above
    from threadpoolctl import threadpool_info

    return [
        f"{Path(pool['filepath']).parent.name.partition('.')[0]}'s {pool['internal_api']} "
        f"{pool['version']}, kernel {pool.get('architecture', 'unknown')}"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
