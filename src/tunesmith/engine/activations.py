"""The non-linearities, compiled: same names as in reference.py, a whole array at a time.

Forward reads y and writes the output; the two may be the same array. Backward turns da into dy in
place; it needs what forward gave, or what it was given, as `ACTIVATIONS` in reference.py says.
NaN stays NaN.
"""

import math

from tunesmith.engine.compiled import LANES, compiled
from tunesmith.engine.vectors import exp, fma, larger, load, smaller, splat, store, where_positive

LEAK = 0.01
"""Slope of leaky_relu below 0 (Maas et al. 2013)."""

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""With these, selu keeps mean 0 and variance 1 (Klambauer et al. 2017)."""

MISH_TOP = 20.0
"""Above it mish is its input to float32 precision, and exp must not overflow."""

ROOT_HALF = math.sqrt(0.5)
NORMAL = 1 / math.sqrt(2 * math.pi)


@compiled
def logistic(y):
    """Return 1 / (1 + exp(-y)) of a register."""
    one = splat(1.0)
    return one / (one + exp(splat(0.0) - y))


@compiled
def normal_share(y):
    """Return the normal distribution's share below y, to 1e-7.

    By erf's approximation 7.1.26 in Abramowitz and Stegun 1964.
    """
    one, zero = splat(1.0), splat(0.0)
    x = larger(y, zero - y) * splat(ROOT_HALF)
    t = one / fma(splat(0.3275911), x, one)
    p = fma(splat(1.061405429), t, splat(-1.453152027))
    p = fma(p, t, splat(1.421413741))
    p = fma(p, t, splat(-0.284496736))
    p = fma(p, t, splat(0.254829592))
    tail = p * t * exp(zero - x * x) * splat(0.5)
    return where_positive(y, one - tail, tail)


@compiled
def soft_gate(y):
    """Return tanh(log(1 + e^y)) of a register, without its overflow."""
    e = exp(smaller(y, splat(MISH_TOP)))
    n = e * (e + splat(2.0))
    return n / (n + splat(2.0))


@compiled
def sigmoid(y, a):
    """a = 1 / (1 + exp(-y))."""
    for j in range(0, y.size, LANES):
        store(a, j, y.size - j, logistic(load(y, j, y.size - j)))


@compiled
def sigmoid_backward(da, a):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, a.size, LANES):
        out = load(a, j, a.size - j)
        store(da, j, a.size - j, load(da, j, a.size - j) * out * (one - out))


@compiled
def tanh(y, a):
    """a = tanh(y) = 1 - 2 / (exp(2 y) + 1)."""
    one, two = splat(1.0), splat(2.0)
    for j in range(0, y.size, LANES):
        store(a, j, y.size - j, one - two / (exp(two * load(y, j, y.size - j)) + one))


@compiled
def tanh_backward(da, a):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, a.size, LANES):
        out = load(a, j, a.size - j)
        store(da, j, a.size - j, load(da, j, a.size - j) * (one - out * out))


@compiled
def relu(y, a):
    """a = max(y, 0)."""
    zero = splat(0.0)
    for j in range(0, y.size, LANES):
        store(a, j, y.size - j, larger(load(y, j, y.size - j), zero))


@compiled
def relu_backward(da, a):
    """da becomes dy."""
    zero = splat(0.0)
    for j in range(0, a.size, LANES):
        slope = load(da, j, a.size - j)
        # times 0, not 0: a slope that is not a number is not hidden where the unit is off
        store(da, j, a.size - j, where_positive(load(a, j, a.size - j), slope, slope * zero))


@compiled
def leaky_relu(y, a):
    """a = y above 0, LEAK y below."""
    leak = splat(LEAK)
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        store(a, j, y.size - j, where_positive(v, v, v * leak))


@compiled
def leaky_relu_backward(da, a):
    """da becomes dy."""
    leak = splat(LEAK)
    for j in range(0, a.size, LANES):
        slope = load(da, j, a.size - j)
        store(da, j, a.size - j, where_positive(load(a, j, a.size - j), slope, slope * leak))


@compiled
def elu(y, a):
    """a = y above 0, exp(y) - 1 below."""
    one = splat(1.0)
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        store(a, j, y.size - j, where_positive(v, v, exp(v) - one))


@compiled
def elu_backward(da, a):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, a.size, LANES):
        slope, out = load(da, j, a.size - j), load(a, j, a.size - j)
        store(da, j, a.size - j, slope * where_positive(out, one, out + one))


@compiled
def selu(y, a):
    """a = SELU_SCALE y above 0, SELU_SCALE SELU_ALPHA (exp(y) - 1) below."""
    one, scale, alpha = splat(1.0), splat(SELU_SCALE), splat(SELU_SCALE * SELU_ALPHA)
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        store(a, j, y.size - j, where_positive(v, v * scale, (exp(v) - one) * alpha))


@compiled
def selu_backward(da, a):
    """da becomes dy."""
    scale, alpha = splat(SELU_SCALE), splat(SELU_SCALE * SELU_ALPHA)
    for j in range(0, a.size, LANES):
        slope, out = load(da, j, a.size - j), load(a, j, a.size - j)
        store(da, j, a.size - j, slope * where_positive(out, scale, out + alpha))


@compiled
def silu(y, a):
    """a = y / (1 + exp(-y))."""
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        store(a, j, y.size - j, v * logistic(v))


@compiled
def silu_backward(da, y):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        share = logistic(v)
        slope = share * fma(v, one - share, one)
        store(da, j, y.size - j, load(da, j, y.size - j) * slope)


@compiled
def gelu(y, a):
    """a = y times the normal distribution's share below y."""
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        store(a, j, y.size - j, v * normal_share(v))


@compiled
def gelu_backward(da, y):
    """da becomes dy."""
    density, half = splat(NORMAL), splat(-0.5)
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        slope = fma(v * density, exp(v * v * half), normal_share(v))
        store(da, j, y.size - j, load(da, j, y.size - j) * slope)


@compiled
def mish(y, a):
    """a = y tanh(log(1 + exp(y)))."""
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        store(a, j, y.size - j, v * soft_gate(v))


@compiled
def mish_backward(da, y):
    """da becomes dy."""
    one = splat(1.0)
    for j in range(0, y.size, LANES):
        v = load(y, j, y.size - j)
        gate = soft_gate(v)
        slope = fma(v * (one - gate * gate), logistic(v), gate)
        store(da, j, y.size - j, load(da, j, y.size - j) * slope)
