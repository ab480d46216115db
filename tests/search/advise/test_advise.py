"""All that is advised, the most useful first."""

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.search.advise import modelled
from tunesmith.search.advise.advise import MOST, advise
from tunesmith.search.propose import surrogate
from tunesmith.study import Topic
from tunesmith.trial import Config

SPACE = ts.Space(
    rate=ts.Float(1e-6, 1e-2, scale=ts.LOG),
    idle=ts.Float(0.2, 0.7),
    other=ts.Float(0.2, 0.7),
)


def losses(config, chance):
    """Return a loss whose best rate is 1; four in five diverge where `other` is high."""
    bad = config["other"] > 0.6 and chance.random() < 0.8
    return np.nan if bad else np.log10(config["rate"]) ** 2


def test_certain_first_then_by_kind(drawn):
    """Values that diverge, then bounds, then the rest; what cannot be told comes last."""
    history = drawn(SPACE, losses, 80)
    found = advise(history.study, history)
    assert [advice.kind for advice in found][:2] == [Topic.DIVERGED, Topic.BOUND]
    assert [advice.param for advice in found][:2] == ["other", "rate"]
    certain = [advice.certain for advice in found]
    assert certain == sorted(certain, reverse=True)
    assert len(found) <= MOST


def test_a_scale_is_not_judged_where_a_range_cuts_off(drawn):
    """A param has advice on its bound or on its scale, not on both."""
    history = drawn(SPACE, lambda c, _: np.log10(c["rate"]) ** 2, 150)
    kinds = {advice.kind for advice in advise(history.study, history) if advice.param == "rate"}
    assert Topic.BOUND in kinds
    assert Topic.SCALE not in kinds


def test_every_figure_is_finite(drawn):
    """And every text one line that begins with a small letter or a name, without an end mark."""
    history = drawn(SPACE, losses, 80)
    for advice in advise(history.study, history):
        assert np.isfinite(list(advice.figures.values())).all()
        assert "\n" not in advice.text
        assert not advice.text.endswith(".")


def test_tiny_studies_have_none(drawn):
    """Seven trials say nothing; eight say that it cannot be told."""
    few, eight = (drawn(SPACE, losses, trials, seed=5) for trials in (7, 8))
    assert advise(few.study, few) == ()
    assert not any(advice.certain for advice in advise(eight.study, eight))


def test_where_all_went_wrong(drawn):
    """Nothing is said where there is nothing to compare."""
    history = drawn(SPACE, lambda *_: np.nan, 40)
    assert advise(history.study, history) == ()


def test_it_is_kept_until_the_history_changes(drawn):
    """Asked twice it is the same; a new trial may change it; and the same seed says the same."""
    history = drawn(SPACE, losses, 30)
    before = advise(history.study, history)
    assert advise(history.study, history) is before
    again = drawn(SPACE, losses, 30)
    assert advise(again.study, again) == before
    history.start(Config({"rate": 1e-3, "idle": 0.3, "other": 0.3}), 1)
    assert advise(history.study, history) is not before


@pytest.mark.parametrize("search", [None, ts.RandomSearch()])
def test_a_study_ends_with_advice(search, tmp_path):
    """It is kept in the file; the study read back has the same."""
    path = tmp_path / "a.study"

    def objective(attempt):
        return np.log10(attempt["rate"]) ** 2

    history = ts.tune(objective, SPACE, trials=40, seed=3, search=search, store=path)
    assert any(advice.kind is Topic.BOUND for advice in history.advice)
    back = ts.tune(objective, SPACE, trials=40, seed=3, search=search, store=path)
    assert back.advice == history.advice


def test_a_ladder_is_judged():
    """Early ranks that agree are told at the end of a study with halving."""

    def objective(attempt):
        for epoch in attempt.epochs:
            attempt.record(loss=(np.log10(attempt["rate"]) + 4) ** 2 + 1 / (epoch + 1))

    history = ts.tune(objective, SPACE, epochs=16, total_epochs=400, seed=3)
    told = [advice for advice in history.advice if advice.kind is Topic.AGREEMENT]
    assert any("early ranks agree" in advice.text and advice.certain for advice in told)


def test_a_thousand_trials_take_as_many_models_as_a_hundred(drawn, monkeypatch):
    """And no model sees more of them than it may, by which its cost is bounded."""
    counts = []
    for trials in (150, 1000):
        sizes = []

        def fit(points, *rest, seen=sizes):
            seen.append(len(points))
            return surrogate.fit(points, *rest)

        monkeypatch.setattr(modelled, "fit", fit)
        history = drawn(SPACE, losses, trials)
        assert advise(history.study, history)
        assert max(sizes) <= modelled.MODELLED
        counts.append(len(sizes))
    assert counts[0] == counts[1]
