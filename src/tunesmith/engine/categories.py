"""Categories at the input: a row of weights for each value, gathered, not multiplied.

The sum of the gathered rows is exactly what the product of one-hot columns with those rows would
be, and a batch costs the same however many values a category has. The optimizer keeps that: it
moves a row only in batches that meet it, and counts the row's steps apart (as PyTorch's
SparseAdam does, but for that count). Under sgd without momentum this too equals one-hot columns;
the other rules would go on moving rows whose gradient is 0.
"""

from tunesmith.engine.compiled import LANES, compiled
from tunesmith.engine.vectors import load, splat, store
from tunesmith.engine.views import part


@compiled
def add_rows(x, first, table, z):
    """Z += the rows of each category's slot; x [B, D + C], first [C], table flat, z [B, H]."""
    rows, units = z.shape
    numbers = x.shape[1] - first.size
    for i in range(rows):
        for c in range(first.size):
            at = (first[c] + int(x[i, numbers + c])) * units
            for j in range(0, units, LANES):
                n = units - j
                store(z, i * units + j, n, load(z, i * units + j, n) + load(table, at + j, n))


@compiled
def add_rows_backward(dz, x, categories, slopes):
    """Write the slopes of the rows met to `slopes`, flat, 0 elsewhere; note the rows in `met`."""
    rows, units = dz.shape
    first, met, listed = categories.first, categories.met, categories.listed
    numbers = x.shape[1] - first.size
    forget(met, slopes, units)
    for i in range(rows):
        for c in range(first.size):
            row = first[c] + int(x[i, numbers + c])
            if listed[row] == 0:
                listed[row] = 1
                met[0] += 1
                met[met[0]] = row
            at = row * units
            for j in range(0, units, LANES):
                n = units - j
                store(slopes, at + j, n, load(slopes, at + j, n) + load(dz, i * units + j, n))
    for n in range(1, met[0] + 1):
        listed[met[n]] = 0


@compiled
def forget(met, slopes, units):
    """Set the slopes of the rows in `met` to 0 and empty it."""
    for n in range(1, met[0] + 1):
        row = part(slopes, met[n] * units, units)
        for j in range(0, units, LANES):
            store(row, j, units - j, splat(0.0))
    met[0] = 0
