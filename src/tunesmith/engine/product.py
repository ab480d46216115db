"""Products of small matrices, c = a b, with all partial sums in registers.

OpenBLAS copies its operands into panels before it multiplies, which pays for large matrices;
ours fit in the core's cache as they are. A tile of c, eight rows by two registers, is summed
over the whole depth without touching memory (as in Goto and van de Geijn 2008, without packing).
Rows of a are read one float at a time, so that a and its transpose cost the same: `row` and
`step` are the distances from one row, and from one place of the depth, to the next.
"""

from tunesmith.engine.compiled import LANES, compiled, inlined
from tunesmith.engine.vectors import broadcast, fma, load, splat, store, transpose

ROWS = 8
"""Rows of a tile: 8 x 2 sums, 2 rows of b and 1 float of a fit in 32 registers."""

PANEL = 2 * LANES
"""Columns of a tile."""


WIDE = 192
"""Columns of b from which on it is copied panel by panel."""

MANY = 48
"""Rows of c from which on the copy pays."""


@compiled
def store_pair(c, to, columns, left, right):
    """Write two registers side by side, `columns` floats in all."""
    store(c, to, columns, left)
    store(c, to + LANES, columns - LANES, right)


@inlined
def tile(a, at, row, step, b, start, b_row, c, to, c_row, depth, columns):
    """Eight rows of c, `columns` wide, from flat index `to` on."""
    rest = columns - LANES
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = splat(0.0)
    b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = splat(0.0)
    for _ in range(depth):
        u, v = load(b, start, columns), load(b, start + LANES, rest)
        x = broadcast(a, at)
        a0, b0 = fma(x, u, a0), fma(x, v, b0)
        x = broadcast(a, at + row)
        a1, b1 = fma(x, u, a1), fma(x, v, b1)
        x = broadcast(a, at + 2 * row)
        a2, b2 = fma(x, u, a2), fma(x, v, b2)
        x = broadcast(a, at + 3 * row)
        a3, b3 = fma(x, u, a3), fma(x, v, b3)
        x = broadcast(a, at + 4 * row)
        a4, b4 = fma(x, u, a4), fma(x, v, b4)
        x = broadcast(a, at + 5 * row)
        a5, b5 = fma(x, u, a5), fma(x, v, b5)
        x = broadcast(a, at + 6 * row)
        a6, b6 = fma(x, u, a6), fma(x, v, b6)
        x = broadcast(a, at + 7 * row)
        a7, b7 = fma(x, u, a7), fma(x, v, b7)
        at += step
        start += b_row
    store_pair(c, to, columns, a0, b0)
    to += c_row
    store_pair(c, to, columns, a1, b1)
    to += c_row
    store_pair(c, to, columns, a2, b2)
    to += c_row
    store_pair(c, to, columns, a3, b3)
    to += c_row
    store_pair(c, to, columns, a4, b4)
    to += c_row
    store_pair(c, to, columns, a5, b5)
    to += c_row
    store_pair(c, to, columns, a6, b6)
    to += c_row
    store_pair(c, to, columns, a7, b7)


@compiled
def narrow_tile(a, at, row, step, b, start, b_row, c, to, c_row, depth, columns):
    """Eight rows of c where one register holds the columns."""
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = splat(0.0)
    for _ in range(depth):
        u = load(b, start, columns)
        a0 = fma(broadcast(a, at), u, a0)
        a1 = fma(broadcast(a, at + row), u, a1)
        a2 = fma(broadcast(a, at + 2 * row), u, a2)
        a3 = fma(broadcast(a, at + 3 * row), u, a3)
        a4 = fma(broadcast(a, at + 4 * row), u, a4)
        a5 = fma(broadcast(a, at + 5 * row), u, a5)
        a6 = fma(broadcast(a, at + 6 * row), u, a6)
        a7 = fma(broadcast(a, at + 7 * row), u, a7)
        at += step
        start += b_row
    store(c, to, columns, a0)
    store(c, to + c_row, columns, a1)
    store(c, to + 2 * c_row, columns, a2)
    store(c, to + 3 * c_row, columns, a3)
    store(c, to + 4 * c_row, columns, a4)
    store(c, to + 5 * c_row, columns, a5)
    store(c, to + 6 * c_row, columns, a6)
    store(c, to + 7 * c_row, columns, a7)


@compiled
def line(a, at, step, b, start, b_row, c, to, depth, columns):
    """One row of c, `columns` wide."""
    left = right = splat(0.0)
    rest = columns - LANES
    for _ in range(depth):
        x = broadcast(a, at)
        left = fma(x, load(b, start, columns), left)
        right = fma(x, load(b, start + LANES, rest), right)
        at += step
        start += b_row
    store_pair(c, to, columns, left, right)


@compiled
def band(a, row, step, b, start, b_row, c, to, c_row, rows, depth, columns):
    """All rows of c, a tile's width of columns.

    The last tile reaches back over rows that are done already: the same sums once more cost less
    than a few rows one by one.
    """
    if rows < ROWS:
        for i in range(rows):
            line(a, i * row, step, b, start, b_row, c, to + i * c_row, depth, columns)
        return
    for n in range(0, rows, ROWS):
        i = min(n, rows - ROWS)
        if columns == PANEL:  # once more, with all loads whole
            tile(a, i * row, row, step, b, start, b_row, c, to + i * c_row, c_row, depth, PANEL)
        elif columns > LANES:
            tile(a, i * row, row, step, b, start, b_row, c, to + i * c_row, c_row, depth, columns)
        else:
            narrow_tile(
                a, i * row, row, step, b, start, b_row, c, to + i * c_row, c_row, depth, columns
            )


@compiled
def strips(width):
    """Return into how many strips of columns a product is cut."""
    return (width + PANEL - 1) // PANEL


@compiled
def product(a, row, step, b, c, panel, strip):
    """One strip of c = a b for b [depth, N], c [M, N]; a's entry (i, k) is a.flat[i row + k step].

    Where b's rows are far apart and serve many rows of a, they are copied to `panel` first, flat,
    of panel_size(depth) floats: otherwise each row of it costs a page.
    """
    depth, width = b.shape
    j = strip * PANEL
    columns = min(PANEL, width - j)
    if width >= WIDE and c.shape[0] >= MANY:
        for k in range(depth):
            store(panel, k * PANEL, columns, load(b, k * width + j, columns))
            rest = columns - LANES
            store(panel, k * PANEL + LANES, rest, load(b, k * width + j + LANES, rest))
        band(a, row, step, panel, 0, PANEL, c, j, width, c.shape[0], depth, columns)
    else:
        band(a, row, step, b, j, width, c, j, width, c.shape[0], depth, columns)


@compiled
def product_transposed(a, b, c, panel, strip):
    """One strip of c = a b^T for a [M, depth], b [N, depth], c [M, N].

    PANEL rows of b are turned into `panel`, flat, of panel_size(depth) floats, and then serve all
    rows of a.
    """
    rows, depth = a.shape
    width = b.shape[0]
    j = strip * PANEL
    columns = min(PANEL, width - j)
    for half in range(0, columns, LANES):
        for k in range(0, depth, LANES):
            start, lines = (j + half) * depth + k, width - j - half
            transpose(b, start, depth, lines, depth - k, panel, k * PANEL + half, PANEL)
    band(a, depth, 1, panel, 0, PANEL, c, j, width, rows, depth, columns)


def panel_size(depth: int) -> int:
    """Return the floats that product_transposed needs for its panel."""
    return -(-depth // LANES) * LANES * PANEL
