"""Which params matter."""

import pytest

from tunesmith.search.advise.importance import importance
from tunesmith.space import Choice, Float, Space
from tunesmith.study import Topic

SPACE = Space(a=Float(0, 1), b=Float(0, 1), idle=Float(0, 1), fixed=Choice(("one",)))


def bowl(config, _):
    return (config["a"] - 0.4) ** 2 + 0.5 * (config["b"] - 0.6) ** 2


def by_param(found):
    return {advice.param: advice for advice in found}


def test_a_param_without_effect(drawn):
    """It carries at most 2 % everywhere; the others matter; one that is fixed is not mentioned."""
    history = drawn(SPACE, bowl, 200)
    found = by_param(importance(history.study, history))
    assert set(found) == {"a", "b", "idle"}
    assert found["idle"].text.startswith("idle does not matter over the whole space and within")
    assert found["idle"].text.endswith("leave it out of the search")
    assert max(found["idle"].figures["whole_high"], found["idle"].figures["good_high"]) <= 0.02
    assert found["a"].text.startswith("a matters: of the differences between configs it carries")
    assert found["a"].figures["whole_low"] > found["b"].figures["whole_low"] > 0.05
    assert all(advice.kind is Topic.IMPORTANCE and advice.certain for advice in found.values())


def test_it_cannot_be_told_within_few_trials(drawn):
    """Of 40 trials too few lie within the good region: it is said, and nothing is left out."""
    history = drawn(SPACE, bowl, 40)
    idle = by_param(importance(history.study, history))["idle"]
    assert idle.text.endswith("within the good region it cannot be told yet")


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_not_taken_for_an_effect(drawn, seed):
    """Where losses follow no param, of none is it said that it matters, or that it does not."""
    history = drawn(SPACE, lambda _, chance: chance.standard_normal(), 60, seed=seed)
    (advice,) = importance(history.study, history)
    assert advice.text.startswith("cannot tell whether a, b and idle matter: after 60 trials")
    assert not advice.certain


@pytest.mark.parametrize(("trials", "said"), [(7, 0), (8, 1), (19, 1)])
def test_too_few_trials(drawn, trials, said):
    """Below 20 it cannot be told, and below 8 that is not even said."""
    history = drawn(SPACE, bowl, trials)
    found = importance(history.study, history)
    assert len(found) == said
    assert all("cannot tell which params matter" in advice.text for advice in found)


def test_equal_epochs_are_compared(drawn):
    """After 1 epoch only b matters, after 3 only a; each rung is taken for itself."""

    def losses(config, chance):
        early, late = config["b"], config["a"]
        return [early] if chance.random() < 0.5 else [early, early, late]

    history = drawn(SPACE, losses, 240, epochs=3)
    found = by_param(importance(history.study, history))
    assert "over the whole space after 1 epoch" in found["b"].text
    assert found["b"].figures["whole_low"] > 0.5
    assert "within the good region after 3 epochs" in found["a"].text
    assert found["a"].figures["good_low"] > 0.5
