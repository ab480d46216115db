"""Reads and writes that threads see in order, in flat arrays of int64."""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

ORDER = "seq_cst"
"""One order of all of them, the same for every thread: the simplest to reason about."""

BYTES = 8

PAUSE = "llvm.x86.sse2.pause"
"""What tells an x86 core that a loop only waits; others are not told."""


def _place(context: Any, builder: Any, flat_type: Any, flat: Any, at: Any) -> Any:
    return builder.gep(make_array(flat_type)(context, builder, flat).data, [at])


@intrinsic
def read(_context: Any, flat: Any, at: Any) -> Any:
    """Return flat[at]."""

    def write_code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _place(context, builder, sig.args[0], args[0], args[1])
        return builder.load_atomic(place, ordering=ORDER, align=BYTES)

    return types.int64(flat, types.intp), write_code


@intrinsic
def write(_context: Any, flat: Any, at: Any, value: Any) -> Any:
    """flat[at] = value."""

    def write_code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _place(context, builder, sig.args[0], args[0], args[1])
        builder.store_atomic(args[2], place, ordering=ORDER, align=BYTES)
        return context.get_dummy_value()

    return types.none(flat, types.intp, types.int64), write_code


@intrinsic
def add(_context: Any, flat: Any, at: Any, value: Any) -> Any:
    """flat[at] += value; return what it was before."""

    def write_code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _place(context, builder, sig.args[0], args[0], args[1])
        return builder.atomic_rmw("add", place, args[2], ORDER)

    return types.int64(flat, types.intp, types.int64), write_code


@intrinsic
def rest(_context: Any) -> Any:
    """Let the core do something else for a moment."""

    def write_code(context: Any, builder: Any, _sig: Any, _args: Any) -> Any:
        if platform.machine() in ("x86_64", "AMD64"):
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, PAUSE), [])
        return context.get_dummy_value()

    return types.none(), write_code
