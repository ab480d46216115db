"""The functions of reference.py, compiled: same names, same letters, results written in place.

Buffers are passed in and nothing is allocated. Where sums run down the columns, a strip of LANES
columns is taken at a time, its sums in registers; see vectors.py.
"""

import numpy as np

from tunesmith.engine.compiled import LANES, compiled
from tunesmith.engine.team import multiply, multiply_transposed
from tunesmith.engine.vectors import (
    fma,
    inverse,
    inverse_root,
    larger,
    load,
    root,
    splat,
    store,
    where_positive,
)

ONE = np.intp(1)
"""Not 1 itself, for which numba would compile a product apart."""


@compiled
def gather(x, chosen, batch):
    """Copy the chosen rows of x into the batch."""
    width = x.shape[1]
    for i in range(chosen.shape[0]):
        start = chosen[i] * width
        for j in range(0, width, LANES):
            store(batch, i * width + j, width - j, load(x, start + j, width - j))


@compiled
def linear(a, w, z, panel, team):
    """z = a W; `panel` is room to work in, see panel_size; `team` see make_team."""
    multiply(a, a.shape[1], ONE, w, z, panel, team)


@compiled
def linear_backward_input(dz, w, da, panel, team):
    """da = dz W^T."""
    multiply_transposed(dz, w, da, panel, team)


@compiled
def linear_backward_weight(dz, a, dw, panel, team):
    """dw = a^T dz."""
    multiply(a, ONE, a.shape[1], dz, dw, panel, team)


@compiled
def add_bias(z, bias):
    """z += bias."""
    rows, units = z.shape
    for j in range(0, units, LANES):
        n = units - j
        shift = load(bias, j, n)
        for i in range(rows):
            store(z, i * units + j, n, load(z, i * units + j, n) + shift)


@compiled
def add_bias_backward(dz, dbias):
    """dbias = the columns' sums."""
    rows, units = dz.shape
    for j in range(0, units, LANES):
        total = splat(0.0)
        for i in range(rows):
            total += load(dz, i * units + j, units - j)
        store(dbias, j, units - j, total)


@compiled
def batch_norm(z, gamma, beta, epsilon, floor, x_hat, y, mean, variance, rstd):
    """x_hat, y, mean, variance and rstd = 1 / sqrt(variance + epsilon) are written.

    x_hat may be z itself. y is held at `floor` or above: 0 applies relu in the same pass, -inf
    nothing.
    """
    rows, units = z.shape
    share, lowest = splat(1 / rows), splat(floor)
    for j in range(0, units, LANES):
        n = units - j
        total = splat(0.0)
        for i in range(rows):
            total += load(z, i * units + j, n)
        middle = total * share
        # a second pass: the mean of squares minus the squared mean can fall below 0
        total = splat(0.0)
        for i in range(rows):
            distance = load(z, i * units + j, n) - middle
            total = fma(distance, distance, total)
        spread = total * share
        scale = splat(1.0) / root(spread + splat(epsilon))
        store(mean, j, n, middle)
        store(variance, j, n, spread)
        store(rstd, j, n, scale)
        g, b = load(gamma, j, n), load(beta, j, n)
        for i in range(rows):
            x = (load(z, i * units + j, n) - middle) * scale
            store(x_hat, i * units + j, n, x)
            store(y, i * units + j, n, larger(fma(g, x, b), lowest))


@compiled
def batch_norm_backward(dy, x_hat, gamma, beta, rstd, floor, dgamma, dbeta):
    """dy becomes dz; dgamma and dbeta are written. Where y was held at `floor`, dy counts as 0."""
    rows, units = dy.shape
    share, lowest, zero = splat(1 / rows), splat(floor), splat(0.0)
    for j in range(0, units, LANES):
        n = units - j
        g, b = load(gamma, j, n), load(beta, j, n) - lowest
        dg = db = zero
        for i in range(rows):
            x = load(x_hat, i * units + j, n)
            slope = load(dy, i * units + j, n)
            # times 0, not 0: a slope that is not a number is not hidden where the unit is off
            slope = where_positive(fma(g, x, b), slope, slope * zero)
            store(dy, i * units + j, n, slope)
            dg = fma(slope, x, dg)
            db += slope
        store(dgamma, j, n, dg)
        store(dbeta, j, n, db)
        dg *= share
        db *= share
        scale = g * load(rstd, j, n)
        for i in range(rows):
            dz = load(dy, i * units + j, n) - fma(load(x_hat, i * units + j, n), dg, db)
            store(dy, i * units + j, n, dz * scale)


@compiled
def running_average(old, new, decay):
    """old = decay * old + (1 - decay) * new."""
    take = np.float32(1 - decay)
    for j in range(old.shape[0]):
        old[j] += take * (new[j] - old[j])  # keep + take need not be 1 in float32


@compiled
def sgd(w, g, learning_rate):
    """w -= alpha g."""
    alpha = np.float32(learning_rate)
    for j in range(w.shape[0]):
        w[j] -= alpha * g[j]


LEAST = 1e-37
"""Numbers below it count as 0: close to it, processors take a hundred times longer.

The averages of a unit that is never on, and so has no gradient, fade through that range.
"""


@compiled
def held(v):
    """Return v, or 0 where it is next to nothing."""
    return v if abs(v) > np.float32(LEAST) else v * np.float32(0)


@compiled
def faded(v):
    """Return v, a register, with 0 where it is next to nothing."""
    zero = splat(0.0)
    return where_positive(larger(v, zero - v) - splat(LEAST), v, zero)


@compiled
def momentum(w, g, v, learning_rate, beta):
    """v = beta v + (1 - beta) g; w -= alpha v."""
    alpha, keep, take = np.float32(learning_rate), np.float32(beta), np.float32(1 - beta)
    for j in range(w.shape[0]):
        v[j] = held(keep * v[j] + take * g[j])
        w[j] -= alpha * v[j]


@compiled
def nesterov(w, g, v, learning_rate, beta):
    """v = beta v + (1 - beta) g; w -= alpha (beta v + (1 - beta) g)."""
    alpha, keep, take = np.float32(learning_rate), np.float32(beta), np.float32(1 - beta)
    for j in range(w.shape[0]):
        fresh = take * g[j]
        v[j] = held(keep * v[j] + fresh)
        w[j] -= alpha * (keep * v[j] + fresh)


@compiled
def rmsprop(w, g, s, learning_rate, beta2, epsilon):
    """s = beta2 s + (1 - beta2) g^2; w -= alpha g / (sqrt(s) + epsilon)."""
    alpha, keep, take = np.float32(learning_rate), np.float32(beta2), np.float32(1 - beta2)
    small = np.float32(epsilon)
    for j in range(w.shape[0]):
        s[j] = held(keep * s[j] + take * g[j] * g[j])
        w[j] -= alpha * g[j] / (np.sqrt(s[j]) + small)


@compiled
def adam(w, g, v, s, step, learning_rate, beta1, beta2, epsilon):
    """One step of Adam; `step` counts from 1. The corrections go into alpha and epsilon."""
    keep1, take1 = splat(beta1), splat(1 - beta1)
    keep2, take2 = splat(beta2), splat(1 - beta2)
    correction = np.sqrt(1 - beta2**step)
    alpha = splat(-learning_rate * correction / (1 - beta1**step))
    small, least, zero = splat(epsilon * correction), splat(LEAST), splat(0.0)
    for j in range(0, w.size, LANES):
        n = w.size - j
        slope = load(g, j, n)
        mean = faded(fma(keep1, load(v, j, n), take1 * slope))
        square = fma(keep2, load(s, j, n), take2 * slope * slope)
        square = where_positive(square - least, square, zero)
        store(v, j, n, mean)
        store(s, j, n, square)
        # no root and no division, which take longer than all the rest
        root_of_square = square * inverse_root(larger(square, least))
        change = alpha * mean * inverse(root_of_square + small)
        store(w, j, n, load(w, j, n) + change)


@compiled
def decayed(w, learning_rate, weight_decay):
    """w -= alpha lambda w."""
    keep = np.float32(1 - learning_rate * weight_decay)
    for j in range(w.shape[0]):
        w[j] *= keep


@compiled
def squares(g):
    """Return the sum of squares, in float64: those of large slopes are no float32."""
    a = b = c = d = 0.0  # four sums: an addition need not wait for the one before
    whole = g.size - g.size % 4
    for j in range(0, whole, 4):
        a += np.float64(g[j]) * np.float64(g[j])
        b += np.float64(g[j + 1]) * np.float64(g[j + 1])
        c += np.float64(g[j + 2]) * np.float64(g[j + 2])
        d += np.float64(g[j + 3]) * np.float64(g[j + 3])
    for j in range(whole, g.size):
        a += np.float64(g[j]) * np.float64(g[j])
    return (a + b) + (c + d)


@compiled
def scaled(g, scale):
    """g *= scale."""
    factor = splat(scale)
    for j in range(0, g.size, LANES):
        store(g, j, g.size - j, load(g, j, g.size - j) * factor)


@compiled
def shuffle(order, key, epoch):
    """Fill `order` with 0 .. N-1, shuffled: as `key` and `epoch` say, and nothing else.

    Fisher and Yates, each place drawn by SplitMix64 (Steele et al. 2014).
    """
    count = order.size
    for j in range(count):
        order[j] = j
    state = np.uint64(key) + np.uint64(epoch) * np.uint64(0xD1342543DE82EF95)
    for j in range(count - 1, 0, -1):
        state += np.uint64(0x9E3779B97F4A7C15)
        h = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(31)
        # the high 32 bits times the number of places: even to one part in 2^32 / N
        other = np.int64(((h >> np.uint64(32)) * np.uint64(j + 1)) >> np.uint64(32))
        order[j], order[other] = order[other], order[j]


@compiled
def copy(source, target):
    """target = source, whole arrays."""
    for j in range(0, source.size, LANES):
        store(target, j, source.size - j, load(source, j, source.size - j))


@compiled
def dropout(a, kept, out):
    """out = a * kept, where `kept` is 0 or what makes up for the zeros; backward is the same."""
    for j in range(0, a.size, LANES):
        n = a.size - j
        store(out, j, n, load(a, j, n) * load(kept, j, n))


@compiled
def draw_kept(kept, key, place, share):
    """Fill `kept` with 0 for about `share` of the entries and 1 / (1 - share) for the others.

    Entry j depends on key, place and j alone: the finaliser of MurmurHash3 (Appleby 2011).
    """
    limit, scale = np.uint32(share * 4294967296.0), np.float32(1 / (1 - share))
    start = np.uint32(key ^ (key >> 32)) + np.uint32(place) * np.uint32(0x85EBCA77)
    for j in range(kept.size):
        h = np.uint32(j) * np.uint32(0x9E3779B1) + start
        h = np.uint32((h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
        h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
        h = np.uint32(h ^ (h >> np.uint32(16)))
        kept[j // kept.shape[1], j % kept.shape[1]] = scale if h >= limit else np.float32(0)
