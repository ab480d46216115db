"""Numbers too small to matter: taken as 0 while a network trains.

What decays towards 0 without end, such as the moments of weights whose gradient is 0, comes to the
smallest floats there are, the denormal ones, and a processor takes a hundred times as long for
each. A network most of whose units are dead would train that much more slowly than any other.
"""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

X86 = platform.machine() in ("x86_64", "AMD64")
ARM = platform.machine() in ("aarch64", "arm64")

X86_BITS = 0x8040
"""Of the register MXCSR: flush to zero, and denormals are zero."""

ARM_BITS = 1 << 24
"""Of the register FPCR: flush to zero, results and operands."""

WORD, LONG = ir.IntType(32), ir.IntType(64)


def _x86(builder: Any, name: str, word: Any) -> None:
    """Store the register at `word`, or load it from there."""
    kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer()])
    call = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{name}")
    builder.call(call, [builder.bitcast(word, ir.IntType(8).as_pointer())])


def _register(builder: Any) -> Any:
    """Return what this thread's register says now; 0 on processors that we do not know."""
    if X86:
        word = cgutils.alloca_once(builder, WORD)
        _x86(builder, "stmxcsr", word)
        return builder.zext(builder.load(word), LONG)
    if ARM:
        kind = ir.FunctionType(LONG, [])
        name = "llvm.aarch64.get.fpcr"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])
    return ir.Constant(LONG, 0)


def _set_register(builder: Any, value: Any) -> None:
    if X86:
        word = cgutils.alloca_once_value(builder, builder.trunc(value, WORD))
        _x86(builder, "ldmxcsr", word)
    if ARM:
        kind = ir.FunctionType(ir.VoidType(), [LONG])
        name = "llvm.aarch64.set.fpcr"
        builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [value])


@intrinsic
def flush(_context: Any) -> Any:
    """Take denormal numbers as 0 in this thread from now on; return what `restore` is to be given.

    To be called by what takes long, not by what it calls: a compiler may move arithmetic, though
    not other calls, past it.
    """

    def write_code(_context: Any, builder: Any, _sig: Any, _args: Any) -> Any:
        before = _register(builder)
        bits = X86_BITS if X86 else ARM_BITS
        _set_register(builder, builder.or_(before, ir.Constant(LONG, bits)))
        return before

    return types.int64(), write_code


@intrinsic
def restore(_context: Any, before: Any) -> Any:
    """Take denormal numbers in this thread as they were taken before `flush`."""

    def write_code(context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        _set_register(builder, args[0])
        return context.get_dummy_value()

    return types.none(types.int64), write_code
