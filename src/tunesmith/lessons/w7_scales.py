"""Learning rate and momentum drawn on the right scale and on the wrong one.

Drawn linearly from [0.0001, 1], nine learning rates in ten lie between 0.1 and 1; on a log scale
each decade has a quarter of them. A momentum beta averages over about 1 / (1 - beta) gradients: 10
at 0.9, 1,000 at 0.999, so that it is drawn on the log scale of 1 - beta.

Each repeat is a random search with a few trials, four times over: learning rate linear or log,
momentum linear or log of one minus. All four use the same uniform numbers, so that nothing but the
scales differs. Every trial is a real network on the images, the best is chosen by validation rows
and judged on test rows. The whole is done with gradient descent with momentum, and with Adam, whose
momentum is beta1.

To change: TRIALS, since a search with many trials forgives a wrong scale; EPOCHS, since averages
over 1,000 gradients need thousands of steps to pay.
"""

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.recipe import Recipe
from tunesmith.lessons.data import Table, images
from tunesmith.lessons.figures import bars
from tunesmith.lessons.intervals import above, below, share_of, statistic_of, times_of
from tunesmith.lessons.lesson import Findings, Number, Setting, figures, verdict
from tunesmith.lessons.networks import dense, score, side_by_side, trained
from tunesmith.space.scales import LINEAR, LOG, LOG1M, Scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

RATES: Final = (1e-4, 1.0)
BETAS: Final = (0.9, 0.999)
RATE_SCALES: Final = (LINEAR, LOG)
BETA_SCALES: Final = (LINEAR, LOG1M)
RULES: Final = (Rule.MOMENTUM, Rule.ADAM)
TRIALS: Final = 8
"""Networks of one search."""
REPEATS, QUICK_REPEATS = 50, 6
EPOCHS, QUICK_EPOCHS = 20, 10
HIDDEN: Final = (32, 32)
DRAWS: Final = 10_000
"""For the shares of each decade."""


def measure(setting: Setting) -> Findings:
    """Search on all scales, with both optimizers, many times over."""
    table, repeats = images(setting), setting.of(REPEATS, QUICK_REPEATS)
    units = [rng.stream(setting.seed, "search", n).random((TRIALS, 2)) for n in range(repeats)]
    jobs = list(product(RULES, RATE_SCALES, BETA_SCALES, range(repeats)))
    epochs = setting.of(EPOCHS, QUICK_EPOCHS)

    def search(job: tuple[Rule, Scale, Scale, int]) -> tuple[float, float]:
        return best_found(table, *job[:3], units[job[3]], epochs, (setting.seed, job[3]))

    best = np.array(side_by_side(search, jobs, setting)).reshape(2, 2, 2, repeats, 2)
    found, averaged = best[..., 0], 1 / (1 - best[..., 1])
    gains = gain_numbers(found)
    where = statistic_of(
        "gradients averaged by the best, median", averaged[:, 1, 1].ravel(), _middle
    )
    borne = [above(gain, 1) for gain in gains]
    return Findings(
        numbers=(*average_numbers(), *shares(setting.seed), *loss_numbers(found), *gains, where),
        verdict=verdict(*borne),
        sentence=f"{told('A learning rate on LOG', gains[::2])}; "
        f"{told('a momentum on LOG1M', gains[1::2])}: the best average over "
        f"{figures(where.value)} gradients (median).",
        conditions=f"{table.name}; 2 layers of {HIDDEN[0]} relu units with batch norm, batches of "
        f"32, {epochs} epochs; {repeats} searches of {TRIALS} trials on each scale, the best by "
        "validation loss judged by its test loss; intervals by bootstrap over searches",
        series={"found": found},
    )


def best_found(
    table: Table,
    rule: Rule,
    rate_scale: Scale,
    beta_scale: Scale,
    units: Array,
    epochs: int,
    address: tuple[int, int],
) -> tuple[float, float]:
    """Return the test loss of the network that is best on validation rows, and its momentum.

    units [TRIALS, 2]: those of the learning rates and of the momenta.
    """
    scores = []
    for trial, (first, second) in enumerate(units):
        beta = beta_scale.value(float(second), *BETAS)
        optimizer = Optimizer(
            rule=rule,
            learning_rate=rate_scale.value(float(first), *RATES),
            momentum=beta,
            beta1=beta,
        )
        training = trained(
            dense(table, HIDDEN),
            Recipe(optimizer=optimizer, batch_size=32),
            table.train,
            epochs,
            "search",
            address[1],
            trial,
            seed=address[0],
        )
        scores.append((score(training, table.valid).loss, score(training, table.test).loss, beta))
    return min(scores)[1:]


def average_numbers() -> tuple[Number, ...]:
    """Return over how many values a beta averages, at the notes' four."""
    return tuple(
        Number(name=f"values averaged at beta {beta:.4f}", value=1 / (1 - beta))
        for beta in (0.9, 0.9005, 0.999, 0.9995)
    )


def shares(seed: int) -> tuple[Number, ...]:
    """Return the shares of draws in the last decade of both ranges, counted."""
    drawn = rng.stream(seed, "draws").random(DRAWS)

    def counted(name: str, scale: Scale, ends: tuple[float, float], bound: float) -> Number:
        return share_of(name, int(np.sum(scale.value(drawn, *ends) > bound)), DRAWS)

    return (
        counted("draws of the learning rate above 0.1, linear", LINEAR, RATES, 0.1),
        counted("draws of the learning rate above 0.1, log", LOG, RATES, 0.1),
        counted("draws of the momentum above 0.99, linear", LINEAR, BETAS, 0.99),
        counted("draws of the momentum above 0.99, log1m", LOG1M, BETAS, 0.99),
    )


def loss_numbers(found: Array) -> tuple[Number, ...]:
    """Return the mean test loss of each arm; found [rule, rate scale, beta scale, repeat]."""
    return tuple(
        statistic_of(name, found[at], _mean)
        for name, at in zip(arm_names(), np.ndindex(2, 2, 2), strict=True)
    )


def arm_names() -> list[str]:
    """Return a name for each optimizer and pair of scales."""
    return [
        f"{rule.value}: best loss, rate {a.name}, momentum {b.name}"
        for rule, a, b in product(RULES, RATE_SCALES, BETA_SCALES)
    ]


def gain_numbers(found: Array) -> tuple[Number, ...]:
    """Return how many times smaller the loss is on the right scale, the other averaged over."""
    logs, numbers = np.log(found), []
    for rule, of in zip(RULES, logs, strict=True):
        rate, beta = of[0].mean(axis=0) - of[1].mean(axis=0), of[:, 0] - of[:, 1]
        numbers += [
            times_of(f"{rule.value}: gain of LOG for the rate", rate),
            times_of(f"{rule.value}: gain of LOG1M for the momentum", beta[1]),
        ]
    return tuple(numbers)


def told(what: str, gains: tuple[Number, ...]) -> str:
    """Say what a scale is worth with each optimizer."""
    words = []
    for rule, gain in zip(RULES, gains, strict=True):
        better = "better" if above(gain, 1) else "worse" if below(gain, 1) else "no different"
        words.append(f"{better} with {rule.value} (test loss times {figures(1 / gain.value)})")
    return f"{what} is {' and '.join(words)}"


def _mean(values: Array) -> Array:
    return np.asarray(values.mean(axis=-1))


def _middle(values: Array) -> Array:
    return np.asarray(np.median(values, axis=-1))


def draw(findings: Findings, figure: "Figure") -> None:
    """Draw the losses that are found on each pair of scales."""
    for number, (rule, axes) in enumerate(zip(RULES, figure.subplots(1, 2), strict=True)):
        arms = [n for n in findings.numbers if n.name.startswith(f"{rule.value}: best loss")]
        names = [n.name.split("loss, ")[1].replace(", ", "\n") for n in arms]
        bars(
            axes,
            names if number == 0 else [""] * len(names),
            *([getattr(n, at) for n in arms] for at in ("value", "low", "high")),
        )
        axes.set_xlabel(f"test loss of the best of {TRIALS} networks (nats)")
        gains = [n.value for n in findings.numbers if n.name.startswith(f"{rule.value}: gain")]
        axes.set_title(
            f"{rule.value}: loss {gains[0]:.2f} times smaller\n"
            f"by LOG, {gains[1]:.2f} times by LOG1M"
        )
