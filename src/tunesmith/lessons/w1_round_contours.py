"""Logistic regression on two inputs, one ten times as spread as the other.

The loss of a logistic regression is a bowl over its weights. How much longer than wide the bowl is,
is told by its Hessian: the condition number is the largest curvature over the smallest, 1 for a
round bowl. Gradient descent may step no further than the steepest direction allows, so that a long
bowl takes many steps along its floor.

Tables are generated, from a logistic model with known weights; each is learned twice by gradient
descent over all rows: as it is, and with mean 0 and deviation 1 in each input. The learning rate is
1 over the largest curvature there is anywhere, so that each run takes the largest step that is
safe. Counted are the steps until the loss is within 0.1 % of the least there is.

To change: DEVIATIONS, how unequal the inputs are; MEANS, since a mean far from 0 makes the bowl
long as well.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.network import Loss, Network
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.reference import logistic, sigmoid
from tunesmith.engine.train import Training
from tunesmith.lessons.data import normaliser
from tunesmith.lessons.intervals import above, mean_of, times_of
from tunesmith.lessons.lesson import Findings, Setting, figures, verdict
from tunesmith.lessons.networks import side_by_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

ROWS: Final = 300
MEANS: Final = (4.0, 0.5)
DEVIATIONS: Final = (5.0, 0.5)
"""Of the two inputs."""
SLOPES: Final = (0.3, 2.0)
"""What the generated labels depend on."""
CLOSE: Final = 1.001
"""A loss up to so many times the least there is counts as reached."""
TABLES, QUICK_TABLES = 20, 5
MOST_STEPS: Final = 50_000


class Descent(NamedTuple):
    """A table learned by gradient descent."""

    condition: float
    """The largest curvature at the bottom of the bowl over the smallest."""
    steps: int
    rate: float
    """The learning rate: 1 over the largest curvature anywhere."""
    bottom: Array
    """[3]: two weights and the bias with the least loss."""
    path: Array
    """[steps + 1, 3]: where each step led."""


def measure(setting: Setting) -> Findings:
    """Learn every table as it is and normalised."""
    tables = [generated(setting.seed, n) for n in range(setting.of(TABLES, QUICK_TABLES))]
    both = [xy for x, y in tables for xy in ((x, y), (normalised(x), y))]
    runs = side_by_side(lambda xy: descend(*xy), both, setting)
    plain, normal = runs[::2], runs[1::2]
    conditions, steps = (
        np.array([[getattr(run, name) for run in arm] for arm in (plain, normal)], dtype=np.float64)
        for name in ("condition", "steps")
    )
    numbers = (
        mean_of("condition number as given", conditions[0]),
        mean_of("condition number normalised", conditions[1]),
        mean_of("steps as given", steps[0]),
        mean_of("steps normalised", steps[1]),
        times_of("steps saved", np.log(steps[0] / steps[1])),
        mean_of("learning rate as given", [run.rate for run in plain]),
        mean_of("learning rate normalised", [run.rate for run in normal]),
    )
    fewer = above(numbers[4], 1) and numbers[1].value < numbers[0].value
    x, y = tables[0]
    return Findings(
        numbers=numbers,
        verdict=verdict(fewer),
        sentence=f"Normalising takes the condition number from {figures(numbers[0].value)} to "
        f"{figures(numbers[1].value)}, and gradient descent takes {figures(numbers[4].value)} "
        f"times {'fewer' if fewer else 'as many'} steps.",
        conditions=f"{len(tables)} generated tables of {ROWS} rows; inputs of deviation "
        f"{DEVIATIONS[0]:g} and {DEVIATIONS[1]:g}, mean {MEANS[0]:g} and {MEANS[1]:g}; full "
        f"batch, learning rate 1 / largest curvature; intervals by bootstrap over tables",
        series={
            **_drawn("given", x, y, plain[0]),
            **_drawn("normalised", normalised(x), y, normal[0]),
        },
    )


def generated(seed: int, number: int) -> tuple[Array, Array]:
    """Return inputs x [N, 2] and labels y [N] of 0 and 1 from a logistic model."""
    chance = rng.stream(seed, "table", number)
    x = np.array(MEANS) + np.array(DEVIATIONS) * chance.normal(size=(ROWS, 2))
    share = sigmoid((x - MEANS) @ np.array(SLOPES))
    return x, (chance.random(ROWS) < share).astype(np.float64)


def normalised(x: Array) -> Array:
    """Return x [N, 2] with mean 0 and deviation 1 in each input."""
    return normaliser(x)(x).astype(np.float64)


def descend(x: Array, y: Array) -> Descent:
    """Learn y from x by gradient descent from 0 until the loss is close to the least."""
    bottom = least(x, y)
    curvatures = np.linalg.eigvalsh(hessian(bottom, x))
    rate = 1 / float(np.linalg.eigvalsh(hessian(np.zeros(3), x))[-1])  # steepest at 0
    goal, path = CLOSE * loss(bottom, x, y), [np.zeros(3)]
    network = Network(inputs=2, hidden=(), outputs=1, batch_norm=False)
    rule = Optimizer(rule=Rule.SGD, learning_rate=rate)
    recipe = Recipe(loss=Loss.LOGISTIC, optimizer=rule, batch_size=len(x))
    training = Training(network, recipe, x.astype(np.float32), y.astype(np.float32), seed=0)
    training.weights[:] = 0
    while training.train_epoch() > goal and len(path) < MOST_STEPS:  # an epoch is one step
        path.append(training.weights.astype(np.float64))
    return Descent(
        float(curvatures[-1] / curvatures[0]), len(path) - 1, rate, bottom, np.array(path)
    )


def least(x: Array, y: Array) -> Array:
    """Return the weights with the least loss, by Newton's method."""
    w, ones = np.zeros(3), np.ones(len(x))
    for _ in range(20):
        _, slope = logistic(_z(w, x)[:, None], y[:, None], ones)
        w = w - np.linalg.solve(hessian(w, x), _with_one(x).T @ slope[:, 0])
    return w


def loss(w: Array, x: Array, y: Array) -> float:
    """Return the mean logistic loss of weights [3]."""
    return logistic(_z(w, x)[:, None], y[:, None], np.ones(len(x)))[0]


def hessian(w: Array, x: Array) -> Array:
    """Return the curvatures [3, 3] of the loss at w: the mean of p (1 - p) x x'."""
    p, one = sigmoid(_z(w, x)), _with_one(x)
    return np.asarray((one * (p * (1 - p))[:, None]).T @ one / len(x))


def _with_one(x: Array) -> Array:
    return np.column_stack([x, np.ones(len(x))])


def _z(w: Array, x: Array) -> Array:
    return np.asarray(_with_one(x) @ w)


def _drawn(name: str, x: Array, y: Array, run: Descent) -> dict[str, Array]:
    """Return the loss over the two weights round the bottom, the bias being best, and the path."""
    reach = 1.3 * np.abs(run.path[:, :2] - run.bottom[:2]).max()
    first, second = (run.bottom[n] + reach * np.linspace(-1, 1, 60) for n in (0, 1))
    grid = np.array([[loss(np.array([a, b, run.bottom[2]]), x, y) for a in first] for b in second])
    return {
        f"{name} first": first,
        f"{name} second": second,
        f"{name} loss": grid,
        f"{name} path": run.path,
    }


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the loss over the two weights, and the way of gradient descent."""
    left, right = figure.subplots(1, 2)
    steps, conditions = ("steps as given", "steps normalised"), (0, 1)
    for axes, name, count, at in zip(
        (left, right), ("given", "normalised"), steps, conditions, strict=True
    ):
        _draw_one(axes, name, findings)
        axes.set_title(
            f"{'as given' if name == 'given' else name}: condition number "
            f"{figures(findings.numbers[at].value)},\n{figures(findings[count])} steps"
        )


def _draw_one(axes: "Axes", name: str, findings: Findings) -> None:
    series = findings.series
    loss_there = series[f"{name} loss"]
    levels = loss_there.min() + np.ptp(loss_there) * np.linspace(0, 1, 12)[1:] ** 2
    axes.contour(
        series[f"{name} first"],
        series[f"{name} second"],
        loss_there,
        levels=levels,
        colors="#999999",
        linewidths=0.8,
    )
    path = series[f"{name} path"]
    axes.plot(path[:, 0], path[:, 1], color="#d1495b", marker=".", markersize=3, linewidth=0.8)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_xlabel("weight of the first input")
    axes.set_ylabel("weight of the second input")
