"""Optuna both ways: its samplers as searches of ours, and ours as a sampler of its."""

import inspect
import math
import sys
from dataclasses import replace
from functools import partial
from importlib import import_module

import pytest
from tests.adaptive import BetterHalf
from tests.contracts.search_contract import SearchContract

from tunesmith import rng
from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.search import settings
from tunesmith.search.propose import optuna as propose
from tunesmith.search.propose.grid import GridSearch
from tunesmith.search.propose.optuna import SAMPLERS, OptunaSearch, Replay
from tunesmith.search.propose.quasi_random import SobolSearch
from tunesmith.space import LOG, LOG1M, Choice, Float, Int, Space
from tunesmith.study import Goal, Study
from tunesmith.trial import Config, Measurement, State
from tunesmith.tuning import tune

optuna = pytest.importorskip("optuna")
suite = pytest.importorskip("optuna.testing.pytest_samplers")
TunesmithSampler = import_module("tunesmith.interchange.optuna").TunesmithSampler

SPACE = Space(
    rate=Float(3e-4, 0.7, scale=LOG),
    beta=Float(0.5, 0.9997, scale=LOG1M),
    units=Int(5, 131, scale=LOG),
    kind=Choice(("a", None, True, 2.5)),
    slope=Float(-0.3, 0.7, when={"kind": (None, 2.5)}),
)


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    monkeypatch.setitem(settings.SEARCHES, OptunaSearch.name, OptunaSearch)


class TestRandomSampler(SearchContract):
    @pytest.fixture
    def search(self):
        return OptunaSearch(sampler="RandomSampler")


class TestTPESampler(SearchContract):
    @pytest.fixture
    def search(self):
        return OptunaSearch(options={"n_startup_trials": 3, "multivariate": True})


class TestQMCSampler(SearchContract):
    """A sampler that counts its points in the study's attributes."""

    @pytest.fixture
    def search(self):
        return OptunaSearch(sampler="QMCSampler", options={"warn_independent_sampling": False})


class _Suite(
    suite.BasicSamplerTestCase, suite.RelativeSamplerTestCase, suite.SingleOnlySamplerTestCase
):
    """Optuna's own tests of a sampler."""


class TestOursIsASampler(_Suite):
    @pytest.fixture
    def sampler(self):
        return TunesmithSampler


class TestOursBySobolIsASampler(_Suite):
    @pytest.fixture
    def sampler(self):
        return partial(TunesmithSampler, SobolSearch(), seed=5)


# --- their samplers as searches of ours ---------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("RandomSampler", {}),
        ("TPESampler", {"n_startup_trials": 5, "constant_liar": True}),
        ("NSGAIISampler", {"population_size": 5}),
        ("QMCSampler", {"qmc_type": "halton", "warn_independent_sampling": False}),
    ],
)
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_sampler_answers_as_in_its_own_study(name, options, workers):
    """The same configs as when Optuna asks and tells it, with one trial out or with three."""
    search = OptunaSearch(sampler=name, options=options)
    study = Study(space=SPACE, search=search.settings(), seed=7, trials=17)
    ours = [dict(trial.config) for trial in out_at_once(study, search, workers).trials]
    seed = int(rng.stream(7, "optuna").integers(2**31))
    theirs = optuna.create_study(sampler=getattr(optuna.samplers, name)(**options, seed=seed))
    trials, configs = [], []
    for number in range(17):
        if number >= workers:
            told = number - workers
            theirs.tell(trials[told], *outcome(configs[told]))
        trials.append(theirs.ask())
        configs.append(asked(trials[-1]))
    assert ours == configs


def test_gaussian_processes_answer_too():
    """The heaviest sampler, in a small space: asked twice, it is led there once."""
    pytest.importorskip("torch")
    search = OptunaSearch(sampler="GPSampler", options={"n_startup_trials": 3})
    study = Study(space=Space(x=Float(0.2, 0.7)), seed=7, trials=17)
    history = History(study)
    for number, x in enumerate((0.25, 0.5, 0.65)):
        history.start(Config({"x": x}), 1)
        history.end(number, State.DONE, [Measurement(1, {"loss": (x - 0.4) ** 2})])
    found = search.next(study, history)
    assert search.next(study, history) == found
    assert 0.3 < found.config["x"] < 0.5


def asked(trial):
    """Ask a trial of Optuna's for a config of SPACE, as one would by hand."""
    config = {
        "rate": trial.suggest_float("rate", 3e-4, 0.7, log=True),
        "beta": 1 - trial.suggest_float("beta", 1 - 0.9997, 0.5, log=True),
        "units": trial.suggest_int("units", 5, 131, log=True),
        "kind": trial.suggest_categorical("kind", ("a", None, True, 2.5)),
    }
    if config["kind"] in (None, 2.5):
        config["slope"] = trial.suggest_float("slope", -0.3, 0.7)
    return config


def loss_of(config):
    return abs(math.log(config["rate"]) + 3) + config.get("slope", 0.1) + 1 / config["units"]


def outcome(config):
    """Return the loss to tell Optuna, and the state; some fail."""
    if config["kind"] == "a" and config["units"] > 40:
        return None, optuna.trial.TrialState.FAIL
    return (loss_of(config),)


def out_at_once(study, search, workers, order=lambda out: out[0]):
    """Play a study with `workers` trials out; `order` says which of them ends."""
    history = History(study)
    for _ in range(study.trials):
        if len(history.running) == workers:
            end(history, order(history.running))
        action = search.next(study, history)
        history.start(action.config, action.epochs)
    return history


def end(history, number):
    config = history.trials[number].config
    bad = outcome(config)[0] is None
    loss = math.nan if bad else loss_of(config)
    state = State.DIVERGED if bad else State.DONE
    history.end(number, state, [Measurement(1, {"loss": loss})])


@pytest.mark.parametrize("name", ["TPESampler", "NSGAIISampler"])
@pytest.mark.parametrize("order", [lambda out: out[0], lambda out: out[-1]], ids=["fifo", "lifo"])
def test_a_sampler_is_rebuilt_where_it_left(name, order):
    """Without the sampler that was there, and with it, the answer is the same."""
    search = OptunaSearch(sampler=name)
    study = Study(space=SPACE, search=search.settings(), seed=7, trials=17)
    history = out_at_once(study, search, 3, order)
    again = out_at_once(study, ForgetfulSearch(search), 3, order)
    assert again.digest == history.digest
    assert len({trial.config for trial in history.trials}) == 17


class ForgetfulSearch:
    """Asks as after a resume, every time."""

    def __init__(self, search):
        self.search = search

    def next(self, study, history):
        propose._MEMO.clear()
        return self.search.next(study, history)


def test_a_sampler_goes_on_while_its_story_does(monkeypatch):
    """With a constant number of trials out it is never rebuilt, whichever of them ends first."""
    built = []
    monkeypatch.setattr(propose, "Replay", lambda *args: built.append(args) or Replay(*args))
    search = OptunaSearch(sampler="RandomSampler")
    study = Study(space=SPACE, search=search.settings(), trials=17)
    out_at_once(study, search, 3, lambda out: out[-1])
    assert len(built) == 1
    history = out_at_once(study, search, 2)
    end(history, 15)
    end(history, 16)
    assert len(built) == 2
    search.propose(study, history, 1)
    assert len(built) == 3


def test_a_config_from_elsewhere_is_learnt_from(monkeypatch):
    """What another asked for takes the place of what the sampler did, and its loss counts."""
    search = OptunaSearch(options={"n_startup_trials": 4, "multivariate": True})
    study = Study(space=SPACE, search=search.settings(), seed=7, trials=100)
    given = {"rate": 0.05, "beta": 0.99, "units": 70, "kind": 2.5, "slope": 0.3}
    history = History(study)
    for number in range(60):
        near = {**given, "rate": 0.05 + number / 5000}
        config = near if number % 2 else search.next(study, history).config
        history.start(Config(config), 1)
        history.end(number, State.DONE, [Measurement(1, {"loss": 0.1 if number % 2 else 3.0})])
    found = [search.next(replace(study, seed=s), history).config for s in range(5)]
    assert sum(config["kind"] == 2.5 for config in found) >= 4
    assert sum(0.02 < config["rate"] < 0.15 for config in found) >= 4


def test_half_a_training_is_told_as_pruned():
    """A trial that a ladder stopped at a rung is no result of a full training."""
    search = OptunaSearch(sampler="RandomSampler")
    study = Study(space=SPACE, search=search.settings(), epochs=9, trials=5)
    history = History(study)
    for number, epochs in enumerate((9, 3)):
        history.start(search.next(study, history).config, epochs)
        history.end(number, State.DONE, [Measurement(epochs, {"loss": 0.5})])
    search.next(study, history)
    full, half = propose._MEMO[history]._study.trials[:2]
    assert (full.state.name, full.value) == ("COMPLETE", 0.5)
    assert (half.state.name, half.intermediate_values) == ("PRUNED", {3: 0.5})


def test_the_goal_is_the_studys():
    """A sampler told what to maximize goes up."""
    search = OptunaSearch(options={"n_startup_trials": 5})
    space = Space(x=Float(-0.7, 0.3))
    study = Study(space=space, goal=Goal.MAX, search=search.settings(), trials=40)
    history = History(study)
    for number in range(40):
        trial = history.start(search.next(study, history).config, 1)
        history.end(number, State.DONE, [Measurement(1, {"loss": trial.config["x"]})])
    assert sum(trial.config["x"] for trial in history.trials[20:]) / 20 > 0.05


def test_a_tuned_study_resumes(tmp_path):
    """Through tune(), on any number of workers, stopped half way: the same study."""
    question = {"trials": 13, "search": OptunaSearch(), "seed": 7}

    def objective(attempt):
        return loss_of(attempt)

    def stopped(attempt):
        if attempt.number == 7:
            raise KeyboardInterrupt
        return loss_of(attempt)

    whole = tune(objective, SPACE, **question)
    path = tmp_path / "a.study"
    with pytest.raises(KeyboardInterrupt):
        tune(stopped, SPACE, store=path, **question)
    assert (
        tune(objective, SPACE, store=path, executor="threads", workers=2, **question).digest
        == whole.digest
    )


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"options": {"n_startups": 5}}, "TPESampler cannot have the options {'n_startups': 5}: "),
        ({"sampler": "QMCSampler", "options": {"qmc_type": "sobel"}}, "QMCSampler cannot have"),
    ],
)
def test_options_that_a_sampler_does_not_have_are_refused(search, message):
    """With what it said itself."""
    search = OptunaSearch(**search)
    study = Study(space=SPACE, trials=5)
    with pytest.raises(StudyError, match=message):
        search.next(study, History(study))


def test_a_sampler_may_need_more_than_optuna(monkeypatch):
    """A package that is missing is named."""
    monkeypatch.setitem(sys.modules, "cmaes", None)
    search = OptunaSearch(sampler="CmaEsSampler", options={"n_startup_trials": 1})
    study = Study(space=Space(x=Float(0.1, 0.7), y=Float(0.2, 0.7)), trials=5)
    history = History(study)
    history.start(search.next(study, history).config, 1)
    history.end(0, State.DONE, [Measurement(1, {"loss": 0.5})])
    for _ in range(2):
        with pytest.raises(StudyError, match=r"CmaEsSampler needs a package .*cmaes.*: install"):
            search.next(study, history)


def test_every_sampler_of_the_list_is_there():
    """Optuna has them all, each with a seed."""
    for name in SAMPLERS:
        assert "seed" in inspect.signature(getattr(optuna.samplers, name)).parameters


def test_nothing_is_said(caplog, capsys):
    """A study of Optuna's is our own affair; how loud Optuna is stays as it was."""
    said = optuna.logging.get_verbosity()
    study = Study(space=SPACE, trials=5)
    OptunaSearch().next(study, History(study))
    assert (caplog.text, *capsys.readouterr()) == ("", "", "")
    assert optuna.logging.get_verbosity() == said


# --- ours as a sampler of theirs ----------------------------------------------------------------


def bowl(trial):
    """Look for rate 0.01 and kind b, on every kind of param."""
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    kind = trial.suggest_categorical("kind", ["a", "b", None])
    size = trial.suggest_int("size", 3, 23, step=4)
    slope = trial.suggest_float("slope", -0.3, 0.7, step=0.25)
    return (math.log10(rate) + 2) ** 2 + (kind != "b") + abs(size - 11) / 8 + abs(slope - 0.2)


def tuned(count, objective=bowl, direction="minimize", **sampler):
    study = optuna.create_study(sampler=TunesmithSampler(**sampler), direction=direction)
    study.optimize(objective, n_trials=count, catch=ArithmeticError)
    return study


def test_ours_finds_what_chance_does_not():
    """Forty trials come closer than the best of forty random ones, for each of three seeds."""
    for seed in range(3):
        random = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        random.optimize(bowl, n_trials=40)
        assert tuned(40, seed=seed, trials=40).best_value < random.best_value


def test_ours_maximizes_too():
    """The best of a negative bowl is the best of the bowl, trial by trial."""
    down, up = tuned(20, seed=3), tuned(20, lambda t: -bowl(t), "maximize", seed=3)
    assert [t.params for t in up.trials] == [t.params for t in down.trials]


def test_the_seed_decides():
    """The same one gives the same trials, another one others from the first on."""
    one, same, other = (tuned(15, seed=seed) for seed in (3, 3, 4))
    assert [t.params for t in one.trials] == [t.params for t in same.trials]
    assert one.sampler._proposed == {}
    assert one.trials[0].params != other.trials[0].params


def test_a_sampler_that_begins_anew_goes_on():
    """A study that is continued with a new sampler is the study that was never stopped."""
    study = tuned(9, seed=3)
    study.sampler = TunesmithSampler(seed=3)
    study.optimize(bowl, n_trials=6)
    assert [t.params for t in study.trials] == [t.params for t in tuned(15, seed=3).trials]


def test_trials_out_at_once_differ():
    """Before any of them has said what it was asked, and no two alike."""
    study = tuned(3, seed=3, search=SobolSearch())
    trials = [study.ask() for _ in range(5)]
    rates = {trial.suggest_float("rate", 1e-4, 1.0, log=True) for trial in trials}
    assert len(rates) == 5


def test_trials_that_fail_are_bad_ones():
    """They do not stop it, and are avoided."""

    def half(trial):
        loss = bowl(trial)
        if trial.params["rate"] > 0.003:
            raise ArithmeticError
        if trial.params["kind"] is None:
            raise optuna.TrialPruned
        return math.inf if trial.params["size"] == 3 else loss

    study = tuned(40, half, seed=3)
    late = [t.params["rate"] <= 0.003 for t in study.trials[20:]]
    assert sum(late) > 12


def test_a_condition_is_drawn_for_itself():
    """A param that not every trial has is no part of what the search decides."""

    def objective(trial):
        x = trial.suggest_float("x", 0.1, 0.7)
        return x if x > 0.4 else x + trial.suggest_int("n", 1, 9, log=True)

    study = tuned(15, objective)
    sampler = study.sampler
    assert list(sampler.infer_relative_search_space(study, study.ask())) == ["x"]


def test_what_is_tried_out_is_tried_again():
    """A space of six configs and eleven trials."""

    def objective(trial):
        return trial.suggest_int("n", 3, 5) + trial.suggest_categorical("c", [0, 1])

    for search in (None, GridSearch()):
        study = tuned(11, objective, search=search)
        assert len(study.trials) == 11
        assert len({tuple(trial.params.items()) for trial in study.trials}) >= 5


@pytest.mark.parametrize(
    ("sampler", "message"),
    [
        ({"search": "sobol"}, "search must be a search such as CoarseToFine"),
        ({"search": SobolSearch(ladder=BetterHalf())}, r"BetterHalf\(first=2\), but with Optuna"),
    ],
)
def test_a_search_that_does_not_fit_is_refused(sampler, message):
    """One clear sentence."""
    with pytest.raises(StudyError, match=message):
        TunesmithSampler(**sampler)


def test_several_objectives_are_refused():
    """As a ValueError, which Optuna's samplers raise for it."""
    study = optuna.create_study(directions=["minimize"] * 2, sampler=TunesmithSampler())
    with pytest.raises(StudyError, match="a study with 2 objectives has no best trial"):
        study.ask({"x": optuna.distributions.FloatDistribution(0.1, 0.7)})
