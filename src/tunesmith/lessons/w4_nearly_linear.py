"""A sigmoid between batch norm and what gamma and beta make of it.

Inputs with mean 0 and variance 1 meet the sigmoid where it is nearly a line. A layer of lines is a
line, and adds nothing to a network.

How nearly, is told by the share of the sigmoid's variance that the best line explains: 100 % for a
line. First on a normal distribution with mean 0 and variance 1, by numerical integration. Then in
networks of sigmoids on the images, unit by unit, on the values that each unit really sees: before
training, when gamma is 1 and beta 0, and after it, when they have been learned. Last, what the
learned gamma and beta do to a normal distribution, so that its shape plays no part.

To change: EPOCHS, since gamma and beta go on moving; HIDDEN.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Activation
from tunesmith.engine.reference import sigmoid
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.glass import Inside, forward, parts
from tunesmith.lessons.intervals import below, mean_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, score, side_by_side, trained, with_momentum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

HIDDEN: Final = (50, 50)
EPOCHS, QUICK_EPOCHS = 60, 15
RATE: Final = 0.3
TRAININGS, QUICK_TRAININGS = 20, 4
NEARLY: Final = 95.0
"""Percent that a line must explain to be called nearly all."""
NODES: Final = 100
"""Places at which a normal distribution is integrated."""


def measure(setting: Setting) -> Findings:
    """Ask how straight the sigmoid is: in theory, before training and after it."""
    table = images(setting)
    epochs = setting.of(EPOCHS, QUICK_EPOCHS)
    seeds = list(range(setting.of(TRAININGS, QUICK_TRAININGS)))
    runs = side_by_side(lambda n: shares(table, epochs, setting.seed, n), seeds, setting)
    shown = np.array([run[0] for run in runs])  # [trainings, 3, units]
    numbers = (
        Number(name="on N(0, 1)", value=100 * on_normal(1.0, 0.0), unit="%"),
        mean_of("real units, before training", shown[:, 0].mean(axis=1), "%"),
        mean_of("real units, after training", shown[:, 1].mean(axis=1), "%"),
        mean_of("the straightest unit, after training", shown[:, 1].max(axis=1), "%"),
        mean_of("the most bent unit, after training", shown[:, 1].min(axis=1), "%"),
        mean_of("N(beta, gamma^2) of each unit", shown[:, 2].mean(axis=1), "%"),
        mean_of("gamma after training, mean size", [run[1] for run in runs]),
        mean_of("beta after training, mean size", [run[2] for run in runs]),
        mean_of("accuracy", [100 * run[3] for run in runs], "%"),
    )
    linear = numbers[0].value > NEARLY and numbers[1].value > NEARLY
    bent = below(numbers[2], numbers[1].value)
    return Findings(
        numbers=numbers,
        verdict=verdict(linear, bent),
        sentence=f"A line explains {figures(numbers[0].value)} % of a sigmoid on N(0, 1), and "
        f"{figures(numbers[1].value)} % on the values of real units; once gamma and beta are "
        f"learned {figures(numbers[2].value)} %, and {figures(numbers[4].value)} % in the most "
        "bent unit.",
        conditions=f"{table.name}; layers of {' and '.join(map(str, HIDDEN))} sigmoid units with "
        f"batch norm, momentum with learning rate {RATE}, batches of 32, {len(seeds)} trainings "
        f"of {epochs} epochs; intervals by bootstrap over trainings",
        series={"before": shown[:, 0].ravel(), "after": shown[:, 1].ravel()},
    )


def shares(table: Table, epochs: int, seed: int, number: int) -> tuple[Array, float, float, float]:
    """Train; return the percents [3, units], the mean sizes of gamma and beta, the accuracy."""
    network = dense(table, HIDDEN, activation=Activation.SIGMOID)
    both = []
    for length in (0, epochs):
        training = trained(network, with_momentum(RATE), table.train, length, number, seed=seed)
        layers = parts(network, training.weights.astype(np.float64))
        hidden = forward(network, layers, table.train.x.astype(np.float64))[:-1]
        both.append(np.concatenate([explained(layer) for layer in hidden]))
    gammas, betas = (
        np.concatenate([getattr(layer, name) for layer in layers[:-1]])
        for name in ("gamma", "beta")
    )
    normal = [on_normal(g, b) for g, b in zip(gammas, betas, strict=True)]
    right = score(training, table.test).accuracy
    sizes = (float(np.abs(gammas).mean()), float(np.abs(betas).mean()))
    return 100 * np.array([*both, normal]), *sizes, right


def explained(layer: Inside) -> Array:
    """Return the share of each unit's variance [H] that a line in its input explains."""
    y, a = layer.y, sigmoid(layer.y)
    y, a = y - y.mean(axis=0), a - a.mean(axis=0)
    together = (y * a).mean(axis=0) ** 2
    return np.asarray(together / ((y * y).mean(axis=0) * (a * a).mean(axis=0) + 1e-30))


def on_normal(gamma: float, beta: float) -> float:
    """Return the same share where the input is normal, with deviation gamma and mean beta."""
    x, weight = np.polynomial.hermite_e.hermegauss(NODES)
    weight = weight / weight.sum()
    a = sigmoid(gamma * x + beta)
    a = a - weight @ a
    return float((weight @ (x * a)) ** 2 / (weight @ (a * a) + 1e-30))


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the sigmoid with its line, and the shares of all units."""
    left, right = figure.subplots(1, 2)
    x = np.linspace(-4, 4, 200)
    left.fill_between(
        x, np.exp(-x * x / 2), color="#dddddd", label="N(0, 1), not to scale", linewidth=0
    )
    left.plot(x, sigmoid(x), color="#1b6ca8", label="sigmoid")
    left.plot(x, 0.5 + best_slope() * x, color="#d1495b", linestyle="--", label="best line")
    left.set_ylim(0, 1)
    left.set_xlabel("input of the sigmoid")
    left.set_title(f"on N(0, 1) a line explains {findings['on N(0, 1)']:.1f} %")
    left.legend(loc="upper left")
    lowest = min(findings.series["before"].min(), findings.series["after"].min())
    bins = np.linspace(lowest, 100, 30)
    looks = {"before": {"color": "#bbbbbb"}, "after": {"color": "#1b6ca8", "histtype": "step"}}
    for name, look in looks.items():
        values = findings.series[name]
        share = np.full(len(values), 100 / len(values))
        right.hist(values, bins, weights=share, label=f"{name} training", linewidth=1.8, **look)
    right.set_xlabel("variance of a unit explained by a line (%)")
    right.set_ylabel("units (%)")
    right.set_title(f"learned gamma and beta: {findings['real units, after training']:.1f} %")
    right.legend(loc="upper left")


def best_slope() -> float:
    """Return the slope of the best line on N(0, 1)."""
    x, weight = np.polynomial.hermite_e.hermegauss(NODES)
    return float(weight @ (x * sigmoid(x)) / weight.sum())
