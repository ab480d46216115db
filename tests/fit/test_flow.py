"""The whole flow: what a run says is true, and it is the same however it came about."""

import json
import math
import time
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score

from tunesmith.errors import FileError, NothingFound, StoreError, StudyError
from tunesmith.fit import flow, objective, retraining
from tunesmith.fit.flow import Run, final_score, run_fit
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import TableObjective, refit
from tunesmith.fit.optimism import optimism
from tunesmith.fit.plan import make_study
from tunesmith.history import History
from tunesmith.ledger import read_ledger
from tunesmith.model.file import load_model
from tunesmith.space import LOG, Float, Space
from tunesmith.store.store import Store
from tunesmith.table.read import read_table
from tunesmith.trial import Config, Measurement, State

TRIALS, EPOCHS = 7, 4


class Silent:
    """Shows nothing, and keeps what it was to show; Ctrl-C at the n-th progress, if asked."""

    def __init__(self, interrupt_at=math.inf):
        self.phases, self.seen, self.interrupt_at = [], [], interrupt_at

    def phase(self, text):
        self.phases.append(text)

    def progress(self, history):
        self.seen.append(len(history.trials))
        if len(self.seen) == self.interrupt_at:
            raise KeyboardInterrupt


def run_of(data, source, folder, *, workers=1, watch=None, began=None, **changes):
    """Describe a run of few trials and epochs."""
    study = make_study(data, msgspec.to_builtins(source), trials=TRIALS, minutes=None, seed=3)
    return Run(
        study=replace(study, epochs=EPOCHS, **changes),
        data=data,
        store=folder / "x.study",
        model=folder / "x.model",
        workers=workers,
        began=time.monotonic() if began is None else began,
        watch=watch or Silent(),
    )


def events_of(path):
    with Store.read(path) as store:
        return list(store.replay())


@pytest.fixture(scope="module")
def runs(datas, sources, tmp_path_factory):
    """Return an undisturbed run of each table, with one worker, and its result."""
    made = {}
    for name, data in datas.items():
        run = run_of(data, sources[name], tmp_path_factory.mktemp(name))
        made[name] = run, run_fit(run)
    return made


# --- what it says is true -------------------------------------------------------------------------


def test_the_score_is_that_of_the_model_on_the_test_rows(runs, sources):
    """Reading the file again, and predicting rows kept apart with the model saved, gives it."""
    for name, (run, result) in runs.items():
        model = load_model(run.model)
        text = read_table(sources[name].name).frame
        test = run.data.split.test
        predicted = model.predict(model.encoder.typed(text))[name].gather(test).to_numpy()
        truth = text[name].gather(test)
        if name == "fruit":
            score = np.mean(predicted == truth.to_numpy())
        else:
            score = r2_score(truth.cast(float).to_numpy(), predicted)
        assert result.score == pytest.approx(score, abs=1e-6)
        assert result.rows == len(test)
        low, high = result.interval
        assert low < result.score < high


def test_the_model_is_the_best_config_trained_again(runs):
    """On all rows known, for as many epochs, from the study's seed: to the bit."""
    for run, result in runs.values():
        again = refit(run.data, result.config, epochs=EPOCHS, full=EPOCHS, seed=3).model
        assert (
            load_model(run.model).members[0].weights.tobytes() == again.members[0].weights.tobytes()
        )


def test_the_score_is_worth_something(runs):
    """Even so few epochs are better than a constant: the test rows hold what was learned."""
    for _, result in runs.values():
        assert result.score > result.baseline["constant"] + 0.2


def test_the_baselines_are_scikit_learns(runs):
    """Both are fitted on the rows that the model was, and judged on those it was."""
    for name, (run, result) in runs.items():
        data = run.data
        known = np.sort(np.concatenate([data.split.train, data.split.valid]))
        test = data.split.test
        kind = LogisticRegression(max_iter=100) if name == "fruit" else Ridge()
        x = np.hstack([data.x[:, :3], np.eye(5)[data.x[:, 3].astype(int)]])  # the slots of colour
        linear = kind.fit(x[known], data.y[known]).score(x[test], data.y[test])
        assert result.baseline["linear"] == pytest.approx(linear, abs=1e-5)


def test_a_result_tells_what_happened(runs):
    """Trials, epochs, config and digest are those of the study file, and of the best trial."""
    for run, result in runs.values():
        history = read_ledger(events_of(run.store)).history
        assert result.digest == history.digest
        assert result.config == dict(history.best.config)
        assert (result.trials, history.best.epochs_trained) == (TRIALS, EPOCHS)
        trained = sum(trial.epochs_trained for trial in history.trials)
        assert result.epochs == trained < TRIALS * EPOCHS
        assert result.finished == history.finished != ""
        assert (result.study, result.model) == (str(run.store), str(run.model))
        assert result.metric == run.study.metric
        assert result.seconds > 0
        best = max(trial.metric(run.study.metric) for trial in history.trials)
        assert history.best.metric(run.study.metric) == result.validation == best
        assert (result.members, result.optimism) == (1, optimism(run.study, history.trials))


def test_the_result_is_the_last_event(runs):
    """A study file keeps it, as the plain data that --json prints."""
    for run, result in runs.values():
        *_, last = events_of(run.store)
        assert last.kind == "result"
        assert last.body == json.loads(msgspec.json.encode(result))


def test_a_model_says_how_it_came_about(runs):
    """Its score and others', seed, digest, trial and config, without times and places."""
    for run, result in runs.values():
        about = load_model(run.model).about
        told = {"tunesmith", "score", "baseline", "seed", "digest", "trial", "config"}
        assert set(about) == told
        assert about["baseline"] == result.baseline
        assert about["score"]["value"] == result.score
        assert [about["score"]["low"], about["score"]["high"]] == result.interval
        assert (about["seed"], about["digest"]) == (3, result.digest)
        assert about["config"] == result.config


def test_a_run_leaves_two_files(runs):
    """The study and the model; what was needed on the way is gone."""
    for run, _ in runs.values():
        assert sorted(p.name for p in run.store.parent.iterdir()) == ["x.model", "x.study"]


def test_what_is_shown(runs):
    """Every phase that may take seconds is announced, and progress never goes back."""
    for run, _ in runs.values():
        assert [text.split()[0] for text in run.watch.phases] == [
            "fitting",
            "training",
        ]
        assert run.watch.seen == sorted(run.watch.seen)
        assert run.watch.seen[-1] == TRIALS


# --- however it came about ------------------------------------------------------------------------


def same(result, expected):
    """Return whether two results differ in time and place only."""
    here = {"seconds": 0.0, "study": "", "model": ""}
    return msgspec.structs.replace(result, **here) == msgspec.structs.replace(expected, **here)


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_two_workers_come_to_the_same(runs, datas, sources, tmp_path, name):
    """The same digest and score, and the same model, bit for bit."""
    first, expected = runs[name]
    run = run_of(datas[name], sources[name], tmp_path, workers=2)
    assert same(run_fit(run), expected)
    assert run.model.read_bytes() == first.model.read_bytes()


def test_another_seed_is_another_run(runs, datas, sources, tmp_path):
    """The sameness above is not that of things that never change."""
    result = run_fit(run_of(datas["fruit"], sources["fruit"], tmp_path, seed=4))
    assert result.digest != runs["fruit"][1].digest


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("step", [1, 3, TRIALS])
def test_interrupted_and_resumed(runs, datas, sources, tmp_path, step, workers):
    """Ctrl-C leaves a study without model that goes on to where it would have ended."""
    first, expected = runs["fruit"]
    run = run_of(datas["fruit"], sources["fruit"], tmp_path, workers=workers, watch=Silent(step))
    with pytest.raises(KeyboardInterrupt):
        run_fit(run)
    assert not run.model.exists()
    assert "result" not in [event.kind for event in events_of(run.store)]
    assert same(run_fit(replace(run, watch=Silent(), workers=3 - workers)), expected)
    assert run.model.read_bytes() == first.model.read_bytes()


@pytest.mark.parametrize("place", ["retrain", "save_model"])
def test_interrupted_after_the_search(runs, datas, sources, tmp_path, monkeypatch, place):
    """The search is not made again, and the end is the same."""
    first, expected = runs["price"]
    run = run_of(datas["price"], sources["price"], tmp_path)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(flow, place, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_fit(run)
    monkeypatch.undo()
    events = len(events_of(run.store))
    assert same(run_fit(run), expected)
    assert len(events_of(run.store)) == events + 1
    assert run.model.read_bytes() == first.model.read_bytes()


def test_a_finished_run_is_left_as_it_is(datas, sources, tmp_path, monkeypatch):
    """Its stored result is returned, nothing is trained, and no file is touched."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path)
    expected = run_fit(run)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(flow, "retrain", None)
        again = replace(run, watch=Silent())
        assert run_fit(again) == expected
    assert again.watch.phases == []
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    assert after == before


def test_a_model_that_is_missing_is_made_again(datas, sources, tmp_path):
    """The same one, though the minutes of its study are over."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path, minutes=9.0)
    expected = run_fit(run)
    content = run.model.read_bytes()
    run.model.unlink()
    late = replace(run, began=time.monotonic() - 60 * 9, watch=Silent())
    assert same(run_fit(late), expected)
    assert run.model.read_bytes() == content


def test_a_model_of_the_search_is_made_again(datas, sources, tmp_path, monkeypatch):
    """Where that was what the study ended with."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path, minutes=9.0)
    with monkeypatch.context() as patch:
        patch.setattr(objective, "_train", cut)
        expected = run_fit(run)
    content = run.model.read_bytes()
    run.model.unlink()
    assert same(run_fit(replace(run, watch=Silent())), expected)
    assert run.model.read_bytes() == content


def test_with_a_larger_budget_a_finished_run_goes_on(datas, sources, tmp_path):
    """The model is then that of the larger search."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path)
    run_fit(run)
    more = replace(run, study=replace(run.study, trials=TRIALS + 3), amend=True, watch=Silent())
    result = run_fit(more)
    assert result.trials == TRIALS + 3
    assert load_model(run.model).about["digest"] == result.digest


def test_another_question_is_refused(runs, tmp_path):
    """A study file goes on with its own question only, and stays as it is."""
    run, _ = runs["fruit"]
    before = events_of(run.store)
    other = replace(run, study=replace(run.study, trials=TRIALS + 2), model=tmp_path / "x.model")
    with pytest.raises(StudyError, match=r"is another study \(trials 7, not 9\)"):
        run_fit(other)
    assert events_of(run.store) == before


# --- time -----------------------------------------------------------------------------------------


def test_minutes_count_from_the_start():
    """All must be over a second before the minutes are, and earlier the more rows there are.

    An interval that is drawn costs more the more classes there are.
    """
    timed, endless, drawn = (
        Run(
            study=SimpleNamespace(minutes=minutes, metric=metric),
            data=SimpleNamespace(outputs=7, split=SimpleNamespace(test=range(100_000))),
            store=None,
            model=None,
            workers=1,
            began=1000.5,
            watch=None,
        )
        for minutes, metric in ((3, "accuracy"), (None, "accuracy"), (3, "auc"))
    )
    assert timed.end() == 1000.5 + 180 - flow.CLOSING_SECONDS - 2
    assert drawn.end() == timed.end() - 6 * 2
    assert timed.end(slowdown=2.5) == 1000.5 + 180 - 2.5 * (flow.CLOSING_SECONDS + 2)
    assert endless.end() == math.inf


def test_time_is_kept_for_the_refit(datas, sources, tmp_path, monkeypatch):
    """The search ends early enough to train the best trial again: twice as long as it took.

    While there is no network, all the time is for one. The advice at the end takes a millisecond
    for each trial.
    """
    asked = {}

    def drive(study, executor, events, folder, *, deadline, watch):
        history = History(study)
        asked["before"] = deadline(history)
        trial = history.start(Config(study.space.defaults()), study.epochs)
        measured = [Measurement(1, {"accuracy": 0.7})]
        history.end(trial.number, State.STOPPED, measured, seconds=7.0)
        asked["after"] = deadline(history)
        return history

    def stopped(study, data, known, history, objective, *, deadline, workers):
        asked["refit"] = history.best.number, deadline, workers
        raise KeyboardInterrupt

    monkeypatch.setattr(flow, "drive", drive)
    monkeypatch.setattr(flow, "retrain", stopped)
    run = run_of(datas["fruit"], sources["fruit"], tmp_path, minutes=2.0, began=500.0)
    with pytest.raises(KeyboardInterrupt):
        run_fit(run)
    end = run.end()
    assert asked["before"] == pytest.approx(end)
    assert asked["after"] == pytest.approx(end - 2 * 7 - 0.001, abs=1e-6)
    assert asked["refit"] == (0, end, 1)


def cut(training, epochs, deadline, should_stop):
    """Train one of the epochs, as on a machine that had a hiccup."""
    training.train_epoch()


@pytest.mark.parametrize("name", ["fruit", "price"])
@pytest.mark.parametrize("part", ["datas", "few"])
def test_a_last_training_that_is_cut_is_not_shipped(
    request, sources, tmp_path, monkeypatch, name, part
):
    """The model is then the search's: it predicts as the best trial did, and says why."""
    data = request.getfixturevalue(part)[name]
    monkeypatch.setattr(objective, "_train", cut)
    run = run_of(data, sources[name], tmp_path, minutes=9.0)
    result = run_fit(run)
    model = load_model(run.model)
    history = read_ledger(events_of(run.store)).history
    best = history.best
    assert best.epochs_trained == EPOCHS
    metric = METRICS[run.study.metric]
    again = TableObjective(data, metric=metric, seed=3, epochs=EPOCHS).model(best)
    for mine, trained in zip(model.members, again.members, strict=True):
        assert mine.weights.tobytes() == trained.weights.tobytes()
    networks = "the average of the 5 networks" if part == "few" else "the network"
    assert result.refit == "kept"
    assert result.refit_reason == (
        f"the model is {networks} that the search trained: training it again was cut after 1 of "
        f"{EPOCHS} epochs, as the time was up"
    )
    assert model.about["refit"] == "kept"
    assert model.about["refit_reason"] == result.refit_reason
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.model", "x.study"]


def test_a_resumed_study_has_the_networks_of_its_search(datas, sources, tmp_path, monkeypatch):
    """Stopped while it trained the last network, and gone on with when the time was up."""
    asked = {"minutes": 9.0}
    run = run_of(datas["fruit"], sources["fruit"], tmp_path, **asked)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retraining, "refit", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_fit(run)
    monkeypatch.setattr(TableObjective, "__call__", interrupt)  # nothing is trained any more
    monkeypatch.setattr(retraining, "refit", interrupt)
    late = replace(run, began=time.monotonic() - 60 * 9, watch=Silent())
    result = run_fit(late)
    assert result.refit == "kept"
    assert result.refit_reason.endswith("no time was left to train it again")
    assert result.score > result.baseline["constant"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.model", "x.study"]


def test_a_result_worse_than_a_baseline_says_so(datas, sources, tmp_path, monkeypatch):
    """By the metric's own direction."""
    worst = {"linear": 0.999, "constant": 0.01}
    monkeypatch.setattr(flow, "_baselines", lambda run: worst)
    result = run_fit(run_of(datas["fruit"], sources["fruit"], tmp_path))
    assert result.worse_than == ["linear"]
    assert result.refit == "full"
    assert result.refit_reason == ""


def test_a_run_ends_when_its_time_is_up(datas, sources, tmp_path):
    """With trials without end it is time that ends it; the result is as good as any."""
    seconds, result = 1.0, None
    while result is None:  # a busy machine may need longer for a first network
        (tmp_path / str(seconds)).mkdir()
        run = run_of(
            datas["fruit"],
            sources["fruit"],
            tmp_path / str(seconds),
            minutes=seconds / 60,
            trials=None,
            began=time.monotonic() + 0.5,
        )
        with suppress(NothingFound):
            result = run_fit(run)
        seconds *= 2
    assert result.finished == "the time was up"
    assert result.trials > 0
    assert load_model(run.model).about["score"]["value"] == result.score
    assert read_ledger(events_of(run.store)).history.digest == result.digest


def test_too_little_time_is_said(datas, sources, tmp_path):
    """Where no network could be trained for an epoch there is a sentence, now and when resumed."""
    run = run_of(
        datas["fruit"], sources["fruit"], tmp_path, minutes=0.5, began=time.monotonic() - 40
    )
    for _ in range(2):
        with pytest.raises(StudyError) as caught:
            run_fit(run)
        assert str(caught.value) == (
            "the time was up before one network had trained for an epoch: give more --minutes, "
            "and another --out, since this study is over"
        )
        assert not run.model.exists()


# --- what cannot be -------------------------------------------------------------------------------


@pytest.fixture
def nothing_trains(monkeypatch):
    """Make it an error to begin."""

    def begun(*_):
        raise AssertionError("the run has begun")

    monkeypatch.setattr(flow, "warm_up", begun)


def test_a_model_path_that_cannot_be_is_refused_first(
    datas, sources, tmp_path, nothing_trains, monkeypatch
):
    """No folder, a folder, a name too long, no permission: said before anything is spent."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path)

    def refusal(path):
        with pytest.raises(FileError) as caught:
            run_fit(replace(run, model=path))
        assert list(tmp_path.iterdir()) == []
        return str(caught.value)

    nowhere = tmp_path / "no" / "x.model"
    remedy = "make it, or choose another with --out"
    assert refusal(nowhere) == f"there is no folder {nowhere.parent}: {remedy}"
    assert refusal(tmp_path) == f"{tmp_path} is a folder: choose another name with --out"
    long = tmp_path / ("x" * 300)
    reason = "cannot be used (File name too long): choose another name with --out"
    assert refusal(long) == f"{long} {reason}"
    monkeypatch.setattr(flow.os, "access", lambda *_: False)
    assert refusal(run.model) == f"{run.model} may not be written: choose another place with --out"


def test_a_model_that_may_not_be_replaced_is_refused_first(
    datas, sources, tmp_path, nothing_trains, monkeypatch
):
    """The folder may be written in, the file that is there may not."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path)
    run.model.write_bytes(b"kept")
    monkeypatch.setattr(flow.os, "access", lambda path, _: path != run.model)
    with pytest.raises(FileError, match="may not be written"):
        run_fit(run)
    assert run.model.read_bytes() == b"kept"


def test_a_study_path_that_is_no_study_is_refused(datas, sources, tmp_path):
    """A file of the study's name that is something else stays as it is."""
    run = run_of(datas["fruit"], sources["fruit"], tmp_path)
    run.store.write_text("weight,fruit\n3,pear\n" * 99)
    with pytest.raises(StoreError):
        run_fit(run)
    assert run.store.read_text() == "weight,fruit\n3,pear\n" * 99
    assert not run.model.exists()


def test_a_space_in_which_all_diverges(datas, sources, tmp_path):
    """There is no best: the sentence says what to lower, and no model is written."""
    wild = Float(1e30, 1e33, scale=LOG)
    run = run_of(datas["fruit"], sources["fruit"], tmp_path)
    space = Space(**dict(run.study.space) | {"learning_rate": wild})
    with pytest.raises(StudyError) as caught:
        run_fit(replace(run, study=replace(run.study, space=space)))
    assert str(caught.value).startswith(f"none of the {TRIALS} trials gave a finite accuracy: ")
    assert not run.model.exists()


def test_a_model_that_diverged_has_no_score(runs):
    """A number for it would be a wrong one."""
    for run, _ in runs.values():
        model = load_model(run.model)
        wild = replace(
            model,
            members=(
                replace(model.members[0], weights=np.full_like(model.members[0].weights, np.nan)),
            ),
        )
        assert math.isfinite(final_score(model, run.data, run.study).value)
        with pytest.raises(StudyError, match=r"^the best config diverged .*: run another --seed$"):
            final_score(wild, run.data, run.study)
