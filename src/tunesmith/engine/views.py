"""Parts of flat arrays, seen as vectors and matrices at no cost.

numba's own slices count references and check bounds: some 50 ns each, and a step of training
needs dozens. These are an address and a shape; the flat array must outlive them.
"""

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array


def _view(
    context: Any, builder: Any, flat_type: Any, flat: Any, start: Any, kind: Any, shape: list[Any]
) -> Any:
    """Write the instructions for a C-contiguous view without an owner."""
    item = context.get_data_type(kind.dtype)
    size = context.get_constant(types.intp, context.get_abi_sizeof(item))
    strides = [size]
    for length in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], length))
    view = make_array(kind)(context, builder)
    data = builder.gep(make_array(flat_type)(context, builder, flat).data, [start])
    populate_array(view, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return view._getvalue()


@intrinsic
def part(_context: Any, flat: Any, start: Any, length: Any) -> Any:
    """Return `length` entries from `start` on."""
    kind = types.Array(flat.dtype, 1, "C")

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _view(context, builder, sig.args[0], args[0], args[1], kind, [args[2]])

    return kind(flat, types.intp, types.intp), write


@intrinsic
def matrix(_context: Any, flat: Any, start: Any, rows: Any, columns: Any) -> Any:
    """Return rows * columns entries from `start` on as a matrix [rows, columns]."""
    kind = types.Array(flat.dtype, 2, "C")

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _view(context, builder, sig.args[0], args[0], args[1], kind, [args[2], args[3]])

    return kind(flat, types.intp, types.intp, types.intp), write


@intrinsic
def matrix_at(_context: Any, address: Any, rows: Any, columns: Any) -> Any:
    """Return rows * columns floats from a memory address on as a matrix [rows, columns]."""
    kind = types.Array(types.float32, 2, "C")

    def write(context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        item = context.get_data_type(kind.dtype)
        size = context.get_constant(types.intp, context.get_abi_sizeof(item))
        view = make_array(kind)(context, builder)
        populate_array(
            view,
            data=builder.inttoptr(args[0], item.as_pointer()),
            shape=[args[1], args[2]],
            strides=[builder.mul(size, args[2]), size],
            itemsize=size,
            meminfo=None,
        )
        return view._getvalue()

    return kind(types.intp, types.intp, types.intp), write


@intrinsic
def lent(_context: Any, array: Any) -> Any:
    """Return the array without its owner: handing it on counts no references."""

    def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        view = make_array(sig.args[0])(context, builder, args[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        return view._getvalue()

    return array(array), write
