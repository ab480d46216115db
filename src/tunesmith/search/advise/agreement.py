"""Agreement: whether ranks on one rung are those of the next."""

from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tunesmith import rng
from tunesmith.history import History
from tunesmith.search.advise.judged import Judged, epochs_text, judged
from tunesmith.study import Advice, Study, Topic

Floats = NDArray[np.float64]

FEWEST: Final = 4
"""With fewer trials on both rungs nothing is said of them."""
MOST: Final = 256
"""So many trials are compared at most."""
AGREES: Final = 0.25
"""Ranks agree from this tau on: then five pairs in eight stay in order."""
DRAWS: Final = 400
"""Times that the trials are drawn anew for the interval."""


def agreement(study: Study, history: History) -> tuple[Advice, ...]:
    """Return for every two neighbouring rungs whether early ranks agree with late ones.

    Who is on both was among the best on the first, so that ranks agree less than those of all
    trials would.
    """
    found = []
    for early, late in pairwise(judged(study, history)):
        losses = _on_both(early, late)
        if losses.shape[1] >= FEWEST:
            chance = rng.stream(study.seed, "advice", "agreement", early.epochs)
            tau, low, high = tau_interval(losses[0], losses[1], chance)
            found.append(_advice(early.epochs, late.epochs, losses.shape[1], tau, low, high))
    return tuple(found)


def _on_both(early: Judged, late: Judged) -> Floats:
    """Return the losses [2, N] of the trials with a finite one on both rungs."""
    on_early = dict(zip(early.numbers.tolist(), early.losses.tolist(), strict=True))
    pairs = [
        (on_early[number], loss)
        for number, loss in zip(late.numbers.tolist(), late.losses.tolist(), strict=True)
        if np.isfinite(loss) and np.isfinite(on_early.get(number, np.inf))
    ]
    return np.array(pairs[:: 1 + len(pairs) // MOST]).reshape(-1, 2).T


def tau_interval(a: Floats, b: Floats, chance: np.random.Generator) -> tuple[float, float, float]:
    """Return Kendall's tau-b of `a` [N] and `b` [N], and its 95 % interval; 0 where one is flat.

    The interval is that of the bootstrap over trials: a trial drawn twice weighs twice.
    """
    one, other = (_signs(x) for x in (a, b))
    drawn = chance.multinomial(len(a), np.full(len(a), 1 / len(a)), DRAWS)
    weights = np.vstack([np.ones(len(a)), drawn])

    def summed(pairs: Floats) -> Floats:
        total: Floats = ((weights @ pairs) * weights).sum(axis=1)
        return total

    ordered = np.sqrt(summed(np.abs(one)) * summed(np.abs(other)))
    taus = summed(one * other) / np.where(ordered > 0, ordered, 1.0)
    low, high = np.quantile(taus[1:], (0.025, 0.975)).tolist()
    return float(taus[0]), low, high


def _signs(x: Floats) -> Floats:
    """Return [N, N] the signs of all differences, which may be too large for a float."""
    column = x[:, None]
    return (column > x).astype(np.float64) - (column < x)


def _advice(early: int, late: int, count: int, tau: float, low: float, high: float) -> Advice:
    agree, disagree = low >= AGREES, high <= AGREES
    said = "early ranks do not agree" if disagree else "early ranks agree"
    text = (
        f"{said if agree or disagree else f'cannot tell whether {said}'} with late ones: "
        f"Kendall's tau between {early} and {epochs_text(late)} is {tau:.2f} "
        f"(95 % interval {low:.2f} to {high:.2f}, {count} trials)"
    )
    if disagree:
        text += f"; train for {epochs_text(late)} before a trial is stopped"
    return Advice(
        kind=Topic.AGREEMENT,
        text=text,
        figures=MappingProxyType(
            {
                "early": float(early),
                "late": float(late),
                "trials": float(count),
                "tau": tau,
                "low": low,
                "high": high,
            }
        ),
        certain=agree or disagree,
    )
