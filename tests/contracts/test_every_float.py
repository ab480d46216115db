"""Losses from the whole range of floats: the best is found, and nothing is raised."""

import json
import math
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import tunesmith as ts
from tunesmith import terminal
from tunesmith.report.page import page
from tunesmith.report.state import state
from tunesmith.search import protocol

SPACE = ts.Space(x=ts.Float(0.25, 1.5), y=ts.Float(1e-4, 1.0, scale=ts.LOG))
LARGEST = 1.7976931348623157e308

ANY = st.floats() | st.sampled_from([LARGEST, 1e155, 8e307, 1e-320, 5e-324, 0.0])
SIGNED = st.tuples(ANY, st.sampled_from([1.0, -1.0])).map(lambda pair: pair[0] * pair[1])
LADDERS = [
    ts.Full(),
    ts.AsyncHalving(eta=2, audit=2),
    ts.SuccessiveHalving(eta=2),
    ts.Hyperband(),
]
SEARCHES = [ts.CoarseToFine, ts.RandomSearch, ts.SobolSearch]


def told(history):
    """Tell all that a study has to say: the page, the terminal and JSON."""
    study = history.study
    text = page(state(study, history))
    lines = [
        *terminal.summary_lines(history, None),
        *terminal.advice_lines(history.advice),
        *terminal.leaderboard(history),
    ]
    json.dumps(terminal.plain_study(history, None, history.advice), allow_nan=False)
    assert history.to_polars(curves=True).height == sum(len(t.measurements) for t in history.trials)
    return text, lines


# without shrinking, which takes minutes where an example takes a quarter of a second
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    pool=st.lists(SIGNED, min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
    mixed=st.floats(0.05, 0.95),
    search=st.sampled_from(SEARCHES),
    ladder=st.sampled_from(LADDERS),
    goal=st.sampled_from(["min", "max"]),
)
def test_any_losses(pool, seed, mixed, search, ladder, goal):
    """Some losses from a pool of any floats, the others from 0 to 1, drawn for each epoch."""

    def objective(attempt):
        for epoch in attempt.epochs:
            chance = random.Random(f"{seed} {attempt.number} {epoch}")
            attempt.record(loss=chance.choice(pool) if chance.random() < mixed else chance.random())

    history = ts.tune(
        objective, SPACE, trials=27, epochs=3, search=search(ladder=ladder), goal=goal, seed=7
    )
    told(history)
    assert all(math.isfinite(f) for advice in history.advice for f in advice.figures.values())
    usable = [trial for trial in history.trials if history.study.usable(trial)]
    assert history.has_best == bool(usable)
    if usable and history.recommendation is None:
        longest = max(trial.epochs_trained for trial in usable)
        losses = [history.study.loss(t) for t in usable if t.epochs_trained == longest]
        assert history.study.loss(history.best) == min(losses)


@pytest.mark.parametrize("goal", ["min", "max"])
@pytest.mark.parametrize("bad", [3e30, 7e154, 8e307, LARGEST])
def test_a_huge_loss_does_not_hide_the_best(bad, goal):
    """Where half of the space is as bad as can be, the best of the other half is found."""
    sign = 1 if goal == "min" else -1

    def objective(attempt):
        return sign * (bad if attempt["x"] > 0.875 else attempt["x"])

    history = ts.tune(objective, SPACE, trials=30, goal=goal)
    losses = [sign * trial.metric("loss") for trial in history.trials]
    assert sign * history.best.metric("loss") == min(losses)
    assert min(losses) < 0.26
    told(history)


@pytest.mark.parametrize("good", [-3e154, -1e200, -LARGEST])
def test_one_huge_loss_on_the_good_side(good):
    """It is the best, and its study can be told of."""
    history = ts.tune(lambda a: good if a.number == 5 else a["x"], SPACE, trials=30)
    assert history.best.number == 5
    _, lines = told(history)
    assert any("trial 5" in line for line in lines)


def test_both_ends_of_the_range():
    """No float holds how far these lie apart: the advice says so, without figures."""
    history = ts.tune(lambda a: (-1) ** a.number * 1e308 * a["x"], SPACE, trials=30)
    assert history.study.loss(history.best) == min(t.metric("loss") for t in history.trials)
    told(history)


def test_a_study_that_could_not_be_finished_before_is_finished(tmp_path, monkeypatch):
    """All its trials are stored, but not its end, which failed."""

    def failing(study, history, chosen):
        raise ValueError("the body of a 'finish' event holds inf")

    def objective(attempt):
        return -1e200 if attempt.number == 3 else attempt["x"]

    store = tmp_path / "old.study"
    with monkeypatch.context() as patch:
        patch.setattr(protocol, "advise", failing)
        with pytest.raises(ValueError, match="holds inf"):
            ts.tune(objective, SPACE, trials=30, store=store)
    history = ts.tune(objective, SPACE, trials=30, store=store)
    assert history.finished == "all 30 trials were made"
    assert history.best.number == 3
