"""The transform itself, on a mini-batch of four rows and one unit.

By hand: z is 2, 4, 4 and 10. Its mean is 20 / 4 = 5, and it is -3, -1, -1 and 5 away from it. The
variance is (9 + 1 + 1 + 25) / 4 = 9, the deviation 3. So z_norm is -1, -1/3, -1/3 and 5/3; with
gamma 2 and beta 1, z_tilde = 2 z_norm + 1 is -1, 1/3, 1/3 and 13/3.

The same is computed by the readable reference, and by the compiled engine while it trains. Epsilon,
0.00001 in both, is all that stands between them and the numbers above.

To change: Z, GAMMA and BETA; whatever z is, z_norm has mean 0 and variance 1.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from tunesmith.engine.network import Network
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.reference import batch_norm
from tunesmith.engine.train import Training
from tunesmith.lessons.figures import STYLES
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Z: Final = (2.0, 4.0, 4.0, 10.0)
"""Before the activation, one unit, four rows."""
GAMMA: Final = 2.0
BETA: Final = 1.0
EPSILON: Final = 1e-5
CLOSE: Final = 1e-4
"""How far epsilon and float32 may move a result."""


def measure(_setting: Setting) -> Findings:
    """Transform the batch by both, and compare."""
    z = np.array(Z)[:, None]
    z_tilde, z_norm, mean, variance = batch_norm(z, np.array([GAMMA]), np.array([BETA]), EPSILON)
    compiled_mean, compiled_variance = by_the_engine()
    apart = max(abs(compiled_mean - mean[0]), abs(compiled_variance - variance[0]))
    centred = abs(float(z_norm.mean())) < CLOSE and abs(float(z_norm.var()) - 1) < CLOSE
    return Findings(
        numbers=(
            Number(name="mean", value=float(mean[0])),
            Number(name="variance", value=float(variance[0])),
            *_each("z_norm", z_norm[:, 0]),
            *_each("z_tilde", z_tilde[:, 0]),
            Number(name="mean of z_norm", value=round(float(z_norm.mean()), 9)),
            Number(name="variance of z_norm", value=float(z_norm.var())),
            Number(name="compiled engine, largest difference", value=float(apart)),
        ),
        verdict=verdict(centred and apart < CLOSE),
        sentence=f"z_norm has mean {figures(round(float(z_norm.mean()), 9))} and variance "
        f"{figures(float(z_norm.var()))}; the compiled engine finds the same mean and variance to "
        f"within {figures(float(apart))}.",
        conditions=f"one unit, {len(Z)} rows, gamma {GAMMA:g}, beta {BETA:g}, epsilon {EPSILON:g}; "
        "nothing is random",
        series={"z": z[:, 0], "z_norm": z_norm[:, 0], "z_tilde": z_tilde[:, 0]},
    )


def _each(name: str, values: np.ndarray) -> tuple[Number, ...]:
    return tuple(Number(name=f"{name}, row {n}", value=float(v)) for n, v in enumerate(values, 1))


def by_the_engine() -> tuple[float, float]:
    """Return the batch's mean and variance as the compiled engine takes them in its first step."""
    x = np.array(Z, dtype=np.float32)[:, None]
    network = Network(inputs=1, hidden=(1,), outputs=2, bn_epsilon=EPSILON)
    training = Training(network, Recipe(batch_size=len(Z)), x, np.array([0, 0, 0, 1]), seed=0)
    training.weights[0] = 1.0  # W, so that z is x
    training.train_epoch()
    mean, variance = training.statistics()
    return float(mean[0]), float(variance[0])


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw where each row lies, before and after."""
    axes = figure.subplots()
    for style, (name, values) in zip(STYLES, findings.series.items(), strict=False):
        marks = style | {"linestyle": "none", "markersize": 9}
        axes.plot(values, [name] * len(values), alpha=0.7, **marks)
        axes.errorbar(values.mean(), [name], xerr=values.std(), color="#777777", capsize=5)
    axes.invert_yaxis()
    axes.margins(y=0.3)
    axes.set_xlabel("value in each of the four rows; the bars show mean and deviation")
    axes.set_title(
        "z_norm has mean 0 and deviation 1; gamma and beta set another mean and deviation"
    )
