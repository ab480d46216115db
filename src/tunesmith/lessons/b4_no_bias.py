"""A bias before batch norm does nothing, and never learns.

The mean that is subtracted contains the bias, whatever it is; so its gradient is 0. By hand, with
the batch of B2 (z_norm is -1, -1/3, -1/3 and 5/3, deviation 3, gamma 2): let the loss rise by
z_tilde of the first row alone, so that its slopes are 1, 0, 0 and 0. The slope by z is gamma /
deviation times what is left of them, less their mean 1/4, and less z_norm times the mean of slope
times z_norm, which is -1/4: 1/3, -2/9, -2/9 and 1/9. Their sum, the gradient of the bias, is 0.

Then a trained network gets biases drawn at random before its normalised layer, and its outputs on a
batch are compared.

To change: SIZE, how large the biases are.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from tunesmith import rng
from tunesmith.engine.reference import Array, add_bias_backward, batch_norm, batch_norm_backward
from tunesmith.lessons.b2_transform import BETA, EPSILON, GAMMA, Z
from tunesmith.lessons.data import images
from tunesmith.lessons.glass import forward, parts
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, trained, with_momentum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SLOPES: Final = (1.0, 0.0, 0.0, 0.0)
"""Of the loss, by z_tilde in each row."""
SIZE: Final = 10.0
"""The deviation of the biases that are added."""
UNITS: Final = 32
EPOCHS: Final = 5
CLOSE: Final = 1e-6


def measure(setting: Setting) -> Findings:
    """Take the gradient of the bias, then add one."""
    z, gamma, beta = np.array(Z)[:, None], np.array([GAMMA]), np.array([BETA])
    _, z_norm, _, variance = batch_norm(z, gamma, beta, EPSILON)
    dz, _, _ = batch_norm_backward(np.array(SLOPES)[:, None], z_norm, gamma, variance, EPSILON)
    slope = float(add_bias_backward(dz)[0])
    plain, biased, without = outputs(setting)
    moved, unnormalised = float(np.abs(biased - plain).max()), float(np.abs(without - plain).max())
    return Findings(
        numbers=(
            *(
                Number(name=f"slope by z, row {n}", value=float(v))
                for n, v in enumerate(dz[:, 0], 1)
            ),
            Number(name="gradient of the bias", value=round(slope, 12)),
            Number(name="outputs move with biases before batch norm", value=moved),
            Number(name="outputs move with the same added after it", value=unnormalised),
        ),
        verdict=verdict(abs(slope) < CLOSE and moved < CLOSE),
        sentence=f"The gradient of the bias is {figures(round(slope, 12))}, and biases of "
        f"deviation {SIZE:g} move no output by more than {figures(moved)} (added after batch norm: "
        f"{figures(unnormalised)}).",
        conditions=f"{images(setting).name}; {UNITS} relu units, {EPOCHS} epochs, in float64; the "
        "largest difference over a batch of 64 rows",
        series={"plain": plain, "biased": biased, "after": without},
    )


def outputs(setting: Setting) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outputs [64, K] as trained, with biases before batch norm, and with them after it."""
    table = images(setting)
    network = dense(table, (UNITS,))
    recipe = with_momentum(0.1, batch_size=64)
    weights = trained(network, recipe, table.train, EPOCHS, seed=setting.seed).weights
    x, bias = table.valid.x[:64], SIZE * rng.stream(setting.seed, "bias").normal(size=UNITS)
    inside = parts(network, weights.astype(np.float64))
    plain = forward(network, inside, x)[-1].y

    def with_bias(values: Array, layer: int) -> Array:
        return values + bias if layer == 0 else values

    before = forward(network, inside, x, change_z=with_bias)[-1].y
    after = forward(network, inside, x, change_y=with_bias)[-1].y
    return plain, before, after


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the outputs with biases against those without."""
    plain = findings.series["plain"].ravel()
    for axes, name, title in zip(
        figure.subplots(1, 2),
        ("biased", "after"),
        ("biases before batch norm: nothing changes", "the same biases after it: all changes"),
        strict=True,
    ):
        axes.axline((0, 0), slope=1, color="#999999", linestyle="--")
        axes.plot(plain, findings.series[name].ravel(), ".", color="#1b6ca8", markersize=3)
        axes.set_xlabel("outputs as trained")
        axes.set_ylabel("outputs with biases")
        axes.set_title(title)
