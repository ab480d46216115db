"""Coarse to fine: what it says of its rounds is what it does, and what it recommends holds."""

import math
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.contracts.search_contract import (
    SearchContract,
    finished,
    played,
    study_of,
    stunted,
)

from tunesmith import rng
from tunesmith.errors import NothingFound, StudyError
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.propose import coarse_to_fine
from tunesmith.search.propose.axes import axes_of
from tunesmith.search.propose.coarse_to_fine import LAST, REPEATED, SEARCHED, CoarseToFine
from tunesmith.search.propose.confirm import APART, TRAININGS
from tunesmith.search.propose.evidence import ALIKE
from tunesmith.search.propose.ranges import Ranges, ends
from tunesmith.search.propose.rounds import FIRST, round_at
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Space
from tunesmith.trial import Config, Origin
from tunesmith.tuning import tune

FORMS = [CoarseToFine(), CoarseToFine(model=None)]
both_forms = pytest.mark.parametrize("search", FORMS, ids=["gp", "plain"])


class TestCoarseToFine(SearchContract):
    @pytest.fixture
    def search(self):
        return CoarseToFine()


class TestThePlainForm(SearchContract):
    @pytest.fixture
    def search(self):
        return CoarseToFine(model=None)


def searched(search, space, loss, trials, *, noise=0.0, slots=3, **more):
    """Return the history of a study whose losses are `loss` of a config, and noise by trial."""
    study = study_of(search, space=space, **{"trials": trials, "epochs": 1} | more)

    def losses(trial):
        chance = rng.stream(study.seed, "noise", trial.number)
        return [loss(trial.config) + noise * chance.standard_normal()]

    return finished(study, search, losses=losses, slots=slots)


# --- the law of rounds --------------------------------------------------------------------------


@st.composite
def numbers(draw, *, when=None):
    """Draw a Float or an Int, on any of its scales, with limits or without."""
    limited = draw(st.booleans())
    if draw(st.booleans()):
        low, high = draw(st.integers(1, 6)), draw(st.integers(7, 30))
        scale = draw(st.sampled_from([LINEAR, LOG]))
        return Int(low, high, scale=scale, limits=(1, 71) if limited else None, when=when)
    scale = draw(st.sampled_from([LINEAR, LOG, LOG1M]))
    low, high, limits = {
        LINEAR: (-0.7, 1.9, (-3.0, 11.0)),
        LOG: (2e-3, 0.3, (1e-5, 7.0)),
        LOG1M: (0.6, 0.97, (0.1, 0.9999)),
    }[scale]
    return Float(low, high, scale=scale, limits=limits if limited else None, when=when)


@st.composite
def spaces(draw):
    """Draw a space of numbers, a choice, and a param that only one of its options has."""
    params = {f"p{n}": draw(numbers()) for n in range(draw(st.integers(1, 2)))}
    if draw(st.booleans()):
        params["kind"] = Choice(("a", "b", "c"))
        params["extra"] = draw(numbers(when={"kind": "b"}))
    return Space(**params)


def falling_to(space, target):
    """Return a loss that is smallest at the point `target`, [D], or beyond the limits there."""
    axes = axes_of(space)
    return lambda config: float(((axes.encode(config) - target[: len(space)]) ** 2).sum())


def ranges_of(opened):
    return Ranges(low=np.array(opened.low), high=np.array(opened.high))


def whole_of(opened):
    return Ranges(low=np.array(opened.whole_low), high=np.array(opened.whole_high))


def assert_rounds_hold(history):
    """Check that trials not drawn from the whole space lie in the ranges of their round."""
    axes = axes_of(history.study.space)
    for trial in history.trials:
        opened, point = history.rounds[trial.round], axes.encode(trial.config)[None]
        if trial.origin is not Origin.ANYWHERE:
            assert ranges_of(opened).holds(point)[0], trial
        assert whole_of(opened).holds(point)[0], trial
        for name, value in trial.config.items():
            assert axes.space[name].check(value) == value


def assert_rounds_close_in(history):
    """Check that the volume grows only by a widening of which the reason tells."""
    axes, rounds = axes_of(history.study.space), history.rounds
    assert ranges_of(rounds[0]).volume == whole_of(rounds[0]).volume == 1.0
    for before, after in pairwise(rounds):
        for of in (ranges_of, whole_of):
            if of(after).volume > of(before).volume * (1 + 1e-9):
                assert "widened" in after.reason
    for opened in rounds:
        assert opened.ranges == ends(axes, ranges_of(opened))
        corners = np.array([opened.low, opened.high])
        assert whole_of(opened).holds(corners).all()
        corners = np.array([opened.whole_low, opened.whole_high])
        assert Ranges(low=axes.low, high=axes.high).holds(corners).all()


@both_forms
@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
@given(
    space=spaces(),
    seed=st.integers(0, 10**6),
    slots=st.integers(1, 7),
    target=st.lists(st.floats(-0.3, 1.3), min_size=4, max_size=4),
    noise=st.sampled_from([0.0, 0.01, 0.5]),
)
def test_the_law_of_rounds(search, space, seed, slots, target, noise):
    """Whatever the space, the losses and the workers: what a round says of itself is so."""
    loss = falling_to(space, np.array(target))
    history = searched(search, space, loss, 29, noise=noise, slots=slots, seed=seed)
    assert_rounds_hold(history)
    assert_rounds_close_in(history)


def test_the_first_round_keeps_to_the_range_as_given():
    """Where the limits leave room, too: a value beyond comes only after a widening."""
    space = Space(n=Int(1, 2, scale=LOG, limits=(1, 4)), x=Float(0.0, 1.0))
    for seed in range(20):
        history = searched(CoarseToFine(), space, lambda c: c["x"], FIRST, seed=seed)
        assert {trial.config["n"] for trial in history.trials} <= {1, 2}


@both_forms
def test_rounds_say_where_they_begin(search):
    """Their numbers count up, and each begins with the trial that opened it."""
    space = Space(x=Float(0.3, 2.7), n=Int(3, 17))
    history = searched(search, space, lambda c: (c["x"] - 1.3) ** 2 + c["n"] / 9, 53)
    places = [trial.round for trial in history.trials]
    assert places == sorted(places)
    assert [opened.number for opened in history.rounds] == list(range(1 + max(places)))
    assert [opened.first for opened in history.rounds] == [
        places.index(number) for number in range(1 + max(places))
    ]
    assert places == [round_at(number) for number in range(53)]
    assert all(opened.reason for opened in history.rounds)


def test_rounds_wait_for_something_to_learn_from():
    """With more workers than trials of a round, none opens before two trials have ended."""
    history = searched(CoarseToFine(), Space(x=Float(0.3, 2.7)), lambda c: c["x"], 31, slots=19)
    assert [opened.first for opened in history.rounds] == [0, 20, 24]


@both_forms
def test_rounds_close_in_on_the_best(search):
    """Rounds leave out most of what was given, and never the best; trials come close to it."""
    space = Space(x=Float(0.3, 2.7), y=Float(1e-4, 0.9, scale=LOG))
    loss = falling_to(space, np.array([0.37, 0.71]))
    history = searched(search, space, loss, 100)
    ranges = [ranges_of(opened) for opened in history.rounds]
    assert min(of.volume for of in ranges) < 0.3
    assert all(of.holds(np.array([[0.37, 0.71]]))[0] for of in ranges)
    far = [loss(trial.config) for trial in history.trials]
    assert min(far) < 1e-3
    assert np.median(far[50:]) < 0.2 * np.median(far[:FIRST])


# --- widening -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("param", "best"),
    [
        (Float(1e-3, 0.1, scale=LOG, limits=(1e-4, 10.0)), 2.0),
        (Float(0.6, 0.9, scale=LOG1M, limits=(0.1, 0.9999)), 0.995),
        (Int(32, 256, scale=LOG, limits=(4, 1024)), 700),
        (Int(1, 4, limits=(1, 8)), 7),
        (Int(3, 4, limits=(1, 4)), 1),
    ],
    ids=str,
)
def test_it_widens_where_the_best_lie_beyond(param, best):
    """The best value is found though it lies outside the range as given, and the reason is kept."""
    space = Space(p=param, x=Float(0.0, 1.0))
    axes = axes_of(space)
    place = axes.encode({"p": best, "x": 0.0})[0]

    def loss(config):
        return (axes.encode(config)[0] - place) ** 2 + 0.1 * config["x"]

    history = searched(CoarseToFine(), space, loss, 80)
    found = axes.encode(history.best.config)[0]
    assert abs(found - place) < 0.15
    assert any("the best crowd an end: widened p to" in r.reason for r in history.rounds)
    assert_rounds_hold(history)
    assert_rounds_close_in(history)


@both_forms
def test_it_does_not_widen_what_has_no_limits(search):
    """Nor what has, where the best lie inside."""
    space = Space(a=Float(0.0, 1.0), b=Float(0.0, 1.0, limits=(-1.0, 2.0)))
    history = searched(search, space, lambda c: c["a"] + (c["b"] - 0.47) ** 2, 60)
    assert all(0.0 <= trial.config["a"] <= 1.0 for trial in history.trials)
    assert {opened.whole_high for opened in history.rounds} == {(1.0, 1.0)}


# --- no config twice ----------------------------------------------------------------------------

SMALL = Space(a=Int(3, 6), b=Choice(("x", "y", "z")), c=Int(1, 2, when={"b": "x"}))
CONFIGS = 4 * (2 + 1 + 1)


def assert_only_what_is_marked_comes_again(history):
    """Check that a config is marked AGAIN where it was tried before, and only there."""
    tried = set()
    for trial in history.trials:
        assert (trial.config in tried) == (trial.origin is Origin.AGAIN), trial
        tried.add(trial.config)


@both_forms
@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), slots=st.integers(1, 7), noise=st.sampled_from([0.0, 0.7]))
def test_a_small_space_is_tried_out(search, seed, slots, noise):
    """Every config once, then the study ends, long before its budget does."""
    history = searched(
        search, SMALL, lambda c: c["a"] + len(c), 10**4, noise=noise, slots=slots, seed=seed
    )
    assert_only_what_is_marked_comes_again(history)
    assert len({trial.config for trial in history.trials}) == CONFIGS
    assert (history.finished, history.running) == ("every config was tried", ())


@pytest.mark.parametrize("budget", [{"trials": 22}, {"trials": None, "total_epochs": 22}])
def test_a_small_space_that_is_tried_out_is_confirmed(budget):
    """What is left of the budget goes to the best, once more each, up to so many times."""
    history = searched(
        CoarseToFine(), SMALL, lambda c: c["a"], noise=0.7, **{"trials": 22} | budget
    )
    assert_only_what_is_marked_comes_again(history)
    configs = [trial.config for trial in history.trials]
    assert len(set(configs)) == CONFIGS
    assert len(configs) > CONFIGS
    assert max(configs.count(config) for config in configs) <= TRAININGS


@both_forms
@pytest.mark.parametrize(
    "space",
    [
        Space(n=Int(1, 61), kind=Choice(("a", "b", "c"))),
        Space(n=Int(1, 61), m=Int(2, 40, scale=LOG)),
        Space(n=Int(1, 5000, scale=LOG), kind=Choice(("a", "b"))),
        Space(n=Int(1, 5000, scale=LOG), x=Float(0.0, 1.0)),
    ],
    ids=["looked at whole", "too many to look at", "levels too many to list", "with a float"],
)
def test_no_config_comes_twice(search, space):
    """But to be trained again, which is marked."""
    history = searched(search, space, lambda c: abs(math.log(c["n"]) - 2.0), 41)
    assert len(history.trials) == 41
    assert_only_what_is_marked_comes_again(history)


# --- bad losses ---------------------------------------------------------------------------------


@both_forms
@pytest.mark.parametrize("losses", [stunted, lambda trial: [math.inf]], ids=["diverged", "done"])
def test_nothing_is_found(search, losses):
    """All diverge, or end with a number that is none: it goes on to the end and says so."""
    study = study_of(search, trials=29)
    history = finished(study, search, losses=losses)
    assert len({trial.config for trial in history.trials}) == 29
    assert history.recommendation is None
    with pytest.raises(NothingFound, match="none of the 29 trials gave a finite loss"):
        _ = history.best
    assert_rounds_hold(history)


@both_forms
@pytest.mark.parametrize("hole", [math.nan, math.inf, -math.inf], ids=str)
def test_a_hole_in_the_space(search, hole):
    """It keeps away from where losses are not finite, and recommends what is."""
    space = Space(x=Float(-1.3, 1.0), y=Float(0.0, 1.0))

    def loss(config):
        return hole if config["x"] < 0 else (config["x"] - 0.5) ** 2 + config["y"]

    history = searched(search, space, loss, 50)
    late = [trial for trial in history.trials[25:] if trial.origin is Origin.RANGES]
    assert sum(trial.config["x"] < 0 for trial in late) < 0.3 * len(late)
    assert history.best.config["x"] > 0
    assert loss(history.best.config) < 0.25


def test_one_loss_for_all():
    """Where nothing matters, anything may be recommended, and nothing goes wrong."""
    history = searched(CoarseToFine(), SMALL, lambda c: 0.7, 15)
    assert history.finished == "all 15 trials were made"
    assert history.recommendation is not None


# --- what is recommended ------------------------------------------------------------------------

NETWORK = Space(rate=Float(1e-3, 1.0, scale=LOG), units=Int(5, 67), layers=Int(1, 4))


def flat(config):
    """Return a loss to which the size of a network does not matter."""
    return (math.log10(config["rate"]) + 2.0) ** 2


@pytest.mark.parametrize("cheaper", [("units",), ("units", "layers")], ids=str)
def test_of_those_as_good_the_smallest_is_recommended(cheaper):
    """By the product of its `cheaper` params; without these, by the expected loss alone."""
    smaller = []
    for seed in range(4):
        sizes = []
        for asked in (cheaper, ()):
            more = {"noise": 0.3, "seed": seed, "cheaper": asked}
            history = searched(CoarseToFine(), NETWORK, flat, 40, **more)
            chosen = history.recommendation
            assert history.best.number == chosen.number
            configs = [history.trials[n].config for n in (chosen.number, *chosen.close)]
            assert len(set(configs)) == len(configs)
            sizes.append([math.prod(config[name] for name in cheaper) for config in configs])
        by_size, by_loss = sizes
        assert sorted(by_size) == sorted(by_loss)
        assert by_size[0] <= by_loss[0]
        smaller.append(by_size[0] < by_loss[0])
    assert any(smaller)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_recommendation_says_what_it_rests_on(noise):
    """All trainings of the config, the first of which stands for it, and why it was chosen."""
    history = searched(CoarseToFine(), NETWORK, flat, 40, noise=noise, cheaper=("units",))
    chosen = history.recommendation
    config = history.best.config
    assert chosen.trainings == tuple(t.number for t in history.trials if t.config == config)
    assert chosen.number == chosen.trainings[0]
    assert set(chosen.close).isdisjoint(chosen.trainings)
    count, others = len(chosen.trainings), len(chosen.close)
    assert f"over {count} training{'s' * (count > 1)}" in chosen.reason
    assert (f"{others} other" in chosen.reason) == (others > 0)


def test_the_plain_form_leaves_it_to_the_history():
    """It recommends nothing, and the smallest mean is the best."""
    history = searched(CoarseToFine(model=None), NETWORK, flat, 30)
    assert history.recommendation is None
    assert flat(history.best.config) == min(flat(trial.config) for trial in history.trials)


def test_one_trial_is_all_there_is():
    """Too few to say anything: the history's best it is."""
    history = searched(CoarseToFine(), NETWORK, flat, 1)
    assert history.recommendation is None
    assert history.best.number == 0


BOWL = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))


def test_of_those_that_are_tied_the_smallest_is_recommended(monkeypatch):
    """Not one that is merely too close to tell: its mean may be clearly worse."""
    space = Space(x=Float(0.0, 1.0), units=Int(1, 64))
    history = searched(CoarseToFine(), space, lambda c: c["x"], 12, cheaper=("units",))
    points = [axes_of(space).encode(trial.config) for trial in history.trials[:3]]
    sizes = [trial.config["units"] for trial in history.trials[:3]]
    order = sorted(range(3), key=lambda at: -sizes[at])  # the smallest is close, but not tied
    largest, middle, smallest = (points[at] for at in order)

    def too_close(_, apart=1.0):
        return np.array([largest, smallest, middle] if apart == APART else [largest, middle])

    monkeypatch.setattr(coarse_to_fine, "too_close", too_close)
    chosen = CoarseToFine().recommend(history.study, history)
    assert chosen.number == order[1]
    assert set(chosen.close) == {order[0], order[2]}


def bowl(config):
    return (config["x"] - 0.3) ** 2 + (config["y"] - 0.6) ** 2


def trained_again(history):
    return sum(trial.origin is Origin.AGAIN for trial in history.trials)


def test_under_noise_the_best_is_trained_again():
    """What is recommended is not one lucky seed, in most studies; and none is trained for ever."""
    histories = [searched(CoarseToFine(), BOWL, bowl, 50, noise=0.3, seed=n) for n in range(7)]
    times = [len(history.recommendation.trainings) for history in histories]
    assert sum(count > 1 for count in times) >= 4
    assert max(times) <= TRAININGS
    for history in histories:
        assert not any(t.origin is Origin.AGAIN for t in history.trials[: int(SEARCHED * 50)])


@pytest.mark.parametrize("slots", [1, 4])
def test_without_noise_little_is_trained_again(slots):
    """A few show that nothing is learned from it, while others are on the way; no more are made."""
    for seed in range(4):
        history = searched(CoarseToFine(), BOWL, bowl, 50, seed=seed, slots=slots)
        assert trained_again(history) <= ALIKE + slots - 1
        assert bowl(history.best.config) < 1e-3


@pytest.mark.parametrize("end", [{"trials": 40}, {"trials": None, "total_epochs": 40}], ids=str)
def test_confirmation_has_its_share_of_any_budget(end):
    """Nothing is trained again before half of it is spent; something is after that."""
    history = searched(CoarseToFine(), BOWL, bowl, noise=0.3, seed=0, **{"trials": 40} | end)
    origins = [trial.origin for trial in history.trials]
    assert len(origins) == 40
    assert Origin.AGAIN not in origins[:20]
    assert Origin.AGAIN in origins[20:]


MIXED = Space(
    rate=Float(1e-4, 1.0, scale=LOG),
    kind=Choice(("a", "b", "c")),
    units=Int(3, 130, scale=LOG),
    share=Float(0.0, 1.0),
)


def test_a_smooth_loss_is_followed_to_its_bottom():
    """What is known to be good is refined, however much of the space is not known well."""

    def loss(config):
        slope = 0.3 * (config["kind"] != "b") + 0.1 * abs(math.log(config["units"] / 40))
        return flat(config) + slope + (config["share"] - 0.4) ** 2

    studies = [searched(CoarseToFine(), MIXED, loss, 150, slots=1, seed=n) for n in range(5)]
    assert np.median([loss(history.best.config) for history in studies]) < 2e-5


# --- the end of a budget ------------------------------------------------------------------------


def used(search, **changes):
    """Return how many slots are used at every trial of a study with a config that was given."""
    study = study_of(search, space=BOWL, anchors=(Config({"x": 0.5, "y": 0.5}),), **changes)
    return {
        len(history.trials): search.at_once(study, history)
        for history, _ in played(study, search, slots=1)
    }


@pytest.mark.parametrize(("slots", "half"), [(1, 1), (2, 1), (3, 2), (4, 2), (16, 8)])
@pytest.mark.parametrize(
    "end",
    [{"trials": LAST + 20, "epochs": 1}, {"total_epochs": 3 * (LAST + 20), "epochs": 3}],
    ids=["trials", "epochs"],
)
def test_near_the_end_of_a_budget_half_of_the_slots_are_used(end, slots, half):
    """There each choice is made with more known; before, and in other budgets, all are used."""
    at = used(CoarseToFine(stop_early=False), slots=slots, **end)
    assert {at[n] for n in range(20)} == {slots}
    assert {at[n] for n in range(20, LAST + 20)} == {half}


def test_the_first_round_uses_all_slots():
    """What is drawn evenly waits for nothing; the given configs before it neither."""
    at = used(CoarseToFine(), slots=4, trials=25)
    assert [at[n] for n in range(25)] == [4] * (1 + FIRST) + [2] * (24 - FIRST)


@pytest.mark.parametrize(
    ("search", "end"),
    [(CoarseToFine(), {"minutes": 1.0}), (CoarseToFine(ladder=AsyncHalving()), {"trials": 25})],
    ids=["minutes", "halving"],
)
def test_where_the_end_is_not_known_or_trainings_are_short_all_slots_are_used(search, end):
    """A time says nothing of trainings left, and a short training is no hasty choice."""
    study = study_of(search, space=BOWL, slots=4, **end)
    histories = islice(played(study, search, slots=1), 40)
    assert {search.at_once(study, history) for history, _ in histories} == {4}


# --- the same for all ---------------------------------------------------------------------------


@both_forms
def test_some_trials_come_from_anywhere(search):
    """A few in a hundred, so that no wrong turn is for ever; none of the first, which are even."""
    space = Space(x=Float(0.3, 2.7), y=Float(0.0, 1.0), z=Float(0.0, 1.0))
    history = searched(search, space, lambda c: (c["x"] - 1.3) ** 2 + c["y"], 100)
    drawn = [trial for trial in history.trials if trial.origin is Origin.ANYWHERE]
    assert 1 <= len(drawn) <= 15
    assert drawn[0].number >= FIRST


@pytest.mark.parametrize("model", ["forest", True, 0, ""])
def test_a_model_that_there_is_not(model):
    """The sentence names it and those there are."""
    with pytest.raises(StudyError) as caught:
        CoarseToFine(model=model)
    assert str(caught.value) == f"model must be 'gp' or None, got {model!r}"


# --- enough ---------------------------------------------------------------------------------------


def noisy(deviation):
    """Return an objective: a bowl, and noise that is the trial's own."""

    def objective(attempt):
        noise = rng.stream(11, attempt.number).standard_normal()
        return sum((attempt[name] - 0.43) ** 2 for name in "ab") + deviation * noise

    return objective


UNIT = Space(a=Float(0.0, 1.0), b=Float(0.0, 1.0))


def test_where_noise_hides_what_is_left_the_study_ends():
    """It says so, in the second half of its budget; switched off, the budget is spent."""
    history = tune(noisy(0.1), UNIT, trials=210)
    assert 105 <= len(history.trials) < 210
    assert history.finished.startswith("going on is not worth it: another training is expected")
    assert history.recommendation is not None
    assert sum(trial.origin is Origin.AGAIN for trial in history.trials) >= REPEATED
    on = tune(noisy(0.1), UNIT, trials=210, search=CoarseToFine(stop_early=False))
    assert (len(on.trials), on.finished) == (210, "all 210 trials were made")
    first = [trial.config for trial in on.trials[: len(history.trials)]]
    assert first == [trial.config for trial in history.trials]


def test_without_noise_there_is_always_something_to_gain():
    """So the budget is the end."""
    assert len(tune(noisy(0.0), UNIT, trials=210).trials) == 210


def test_what_looks_like_noise_has_to_be_measured():
    """Every config has a whim of its own, always the same: that is no reason to end."""

    def rough(attempt):
        whim = rng.stream(11, repr(tuple(attempt[name] for name in "abc"))).standard_normal()
        return sum((attempt[name] - 0.43) ** 2 for name in "abc") + 0.4 * whim

    space = Space(**{name: Float(0.0, 1.0) for name in "abc"})
    for seed in range(3):
        history = tune(rough, space, trials=100, seed=seed)
        assert len(history.trials) == 100
        assert sum(trial.origin is Origin.AGAIN for trial in history.trials) < REPEATED


def test_what_stop_early_may_be():
    """True or False."""
    with pytest.raises(StudyError, match=r"^stop_early must be True or False, got 'yes'$"):
        CoarseToFine(stop_early="yes")
