"""Who is compared: each arm's name, package, place, cores and settings."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import final

from benchmarks.engine.pinned import Pinned


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One side of a comparison of steps."""

    name: str
    package: str
    """What must be installed for it."""
    place: str
    """Of its class, see Pinned."""
    arguments: tuple[object, ...] = ()
    threads: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> Pinned:
        """Start its process."""
        return Pinned(
            self.place, *self.arguments, threads=self.threads, environment=self.environment
        )


OURS = Arm(
    name="Tunesmith",
    package="tunesmith",
    place="benchmarks.engine.ours:Ours",
    # lets numba's runtime count its allocations
    environment={"NUMBA_NRT_STATS": "1"},
)
JAX = Arm(
    name="JAX jit, one scan",
    package="jax",
    place="benchmarks.engine.in_jax:Jax",
    environment={
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    },
)
SKLEARN = Arm(
    name="scikit-learn",
    package="sklearn",
    place="benchmarks.engine.in_sklearn:Sklearn",
)
COMPILED = "torch.compile"


def eager(threads: int) -> Arm:
    """Return PyTorch as it is used mostly."""
    return Arm(
        name=f"PyTorch, threads: {threads}",
        package="torch",
        place="benchmarks.engine.in_torch:Torch",
        arguments=(threads, False),
        threads=threads,
    )


def compiled() -> Arm:
    """Return PyTorch with torch.compile, which keeps nothing from earlier runs."""
    return Arm(
        name=COMPILED,
        package="torch",
        place="benchmarks.engine.in_torch:Torch",
        arguments=(1, True),
        environment={"TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1"},
    )


def chosen(threads: int, *, compile_too: bool) -> tuple[list[Arm], list[str]]:
    """Return ours and the peers that can run here, and why others are left out.

    PyTorch is there on one thread and on `threads`.
    """
    wanted = [OURS, *map(eager, sorted({1, threads})), compiled(), JAX, SKLEARN]
    reasons = {arm.name: _missing(arm, compile_too=compile_too) for arm in wanted}
    there = [arm for arm in wanted if not reasons[arm.name]]
    return there, [f"left out: {name}, {why}" for name, why in reasons.items() if why]


def _missing(arm: Arm, *, compile_too: bool) -> str:
    """Return why an arm cannot run, or an empty text."""
    if find_spec(arm.package) is None:
        return f"which is not installed (pip install {arm.package})"
    if arm.name == COMPILED and not compile_too:
        return "as asked by --no-compile"
    compiler = os.environ.get("CXX", "g++")
    if arm.name == COMPILED and shutil.which(compiler) is None:
        return f"since it needs a C++ compiler, and {compiler} is not there"
    return ""
