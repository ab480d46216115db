"""The last training: when it counts, and what takes its place."""

import math
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.fit.test_flow import EPOCHS, run_of

from tunesmith.fit import retraining
from tunesmith.fit.flow import run_fit
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import Refit, TableObjective, refit
from tunesmith.fit.retraining import (
    as_trained,
    retrain,
    stored_model,
    unfinished,
    worse_than_trial,
)
from tunesmith.ledger import read_ledger
from tunesmith.store.store import Store
from tunesmith.trial import Measurement


@pytest.fixture(scope="module", params=["datas", "few"])
def data(request):
    """Return a table, judged by one part and by all its rows in turn."""
    return request.getfixturevalue(request.param)["fruit"]


@pytest.fixture(scope="module")
def searched(data, sources, tmp_path_factory):
    """Return a run and the history of its search."""
    run = run_of(data, sources["fruit"], tmp_path_factory.mktemp("searched"))
    run_fit(run)
    with Store.read(run.store) as store:
        return run, read_ledger(store.replay()).history


def objective_of(run, *, stored=()):
    """Return an objective that has the networks of these trials."""
    metric = METRICS[run.study.metric]
    objective = TableObjective(run.data, metric=metric, seed=3, epochs=EPOCHS)
    for trial in stored:
        value = trial.metric(metric.name)
        objective.networks.add(trial.number, trial.epochs_trained, value, objective.model(trial))
    return objective


def again(run, history, objective, *, deadline=math.inf):
    """Train the best of a search again."""
    return retrain(run.study, run.data, run.data, history, objective, deadline=deadline, workers=1)


def same_networks(model, other):
    """Return whether two models have the same weights."""
    return [m.weights.tobytes() for m in model.members] == [
        m.weights.tobytes() for m in other.members
    ]


def test_with_time_it_is_the_best_config_on_all_rows(searched):
    """In full, whether or not the search's network is stored; nothing is to be explained."""
    run, history = searched
    best = history.best
    expected = refit(run.data, best.config, epochs=EPOCHS, full=EPOCHS, seed=3).model
    for stored in ((), (best,)):
        found = again(run, history, objective_of(run, stored=stored))
        assert (found.kind, found.reason, found.about) == ("full", "", {})
        assert same_networks(found.model, expected)


def test_without_time_it_is_the_network_of_the_search(searched):
    """Also where it is cut when it has begun."""
    run, history = searched
    objective = objective_of(run, stored=[history.best])
    for left in (-5.0, 1e-9):
        found = again(run, history, objective, deadline=time.monotonic() + left)
        assert found.kind == "kept"
        assert same_networks(found.model, objective.model(history.best))
        assert found.about == {"refit": "kept", "refit_reason": found.reason}


def test_a_network_that_is_nowhere_is_no_alternative(searched):
    """Then the training takes its time, though that is up."""
    run, history = searched
    found = again(run, history, objective_of(run), deadline=time.monotonic() - 5)
    assert (found.kind, found.reason) == ("full", "")


def test_any_trial_of_the_config_will_do(searched):
    """The recommended trial is the first of its config, and another may be the one stored."""
    run, history = searched
    best = history.best
    twin = replace(best, number=len(history.trials))
    both = SimpleNamespace(trials=[*history.trials, twin], study=run.study)
    objective = objective_of(run, stored=[twin])
    found = stored_model(objective, both, best)
    assert same_networks(found, objective.model(twin))
    others = [t for t in history.trials if t.config != best.config]
    assert stored_model(objective_of(run, stored=others), history, best) is None


def test_one_that_diverges_is_never_the_model(searched, monkeypatch):
    """Not even with a budget of trials, where the search's network is trained again for it."""
    run, history = searched

    def diverged(*args, **asked):
        found = refit(*args, **asked)
        found.model.members[0].weights[:] = np.inf
        return found

    monkeypatch.setattr(retraining, "refit", diverged)
    found = again(run, history, objective_of(run))
    assert found.kind == "kept"
    assert found.reason.endswith("it diverged when it was trained again")
    assert same_networks(found.model, objective_of(run).model(history.best))


def trained(epochs, planned, *, complete=True):
    """Return what came of a training of so many epochs."""
    return Refit(
        model=SimpleNamespace(members=[]), epochs=epochs, planned=planned, complete=complete
    )


def test_a_hurried_training_learns_as_much_as_the_trial_at_least():
    """100 rows for 12 epochs in the search are 1,200; of 150 rows, 8 epochs are as many."""
    searched = SimpleNamespace(split=SimpleNamespace(lessons=[(range(100), range(50))]))
    known = SimpleNamespace(split=SimpleNamespace(known=range(150)))
    assert unfinished(trained(8, 12), searched, known) == ""
    assert unfinished(trained(7, 12), searched, known) == (
        "there was time for only 7 of 12 epochs to train it again"
    )
    assert unfinished(trained(12, 12), searched, known) == ""
    assert unfinished(trained(11, 12, complete=False), searched, known) == (
        "training it again was cut after 11 of 12 epochs, as the time was up"
    )


def test_what_was_shortened_is_said():
    """The least of several, and that the search had no full training."""
    study, best = SimpleNamespace(epochs=12), SimpleNamespace(epochs_trained=12)
    found = as_trained(None, [trained(12, 12), trained(9, 12), trained(10, 12)], study, best)
    assert (found.kind, found.reason) == (
        "shortened",
        "trained again for 9 of 12 epochs, since time was short",
    )
    early = as_trained(None, [trained(5, 5)], study, SimpleNamespace(epochs_trained=5))
    assert (early.kind, early.reason) == (
        "full",
        "no network was trained for all 12 epochs in time: the best one had 5",
    )


def test_worse_on_the_rows_that_it_has_learned_from(searched):
    """By more than chance; with a budget of trials nothing is asked."""
    run, history = searched
    best, study = history.best, run.study
    good = refit(run.data, best.config, epochs=40, full=40, seed=3).model
    assert worse_than_trial(good, study, run.data, best, timed=True) == ""
    strong = replace(best, measurements=(Measurement(EPOCHS, {"accuracy": 0.9875}),))
    poor = replace(good, members=tuple(map(without_weights, good.members)))
    why = worse_than_trial(poor, study, run.data, strong, timed=True)
    assert why.startswith("trained again it had accuracy 0.")
    assert why.endswith(" on the rows that chose it, after 0.9875 in the search")
    assert worse_than_trial(poor, study, run.data, strong, timed=False) == ""


def without_weights(member):
    """Return a network that says the same of all rows."""
    return replace(member, weights=np.zeros_like(member.weights))
