"""The best few networks together: who they are, and when they are better."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.fit.test_flow import Silent, cut, run_of, same
from tests.waiting import PATIENCE

from tunesmith.fit import ensemble, selection
from tunesmith.fit import objective as fit_objective
from tunesmith.fit.ensemble import candidates, refit_together, reserve
from tunesmith.fit.flow import run_fit
from tunesmith.fit.lesson import targets_of
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.fit.optimism import optimism
from tunesmith.fit.pace import Pace
from tunesmith.fit.remembered import KEPT
from tunesmith.fit.selection import how_many, in_order, together
from tunesmith.ledger import read_ledger
from tunesmith.model.file import load_model
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.store.store import Store

TRIALS = 12


@pytest.fixture(scope="module", params=["datas", "few"])
def data(request):
    """Return a table of numbers to predict, judged by one part and by all its rows in turn."""
    return request.getfixturevalue(request.param)["price"]


@pytest.fixture(scope="module")
def searched(data, sources, tmp_path_factory):
    """Return a run that joins networks, its result, and the history of its search."""
    search = CoarseToFine(ladder=Full()).settings()  # so that the best are many
    folder = tmp_path_factory.mktemp("joined")
    run = run_of(data, sources["price"], folder, trials=TRIALS, search=search)
    run = replace(run, ensemble=True)
    result = run_fit(run)
    with Store.read(run.store) as store:
        return run, result, read_ledger(store.replay()).history


def objective_of(run):
    """Return a new objective of a run, which remembers no outputs."""
    study = run.study
    return TableObjective(
        run.data, metric=METRICS[study.metric], seed=study.seed, epochs=study.epochs
    )


def outputs_of(run, trials):
    """Return what the networks of trials put out on the rows that judge, trained again."""
    objective = objective_of(run)
    return [objective.outputs(trial, lambda: False) for trial in trials]


def members_of(run, history):
    """Return the trials of an ensemble in the order in which they are joined."""
    chosen = candidates(run.study, history)
    targets = targets_of(run.data, run.data.split.train)
    order = in_order(run.data, METRICS["r2"], targets, outputs_of(run, chosen))
    return [chosen[k] for k in order]


def test_candidates_are_the_best_of_different_configs(searched):
    """The recommended one first, then by loss; all trained as long as it was, none twice."""
    run, _, history = searched
    found = candidates(run.study, history)
    assert found[0] is history.best
    assert 1 < len(found) <= KEPT
    assert len({trial.config for trial in found}) == len(found)
    losses = [run.study.loss(trial) for trial in found]
    assert losses[1:] == sorted(losses[1:])
    assert {trial.epochs_trained for trial in found} == {history.best.epochs_trained}
    full = [t for t in history.trials if t.epochs_trained == found[0].epochs_trained]
    left = [t for t in full if run.study.usable(t) and t.config not in {f.config for f in found}]
    assert len(found) == KEPT or not left


def test_as_many_are_joined_as_are_best_together(searched):
    """By the metric of averaged outputs on rows that none of them learned from."""
    run, result, history = searched
    targets, right = targets_of(run.data, run.data.split.train), run.data.y[run.data.split.judging]
    outputs = outputs_of(run, members_of(run, history))
    found = together(run.data, targets, outputs)
    for n, predictions in enumerate(found, start=1):
        by_hand = targets.predictions(np.mean(outputs[:n], axis=0, dtype=np.float64))
        np.testing.assert_allclose(predictions, by_hand, rtol=1e-5)
    metric = METRICS["r2"]
    assert metric.of(found[0], right) == pytest.approx(history.best.metric("r2"), abs=1e-12)
    assert result.members == how_many(metric, found, right, seed=run.study.seed)
    assert result.optimism == optimism(run.study, history.trials) is not None


def test_members_are_trained_again_on_all_rows_known(searched):
    """Each is, to the bit, the refit of its config at an address of its own."""
    run, result, history = searched
    model = load_model(run.model)
    chosen = members_of(run, history)[: result.members]
    assert len(model.members) == len(chosen)
    for n, (member, trial) in enumerate(zip(model.members, chosen, strict=True)):
        times = chosen[:n].count(trial)  # one that comes again has another seed
        alone = refit(
            run.data,
            trial.config,
            epochs=trial.epochs_trained,
            full=run.study.epochs,
            seed=3,
            path=("refit", trial.number, times) if times else ("refit", trial.number),
        ).model
        assert member.weights.tobytes() == alone.members[0].weights.tobytes()


def test_interrupted_and_resumed_it_is_the_same(searched, tmp_path):
    """Outputs that are no longer in memory are made again: the same model, bit for bit."""
    run, expected, _ = searched
    place = {"store": tmp_path / "x.study", "model": tmp_path / "x.model", "workers": 2}
    with pytest.raises(KeyboardInterrupt):
        run_fit(replace(run, **place, watch=Silent(TRIALS - 2), began=time.monotonic()))
    result = run_fit(replace(run, **place, watch=Silent(), began=time.monotonic()))
    assert same(result, expected)
    assert (tmp_path / "x.model").read_bytes() == run.model.read_bytes()
    (tmp_path / "x.model").unlink()
    again = run_fit(replace(run, **place, watch=Silent(), began=time.monotonic()))
    assert same(again, expected)  # with no output in memory at all
    assert (tmp_path / "x.model").read_bytes() == run.model.read_bytes()


def every(metric, predictions, right, *, seed):
    """Return the number of all that can be joined."""
    return len(predictions)


def joined(run, history, *, deadline=math.inf, workers=2):
    """Join the best of a search anew."""
    return retrained(run, history, deadline=deadline, workers=workers).model


def retrained(run, history, *, deadline=math.inf, workers=2, objective=None):
    """Join the best of a search anew, and say how."""
    return refit_together(
        run.study,
        run.data,
        run.data,
        history,
        objective or objective_of(run),
        deadline=deadline,
        workers=workers,
    )


def test_a_deadline_drops_members(searched, monkeypatch):
    """As many as there is time for, the best first; one is always trained."""
    run, _, history = searched
    chosen = members_of(run, history)
    known = candidates(run.study, history)
    outputs = {t.number: out for t, out in zip(known, outputs_of(run, known), strict=True)}
    monkeypatch.setattr(TableObjective, "remembered", lambda self, trial: outputs[trial.number])
    monkeypatch.setattr(selection, "how_many", every)
    assert len(joined(run, history).members) == len(chosen)
    folds = len(run.data.split.lessons)
    monkeypatch.setattr(ensemble, "worse_than_trial", lambda *_, **__: "")
    needed = [2 * trial.seconds / folds for trial in chosen]
    clock = SimpleNamespace(monotonic=lambda: 50.0)
    monkeypatch.setattr(ensemble, "time", clock)
    two = 50.0 + (needed[0] + 1.0001 * needed[1]) / 2  # with two workers
    monkeypatch.setattr(ensemble, "refit", lambda data, config, **asked: refit_now(run, config))
    assert len(joined(run, history, deadline=two).members) == 2
    assert len(joined(run, history, deadline=0.0).members) == 1


def with_networks(run, trials):
    """Return an objective that has the networks of trials, as their search has."""
    objective = objective_of(run)
    for trial in trials:
        value = trial.metric(run.study.metric)
        objective.networks.add(trial.number, trial.epochs_trained, value, objective.model(trial))
    return objective


@pytest.mark.parametrize("late", [True, False], ids=["no time", "cut"])
def test_where_the_time_is_up_the_networks_of_the_search_are_joined(searched, monkeypatch, late):
    """All of those that are best together, which none of the rows that judge has taught."""
    run, _, history = searched
    known = candidates(run.study, history)
    outputs = {t.number: out for t, out in zip(known, outputs_of(run, known), strict=True)}
    monkeypatch.setattr(TableObjective, "remembered", lambda self, trial: outputs[trial.number])
    objective = with_networks(run, known)
    monkeypatch.setattr(selection, "how_many", every)
    if not late:
        monkeypatch.setattr(fit_objective, "_train", cut)
    deadline = time.monotonic() - 1 if late else time.monotonic() + 1e6
    picked = {trial.number: trial for trial in members_of(run, history)}
    found = retrained(run, history, deadline=deadline, objective=objective)
    assert found.kind == "kept"
    folds = len(run.data.split.lessons)
    assert len(found.model.members) == folds * len(picked)
    expected = [m.weights.tobytes() for t in picked.values() for m in objective.model(t).members]
    assert [member.weights.tobytes() for member in found.model.members] == expected
    why = "no time was left to train them again" if late else "training it again was cut after "
    networks = (
        f"the average of the {len(expected)} networks" if len(expected) > 1 else "the network"
    )
    assert found.reason.startswith(f"the model is {networks} that the search trained: {why}")


def test_one_that_diverges_is_replaced_with_all_others(searched, monkeypatch):
    """Whatever the budget: networks that give no number are in no ensemble."""
    run, _, history = searched

    def diverged(*args, **asked):
        found = refit(*args, **asked)
        found.model.members[0].weights[:] = np.nan
        return found

    monkeypatch.setattr(ensemble, "refit", diverged)
    found = retrained(run, history)
    assert found.kind == "kept"
    assert found.reason.endswith("it diverged when it was trained again")
    assert np.isfinite(found.model.outputs(run.data.x)).all()


def test_a_deadline_keeps_outputs_from_being_made_again(searched, monkeypatch):
    """After a resume nothing is in memory: who cannot be judged in time is no candidate."""
    run, _, history = searched
    asked, outputs = [], TableObjective.outputs
    monkeypatch.setattr(
        TableObjective, "outputs", lambda *a: asked.append(a[1].number) or outputs(*a)
    )
    monkeypatch.setattr(ensemble, "time", SimpleNamespace(monotonic=lambda: 50.0))
    monkeypatch.setattr(ensemble, "refit", lambda data, config, **asked: refit_now(run, config))
    first, second, *_ = candidates(run.study, history)
    joined(run, history, deadline=50.0 + 1.001 * (first.seconds + second.seconds) / 2)
    assert sorted(asked) == sorted([first.number, second.number])


def refit_now(run, config):
    """Train a config for an epoch, whatever the time."""
    return refit(run.data, config, epochs=1, full=run.study.epochs, seed=3)


def test_ctrl_c_stops_all_of_them(searched, monkeypatch):
    """Trainings in other threads hear of it, and nothing is waited for that has not begun."""
    run, _, history = searched
    asked = []

    def endless(data, config, *, should_stop, **_):
        asked.append(config)
        if len(asked) == 1:
            raise KeyboardInterrupt
        while not should_stop():
            time.sleep(0.002)
        raise AssertionError("its result is not asked for")

    monkeypatch.setattr(selection, "how_many", every)
    monkeypatch.setattr(ensemble, "refit", endless)
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(joined, run, history)
        with pytest.raises(KeyboardInterrupt):
            task.result(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("minutes", "together_by", "seconds", "expected"),
    [
        (2.0, None, None, 0.0),  # no network yet: all the time is for one
        (2.0, None, 8.0, 16.0),  # one network again, twice as long
        (2.0, 2, 2.0, 16.0),  # eight of 4 seconds on two workers
        (2.0, 2, 15.0, 36.0),  # at most the share
        (2.0, 2, 40.0, 80.0),  # but one network at least
        (None, None, 8.0, 16.0),
    ],
)
def test_time_that_is_kept(datas, sources, tmp_path, minutes, together_by, seconds, expected):
    """Drawn by hand, for one part of the rows that judges."""
    study = run_of(datas["fruit"], sources["fruit"], tmp_path, minutes=minutes).study
    best = SimpleNamespace(number=3, seconds=seconds)
    history = SimpleNamespace(has_best=seconds is not None, best=best)
    idle, busy = Pace(), Pace()
    found = reserve(study, datas["fruit"], history, idle, together_by=together_by)
    assert found == pytest.approx(expected)
    busy.add(2, 9.0, 3.0)  # a machine that became three times as slow
    asked = reserve(study, datas["fruit"], history, busy, together_by=None)
    assert asked == pytest.approx(2 * 3 * (seconds or 0.0))


def test_folds_take_no_time_again(few, sources, tmp_path):
    """A trial trained five networks, and one of them is trained again."""
    study = run_of(few["fruit"], sources["fruit"], tmp_path).study
    history = SimpleNamespace(has_best=True, best=SimpleNamespace(number=0, seconds=8.0))
    found = reserve(study, few["fruit"], history, Pace(), together_by=None)
    assert found == pytest.approx(2 * 8 / 5)
