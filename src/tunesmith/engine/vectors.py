"""Registers full of floats, for compiled code.

numba turns simple loops into vector instructions by itself, but it keeps sums in memory and looks
for overlap before every inner loop; at the sizes of our networks that costs more than the
arithmetic. Here a `Vector` is a register: load it, compute with + - * /, store it. Every load
and store says how many lanes are meant, so that a width need not be a multiple of LANES: lanes
beyond it read as 0 and are not written.
"""

import operator
from collections.abc import Callable
from typing import Any, final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from tunesmith.engine.compiled import FLAGS, LANES, compiled

AVX512_LANES = 16

_INDEX, _LANE = ir.IntType(64), ir.IntType(32)
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_INTEGERS = ir.VectorType(_LANE, LANES)


@final
class Vector(types.Type):
    """The type of a register of LANES floats."""

    def __init__(self) -> None:
        super().__init__(name=f"Vector({LANES})")


VECTOR = Vector()


@register_model(Vector)
@final
class _Register(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)


def _teach(symbol: Callable[..., Any], instruction: str) -> None:
    """Let numba compile `symbol` between two vectors."""

    @final
    class Typing(ConcreteTemplate):
        cases = (signature(VECTOR, VECTOR, VECTOR),)

    def lower(_context: Any, builder: Any, _signature: Any, operands: Any) -> Any:
        return getattr(builder, instruction)(*operands, flags=sorted(FLAGS))

    infer_global(symbol)(Typing)
    lower_builtin(symbol, VECTOR, VECTOR)(lower)


for _symbols, _instruction in (
    ((operator.add, operator.iadd), "fadd"),
    ((operator.sub, operator.isub), "fsub"),
    ((operator.mul, operator.imul), "fmul"),
    ((operator.truediv, operator.itruediv), "fdiv"),
):
    for _symbol in _symbols:
        _teach(_symbol, _instruction)


def _spread(builder: Any, value: Any) -> Any:
    """Put one value into every lane."""
    empty = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(_LANE, 0))
    return builder.shuffle_vector(one, one, ir.Constant(_INTEGERS, [0] * LANES))


def _call(builder: Any, name: str, result: Any, *operands: Any) -> Any:
    """Call an LLVM intrinsic, such as llvm.sqrt.v16f32."""
    kind = ir.FunctionType(result, [operand.type for operand in operands])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}")
    return builder.call(function, operands)


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Return the address of the entry `index` of a C-contiguous array, counted flat."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def _first(builder: Any, count: Any) -> Any:
    """Return the mask of the first `count` lanes."""
    lanes = ir.Constant(ir.VectorType(_INDEX, LANES), list(range(LANES)))
    return builder.icmp_signed("<", lanes, _spread(builder, count))


@intrinsic
def load_or(_context: Any, array: Any, index: Any, count: Any, other: Any) -> Any:
    """Return the floats from flat index on; `other` in the lanes from `count` on."""

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _place(context, builder, sig.args[0], args[0], args[1])
        name, align = f"masked.load.v{LANES}f32.p0", ir.Constant(_LANE, 4)
        return _call(builder, name, _FLOATS, place, align, _first(builder, args[2]), args[3])

    return VECTOR(array, types.intp, types.intp, other), write


@intrinsic
def store(_context: Any, array: Any, index: Any, count: Any, value: Any) -> Any:
    """Write the first `count` lanes of `value` from flat `index` on."""

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _place(context, builder, sig.args[0], args[0], args[1])
        mask, align = _first(builder, args[2]), ir.Constant(_LANE, 4)
        name = f"masked.store.v{LANES}f32.p0"
        _call(builder, name, ir.VoidType(), args[3], place, align, mask)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, value), write


@intrinsic
def broadcast(_context: Any, array: Any, index: Any) -> Any:
    """Return the float at flat `index` in every lane."""

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, builder.load(_place(context, builder, sig.args[0], *args)))

    return VECTOR(array, types.intp), write


@intrinsic
def splat(_context: Any, value: Any) -> Any:
    """Return a number in every lane, as float32."""

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        number = context.cast(builder, args[0], sig.args[0], types.float32)
        return _spread(builder, number)

    return VECTOR(value), write


@intrinsic
def fma(_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a * b + c, in one instruction where there is one."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return _call(builder, f"fmuladd.v{LANES}f32", _FLOATS, *args)

    return VECTOR(a, b, c), write


@intrinsic
def root(_context: Any, a: Any) -> Any:
    """Return the square root of each lane."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return _call(builder, f"sqrt.v{LANES}f32", _FLOATS, *args)

    return VECTOR(a), write


@intrinsic
def about_inverse(_context: Any, a: Any) -> Any:
    """Return 1 / a, exactly or to 14 bits, whichever the processor does faster."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        if LANES == AVX512_LANES:
            return _estimate(builder, "rcp14", args[0])
        return builder.fdiv(ir.Constant(_FLOATS, [1.0] * LANES), args[0])

    return VECTOR(a), write


@intrinsic
def about_inverse_root(_context: Any, a: Any) -> Any:
    """Return 1 / sqrt(a), exactly or to 14 bits, whichever the processor does faster."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        if LANES == AVX512_LANES:
            return _estimate(builder, "rsqrt14", args[0])
        square_root = _call(builder, f"sqrt.v{LANES}f32", _FLOATS, args[0])
        return builder.fdiv(ir.Constant(_FLOATS, [1.0] * LANES), square_root)

    return VECTOR(a), write


def _estimate(builder: Any, name: str, value: Any) -> Any:
    """Call an instruction of AVX-512 that estimates, for all lanes."""
    zero, all_lanes = ir.Constant(_FLOATS, [0.0] * LANES), ir.Constant(ir.IntType(16), -1)
    return _call(builder, f"x86.avx512.{name}.ps.512", _FLOATS, value, zero, all_lanes)


@intrinsic
def larger(_context: Any, a: Any, b: Any) -> Any:
    """Return a where a > b, or where either is NaN; else b. A NaN in `a` is never lost."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_unordered(">", *args), *args)

    return VECTOR(a, b), write


@intrinsic
def smaller(_context: Any, a: Any, b: Any) -> Any:
    """Return a where a < b, or where either is NaN; else b."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_unordered("<", *args), *args)

    return VECTOR(a, b), write


@intrinsic
def where_positive(_context: Any, test: Any, a: Any, b: Any) -> Any:
    """Return a where test > 0 or test is NaN; else b."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        zero = ir.Constant(_FLOATS, [0.0] * LANES)
        return builder.select(builder.fcmp_unordered(">", args[0], zero), args[1], args[2])

    return VECTOR(test, a, b), write


@intrinsic
def nearest(_context: Any, a: Any) -> Any:
    """Return each lane rounded to a whole number."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return _call(builder, f"rint.v{LANES}f32", _FLOATS, *args)

    return VECTOR(a), write


@intrinsic
def two_to_the(_context: Any, a: Any) -> Any:
    """Return 2^a for whole numbers a in [-126, 127], put together from bits."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        exponent = builder.fptosi(args[0], _INTEGERS)
        bias, place = (ir.Constant(_INTEGERS, [n] * LANES) for n in (127, 23))
        return builder.bitcast(builder.shl(builder.add(exponent, bias), place), _FLOATS)

    return VECTOR(a), write


def _fold(builder: Any, vector: Any, join: Callable[[Any, Any], Any]) -> Any:
    """Join the two halves of a vector until one float is left."""
    width = LANES
    while width > 1:
        width //= 2
        kind = ir.VectorType(_LANE, width)
        low = ir.Constant(kind, list(range(width)))
        high = ir.Constant(kind, list(range(width, 2 * width)))
        halves = (builder.shuffle_vector(vector, vector, half) for half in (low, high))
        vector = join(*halves)
    return builder.extract_element(vector, ir.Constant(_LANE, 0))


@intrinsic
def lane_sum(_context: Any, a: Any) -> Any:
    """Return the sum of all lanes."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return _fold(builder, args[0], builder.fadd)

    return types.float32(a), write


@intrinsic
def lane_max(_context: Any, a: Any) -> Any:
    """Return the largest lane; any lane where one of them is NaN."""

    def write(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        def join(x: Any, y: Any) -> Any:
            return builder.select(builder.fcmp_ordered(">", x, y), x, y)

        return _fold(builder, args[0], join)

    return types.float32(a), write


@intrinsic
def transpose(
    _context: Any, a: Any, at: Any, row: Any, rows: Any, columns: Any, b: Any, to: Any, b_row: Any
) -> Any:
    """Write a block of a, [rows, columns] of at most LANES each, turned, as a whole block of b.

    `at` and `to` are flat indices, `row` and `b_row` the lengths of rows; what lies beyond the
    block turns into 0. Pairs of 1, 2, 4 ... lanes change places, from the smallest up.
    """

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, start, step, count, width, target, to, to_step = args
        mask, zero = _first(builder, width), ir.Constant(_FLOATS, [0.0] * LANES)
        none, align = ir.Constant(mask.type, [0] * LANES), ir.Constant(_LANE, 4)
        lines = []
        for n in range(LANES):
            number = ir.Constant(_INDEX, n)
            place = builder.add(start, builder.mul(step, number))
            real = builder.select(builder.icmp_signed("<", number, count), mask, none)
            address = _place(context, builder, sig.args[0], source, place)
            name = f"masked.load.v{LANES}f32.p0"
            lines.append(_call(builder, name, _FLOATS, address, align, real, zero))
        for n, line in enumerate(_turned(builder, lines)):
            place = builder.add(to, builder.mul(to_step, ir.Constant(_INDEX, n)))
            address = _place(context, builder, sig.args[5], target, place)
            builder.store(line, builder.bitcast(address, _FLOATS.as_pointer()), align=4)
        return context.get_dummy_value()

    index = types.intp
    return types.void(a, index, index, index, index, b, index, index), write


def _turned(builder: Any, lines: list[Any]) -> list[Any]:
    """Transpose LANES vectors."""
    size = 1
    while size < LANES:
        low = [n if not n & size else LANES + n - size for n in range(LANES)]
        high = [n + size if not n & size else LANES + n for n in range(LANES)]
        turned = list(lines)
        for n in range(LANES):
            if not n & size:
                pair = lines[n], lines[n + size]
                turned[n] = builder.shuffle_vector(*pair, ir.Constant(_INTEGERS, low))
                turned[n + size] = builder.shuffle_vector(*pair, ir.Constant(_INTEGERS, high))
        lines, size = turned, 2 * size
    return lines


@compiled
def load(array, index, count):
    """Return the floats from flat index on; 0 in the lanes from `count` on."""
    return load_or(array, index, count, splat(0.0))


@compiled
def inverse(a):
    """Return 1 / a to float32's precision: an estimate and a step of Newton's."""
    r = about_inverse(a)
    return r * (splat(2.0) - a * r)


@compiled
def inverse_root(a):
    """Return 1 / sqrt(a) to float32's precision, for a above 0 and finite."""
    r = about_inverse_root(a)
    return r * (splat(1.5) - splat(0.5) * a * r * r)


@compiled
def exp(x):
    """Return e to the power of each lane, to 2 units in the last place.

    x = n ln 2 + r with |r| <= ln 2 / 2; e^r by the minimax polynomial of Cephes (Moshier 1984);
    2^n put together from bits. NaN stays NaN; x is held in [-87, 88], where the result is a
    normal number.
    """
    x = larger(smaller(x, splat(88.0)), splat(-87.0))
    n = nearest(x * splat(1.44269504))
    # ln 2 in two parts, the first with so few bits that n times it is exact
    r = fma(n, splat(2.12194440e-4), fma(n, splat(-0.693359375), x))
    p = fma(splat(1.9875691500e-4), r, splat(1.3981999507e-3))
    p = fma(p, r, splat(8.3334519073e-3))
    p = fma(p, r, splat(4.1665795894e-2))
    p = fma(p, r, splat(1.6666665459e-1))
    p = fma(p, r, splat(5.0000001201e-1))
    p = fma(p * r, r, r + splat(1.0))
    return p * two_to_the(n)
