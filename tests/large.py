"""Large studies in seconds: the events that a driver would have stored, without any training."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tunesmith import rng
from tunesmith.ledger import question
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space
from tunesmith.store.event import Draft
from tunesmith.store.store import Store
from tunesmith.study import Goal, Round, Study

SPACE = Space(
    learning_rate=Float(1e-4, 1.0, scale=LOG, limits=(1e-6, 3.0)),
    momentum=Float(0.9, 0.999, scale=LOG1M),
    units=Int(16, 512, scale=LOG),
    layers=Int(1, 4),
    activation=Choice(("relu", "tanh", "silu")),
)
BEST = np.array([0.55, 0.6, 0.7, 0.4, 0.1])
"""Where the loss is smallest, in units."""

ROUNDS = 4
"""Each has ranges half as wide as the one before."""

BATCH = 500
"""Trials stored in one transaction."""


def study_of(trials: int, epochs: int) -> Study:
    """Return the question that such a study asks."""
    search = CoarseToFine(ladder=Full()).settings()
    return Study(
        space=SPACE, metric="accuracy", goal=Goal.MAX, epochs=epochs, trials=trials, search=search
    )


def write(
    path: Path, *, trials: int, epochs: int, end: bool = True, planned: int | None = None
) -> None:
    """Write a study of so many trials of so many epochs; `end` finishes it.

    More may be `planned` than there are.
    """
    study = study_of(planned or trials, epochs)
    with Store.create(path) as store:
        store.append(question(study))
        grow(store, study, 0, trials)
        if end:
            store.append(finish(trials))


def grow(store: Store, study: Study, first: int, last: int) -> None:
    """Store the trials from `first` on, up to `last` without it."""
    for start in range(first, last, BATCH):
        numbers = range(start, min(last, start + BATCH))
        store.append(*(draft for number in numbers for draft in drafts(study, number)))


def finish(trials: int) -> Draft:
    """Return the end of a study after so many trials."""
    body = {"reason": f"all {trials} trials were made", "recommendation": None, "taken": trials}
    return Draft(kind="finish", body=body)


def drafts(study: Study, number: int) -> Iterator[Draft]:
    """Yield that a trial was started, and what came of it."""
    chance = rng.stream(study.seed, "large", number)
    this = min(ROUNDS - 1, ROUNDS * number // (study.trials or 1))
    low, high = _ends(this)
    units = chance.uniform(low, high)
    body = {"config": study.space.decode(units), "epochs": study.epochs, "origin": "ranges"}
    if number == 0 or this > min(ROUNDS - 1, ROUNDS * (number - 1) // (study.trials or 1)):
        body["round"] = _round(study, this, number).to_builtins()
    yield Draft(kind="start", trial=number, body=body | {"taken": number})
    yield Draft(kind="outcome", trial=number, body=_outcome(study, number, units, chance))


def _outcome(
    study: Study, number: int, units: np.ndarray, chance: np.random.Generator
) -> dict[str, object]:
    """Return how a trial ended: one in 30 diverged, one in 90 failed, the others are done."""
    best = 0.95 - 0.5 * float(np.mean((units - BEST) ** 2))
    speed = chance.uniform(0.03, 0.3)
    state, reason, epochs = "done", "", study.epochs
    if number % 30 == 7:
        state, reason, epochs = "diverged", "accuracy is nan after the next epoch", 1
    elif number % 90 == 11:
        state, reason, epochs = "failed", "ValueError: 3 rows are too few", 1
    past = np.arange(1, epochs + 1)
    noise = chance.normal(0.0, 0.01, epochs)
    scores = np.clip(best * (1 - np.exp(-speed * past)) + noise, 0.0, 1.0)
    return {
        "state": state,
        "reason": reason,
        "seconds": 0.01 * epochs,
        "measurements": [
            [epoch, {"accuracy": score}] for epoch, score in enumerate(scores.tolist(), 1)
        ],
        "driven": round(0.01 * study.epochs * (number + 1), 3),
    }


def _ends(this: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ranges of a round, in units; a Choice keeps all its options."""
    half = 0.5**this / 2
    centre = np.clip(BEST, half, 1 - half)
    low, high = centre - half, centre + half
    low[-1], high[-1] = 0.0, 1.0
    return low, high


def _round(study: Study, this: int, first: int) -> Round:
    low, high = _ends(this)
    starts, ends = study.space.decode(low), study.space.decode(high)
    numbers = [name for name, param in study.space.items() if not isinstance(param, Choice)]
    return Round(
        number=this,
        first=first,
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        whole_low=(0.0,) * len(low),
        whole_high=(1.0,) * len(low),
        ranges={name: (starts[name], ends[name]) for name in numbers},
        reason="the whole space as given" if this == 0 else "narrowed to where the best are",
    )
