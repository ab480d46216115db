"""The public way in: real workers, real files, real interruptions."""

import itertools
import math
import os
import time

import pytest
from tests import adaptive
from tests.adaptive import BetterHalf, Watchful
from tests.chaos import perils
from tests.contracts import objectives
from tests.contracts.objectives import saving

from tunesmith import driver, rng
from tunesmith.errors import FileError, ObjectiveError, SpaceError, StoreError, StudyError
from tunesmith.executors.local import LocalExecutor
from tunesmith.executors.processes import ProcessExecutor
from tunesmith.executors.threads import ThreadExecutor
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.propose.grid import GridSearch
from tunesmith.search.propose.quasi_random import SobolSearch
from tunesmith.search.propose.random import RandomSearch
from tunesmith.space import Float, Int, Space
from tunesmith.store.event import Event
from tunesmith.store.store import Store
from tunesmith.study import Study
from tunesmith.trial import Origin, State
from tunesmith.tuning import make_executor, moment_of_end, opened, tune, work_folder

SPACE = Space(x=Float(0.3, 2.7), n=Int(3, 17))
SEARCHES = {
    "random": RandomSearch(),
    "sobol": SobolSearch(),
    "watchful": Watchful(),
    "both": Watchful(ladder=BetterHalf()),
    "coarse": CoarseToFine(),
}
DELAYS = itertools.count(1)
"""Every training takes another time, in every run."""


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    adaptive.register(monkeypatch)


def bowl(attempt):
    """Train in a bowl with a hole, at its own pace: some configs diverge, some fail."""
    for epoch in attempt.epochs:
        time.sleep(rng.stream(next(DELAYS), "delay").exponential(0.0007))
        if attempt["n"] == 13:
            raise ArithmeticError("n is 13")
        if attempt["x"] > 2.2 and epoch >= 2:
            return attempt.record(loss=math.nan)
        attempt.record(loss=(attempt["x"] - 1.3) ** 2 + attempt["n"] / (epoch + 7))
    return None


def asked(name, **more):
    """Return the arguments of a study."""
    return {"space": SPACE, "search": SEARCHES[name], "trials": 9, "epochs": 5, "seed": 3} | more


# --- same seed, same study ----------------------------------------------------------------------


@pytest.mark.parametrize("budget", [{}, {"trials": None, "total_epochs": 41}], ids=str)
@pytest.mark.parametrize("name", SEARCHES)
def test_workers_change_nothing(name, budget):
    """One, two, three or eight, in this thread or in others: the digest is the same."""
    question = asked(name, **budget)
    digests = [
        tune(bowl, **question).digest,
        *(
            tune(bowl, **question, executor="threads", workers=workers).digest
            for workers in (1, 2, 3, 3, 8)
        ),
    ]
    assert len(set(digests)) == 1


def test_processes_change_nothing():
    """Nor does where they run: the search alone and its memory of the past decide."""
    question = asked("both")
    alone = tune(objectives.bowl, **question, executor="local")
    assert tune(objectives.bowl, **question, workers=3).digest == alone.digest


def interrupt_at(monkeypatch, nth, *, before):
    """Let the nth append to any store raise Ctrl-C, before or after it has taken effect."""
    monkeypatch.setattr(driver, "COMMIT_SECONDS", 0.0)  # so that each result is written at once
    append, count = Store.append, itertools.count(1)

    def interrupted(store, *drafts):
        now = next(count) == nth
        if now and before:
            raise KeyboardInterrupt
        events = append(store, *drafts)
        if now:
            raise KeyboardInterrupt
        return events

    monkeypatch.setattr(Store, "append", interrupted)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("name", "workers", "trials"),
    [("random", 2, 6), ("watchful", 1, 6), ("both", 2, 6), ("coarse", 2, 10)],
    ids=str,
)
def test_interrupted_at_any_event_it_ends_as_it_would_have(tmp_path, name, workers, trials, before):
    """At the first write, the second, and so on: asked again, the study is the undisturbed one."""
    question = asked(name, trials=trials, workers=workers, executor="threads")
    whole = tune(bowl, **question)
    for nth in itertools.count(1):
        path = tmp_path / f"{nth}.study"
        with pytest.MonkeyPatch.context() as monkeypatch:
            interrupt_at(monkeypatch, nth, before=before)
            try:
                tune(bowl, **question, store=path)
                break
            except KeyboardInterrupt:
                pass
        resumed = tune(bowl, **question | {"workers": 3 - workers}, store=path)
        assert resumed.digest == whole.digest
        assert resumed.rounds == whole.rounds
        assert resumed.recommendation == whole.recommendation
        assert resumed.finished == f"all {trials} trials were made"
    assert nth > trials


def test_interrupted_again_and_again_it_ends_as_it_would_have(tmp_path):
    """Each of eight runs trains one trial and is stopped in the next; nothing is trained twice."""
    calls, question = [], asked("both", store=tmp_path / "x.study")

    def impatient(attempt):
        calls.append((attempt.number, attempt.epochs.start))
        if len(calls) % 2 == 0:
            raise KeyboardInterrupt
        (attempt.checkpoint / "model").touch()
        return bowl(attempt)

    for _ in range(8):
        with pytest.raises(KeyboardInterrupt):
            tune(impatient, **question)
    assert sorted(calls[::2]) == sorted(set(calls[::2]))
    history = tune(bowl, **question)
    assert history.digest == tune(bowl, **asked("both")).digest
    made = len(calls)
    assert tune(impatient, **question).digest == history.digest
    assert len(calls) == made


def test_a_study_that_grew_up_in_threads_is_the_same_in_its_file(tmp_path):
    """What is read back is what was returned."""
    question = asked("both", store=tmp_path / "x.study")
    first = tune(bowl, **question, executor="threads", workers=3)
    again = tune(bowl, **question)
    assert again.digest == first.digest
    assert again.best == first.best
    assert [t.seconds for t in again.trials] == [t.seconds for t in first.trials]


# --- what comes back ----------------------------------------------------------------------------


def test_the_best_of_what_was_tried():
    """With a goal of max the largest is recommended."""
    for goal, choose in (("min", min), ("max", max)):
        history = tune(lambda attempt: attempt["x"], SPACE, trials=13, goal=goal)
        assert history.best.config["x"] == choose(t.config["x"] for t in history.trials)


def test_without_epochs_a_trial_is_one_epoch():
    """An objective that returns a number needs to know nothing of epochs."""
    history = tune(lambda attempt: attempt["n"], SPACE, trials=3)
    assert [t.epochs for t in history.trials] == [1, 1, 1]
    assert {t.state for t in history.trials} == {State.DONE}


def test_the_question_is_kept():
    """The history's study holds what was asked."""
    study = tune(
        lambda attempt: {"accuracy": 0.7},
        SPACE,
        metric="accuracy",
        goal="max",
        search=RandomSearch(),
        trials=3,
        minutes=7,
        total_epochs=31,
        epochs=5,
        slots=3,
        seed=11,
    ).study
    assert study == Study(
        space=SPACE,
        metric="accuracy",
        goal=study.goal,
        search=RandomSearch().settings(),
        trials=3,
        minutes=7,
        total_epochs=31,
        epochs=5,
        slots=3,
        seed=11,
    )
    assert study.goal.value == "max"


@pytest.mark.parametrize(
    ("executor", "seconds"), [("local", 0.1), ("threads", 0.1), ("processes", 1.5)]
)
def test_minutes_are_an_end(executor, seconds):
    """An hour's training is stopped after a moment, and says why."""
    epochs = 0
    while epochs == 0:  # a worker may take longer to start than that
        began = time.monotonic()
        history = tune(
            objectives.train_slowly,
            SPACE,
            search=RandomSearch(),
            minutes=seconds / 60,
            epochs=720_000,
            executor=executor,
        )
        assert time.monotonic() - began >= seconds
        seconds, epochs = 2 * seconds, history.epochs
    assert history.finished == "the time was up"
    assert history.running == ()
    first = history.trials[0]
    assert first.state is State.STOPPED
    assert first.reason == f"stopped after {first.epochs_trained} of 720000 epochs"


def test_any_number_of_minutes_will_do():
    """A thousand years are no error, in threads either."""
    history = tune(
        lambda attempt: 0.7, SPACE, trials=3, minutes=5.3e8, executor="threads", workers=2
    )
    assert history.finished == "all 3 trials were made"


def test_ctrl_c_in_a_thread_stops_the_study(tmp_path):
    """What means the whole program reaches it; the study can go on, and the traceback says how."""

    def leave(attempt):
        if attempt.number == 3:
            raise KeyboardInterrupt
        return bowl(attempt)

    path = tmp_path / "x.study"
    question = asked("random", store=path)
    with pytest.raises(KeyboardInterrupt) as caught:
        tune(leave, **question, executor="threads", workers=2)
    assert caught.value.__notes__ == [
        f"what was measured is kept in {path}: the same call goes on with it"
    ]
    assert tune(bowl, **question).digest == tune(bowl, **asked("random")).digest


def test_whatever_an_objective_raises_the_study_goes_on():
    """A text that has no UTF-8 form too."""

    def broken(attempt):
        if attempt.number:
            raise ValueError("no file \udcff")
        return 0.7

    history = tune(broken, SPACE, trials=4)
    assert [t.state for t in history.trials] == [State.DONE, *[State.FAILED] * 3]


def test_a_function_that_can_only_fail_is_not_called_for_ever(tmp_path):
    """After three trials the study stops with the error; mended, the same call goes on."""
    calls = []

    def broken(attempt):
        calls.append(attempt.number)
        return attempt["layers"]

    question = asked("both", store=tmp_path / "x.study")
    for _ in range(2):
        with pytest.raises(ObjectiveError) as caught:
            tune(broken, **question)
        assert str(caught.value).startswith(
            "the first 3 trials all failed in the same way (KeyError: 'layers' (trial.py:"
        )
        assert str(caught.value).endswith(
            "): mend the training function, and the same call goes on"
        )
        assert "in broken" in caught.value.__notes__[0]
    assert sorted(calls) == [0, 1, 2, 2]
    history = tune(bowl, **question)
    assert [t.state is State.FAILED for t in history.trials[:3]] == [True, True, False]
    assert len(history.trials) == 9


# --- the store ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trials": 12}, "trials 9, not 12"),
        ({"trials": None, "minutes": 3}, "trials 9, not None"),
        ({"seed": 4}, "seed 3, not 4"),
        ({"goal": "max"}, "goal min, not max"),
        ({"search": SobolSearch()}, "another search"),
        ({"space": Space(x=Float(0.3, 2.8))}, "another space"),
    ],
    ids=str,
)
def test_another_question_is_refused(tmp_path, change, words):
    """The sentence names what differs; the study that is there stays as it is."""
    path = tmp_path / "x.study"
    digest = tune(bowl, **asked("random"), store=path).digest
    with pytest.raises(StudyError) as caught:
        tune(bowl, **asked("random") | change, store=path)
    assert str(caught.value) == (
        f"{path} is another study ({words}): "
        "ask the same question to go on, or give the new one another name"
    )
    assert tune(bowl, **asked("random"), store=path).digest == digest


def test_how_it_is_run_is_no_part_of_the_question(tmp_path):
    """Other workers, another executor, the path as text."""
    path = tmp_path / "x.study"
    digest = tune(objectives.bowl, **asked("random"), store=path, executor="processes").digest
    again = tune(objectives.bowl, **asked("random"), store=str(path), executor="threads", workers=3)
    assert again.digest == digest


def test_a_file_without_a_question_is_given_one(tmp_path):
    """As left by who was stopped in the moment between."""
    Store.create(tmp_path / "x.study").close()
    study = Study(space=SPACE, trials=3)
    for _ in range(2):
        with opened(tmp_path / "x.study", study) as store:
            assert store.last_sequence == 1


def test_a_store_that_cannot_be_made(tmp_path):
    """FileError says which folder is missing."""
    with pytest.raises(FileError, match="no folder"):
        tune(bowl, **asked("random"), store=tmp_path / "none" / "x.study")


# --- the work folder ----------------------------------------------------------------------------


@pytest.mark.parametrize("executor", ["local", "threads", "processes"])
def test_a_promoted_trial_finds_what_it_left(tmp_path, executor):
    """Its checkpoint is its own, from rung to rung; at a clean end the folder is gone."""
    history = tune(saving, **asked("both", store=tmp_path / "x.study"), executor=executor)
    assert {t.epochs_trained for t in history.trials} == {2, 5}
    assert all((t.reason == "") is (t.epochs_trained == 5) for t in history.trials)
    assert [path.name for path in tmp_path.iterdir()] == ["x.study"]


def test_what_is_needed_to_go_on_is_kept_until_the_end(tmp_path):
    """After Ctrl-C the folder stands beside the study; a resume finds it, and ends clean."""
    calls = itertools.count(1)

    def impatient(attempt):
        if next(calls) == 7:
            raise KeyboardInterrupt
        saving(attempt)

    question = asked("both", store=tmp_path / "x.study")
    with pytest.raises(KeyboardInterrupt):
        tune(impatient, **question)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.study", "x.work"]
    assert (tmp_path / "x.work" / "trial-0" / "epochs").exists()
    trials = tune(impatient, **question).trials
    assert all((t.reason == "") is (t.epochs_trained == 5) for t in trials)
    assert [path.name for path in tmp_path.iterdir()] == ["x.study"]


def test_a_promoted_trial_that_was_cut_goes_on_from_its_pause(tmp_path):
    """Not from what it had saved since: nobody knows how far that was."""
    cut = []

    def strike(epoch):
        if epoch == 4 and not cut:
            cut.append(epoch)
            raise KeyboardInterrupt

    def impatient(attempt):
        perils.undisturbed(attempt, strike)

    question = asked("both", store=tmp_path / "x.study")
    with pytest.raises(KeyboardInterrupt):
        tune(impatient, **question)
    digest = tune(impatient, **question).digest
    assert cut == [4]
    assert digest == tune(perils.undisturbed, **asked("both")).digest


def test_another_question_leaves_the_work_of_the_first(tmp_path):
    """It is refused before anything is removed."""
    (tmp_path / "x.work").mkdir()
    with opened(tmp_path / "x.study", Study(space=SPACE, trials=3)):
        pass
    with pytest.raises(StudyError):
        tune(bowl, SPACE, trials=4, store=tmp_path / "x.study")
    assert (tmp_path / "x.work").is_dir()


@pytest.mark.parametrize(
    ("name", "folder"),
    [("x.study", "x.work"), ("x", "x.work"), ("x.y.study", "x.y.work")],
)
def test_the_work_folder_stands_beside_the_study(tmp_path, name, folder):
    """It has the study's name, and is made only when a trial asks for it."""
    with work_folder(tmp_path / name) as place:
        assert place == tmp_path / folder
        assert not place.exists()


def test_what_is_not_ours_stays(tmp_path):
    """A clean end takes away the trials' folders, and nothing that somebody else put there."""
    (tmp_path / "x.work").mkdir()
    (tmp_path / "x.work" / "thesis.txt").write_text("mine")
    tune(saving, **asked("both", store=tmp_path / "x.study"))
    assert [path.name for path in (tmp_path / "x.work").iterdir()] == ["thesis.txt"]


def test_studies_with_dots_in_their_names_keep_apart(tmp_path):
    """lr0.1 and lr0.2 are two names, not one with two endings."""
    with work_folder(tmp_path / "lr0.1") as one, work_folder(tmp_path / "lr0.2") as other:
        assert (one.name, other.name) == ("lr0.1.work", "lr0.2.work")


def test_a_function_that_almost_always_fails_comes_to_an_end():
    """Each failure costs an epoch of the budget."""

    def broken(attempt):
        if attempt.number:
            raise ValueError("broken")
        for _ in attempt.epochs:
            attempt.record(loss=0.7)

    history = tune(broken, SPACE, search=RandomSearch(), total_epochs=20, epochs=9)
    assert len(history.trials) == 4
    assert history.finished == "only 8 epochs were left"


def test_a_trial_trained_again_finds_no_old_checkpoint(tmp_path):
    """What a stopped run left behind does not come into the next one's training."""
    found, calls = [], itertools.count(1)

    def careless(attempt):
        found.append((attempt.checkpoint / "old").exists())
        (attempt.checkpoint / "old").touch()
        if next(calls) == 2:
            raise KeyboardInterrupt
        return 1.0

    question = {"trials": 3, "store": tmp_path / "x.study"}
    with pytest.raises(KeyboardInterrupt):
        tune(careless, SPACE, **question)
    tune(careless, SPACE, **question)
    assert not any(found)


def test_a_study_may_be_called_anything(tmp_path):
    """Even as a work folder is: nothing that was tried is lost at the end."""
    path = tmp_path / "x.work"
    digest = tune(saving, **asked("random"), store=path).digest
    assert tune(saving, **asked("random"), store=path).digest == digest


def test_a_study_in_memory_leaves_nothing():
    """Its folder is a temporary one."""
    folders = []

    def note(attempt):
        folders.append(attempt.checkpoint.parent)
        return 0.7

    tune(note, SPACE, trials=3)
    assert len(set(folders)) == 1
    assert not folders[0].exists()


# --- living with a study ------------------------------------------------------------------------


HAND = [{"x": 1.3, "n": 5}, {"x": 0.7, "n": 11}]


@pytest.mark.parametrize("name", SEARCHES)
def test_configs_given_by_hand_come_first(name, tmp_path):
    """In their order; asked again they are not tried again, and others may follow."""
    question = asked(name, store=tmp_path / "x.study", trials=5)
    first = tune(bowl, **question, enqueue=HAND)
    assert [dict(t.config) for t in first.trials[:2]] == HAND
    assert [t.origin for t in first.trials[:3]] == [Origin.GIVEN] * 2 + [first.trials[2].origin]
    assert first.trials[2].origin is not Origin.GIVEN
    assert tune(bowl, **question, enqueue=HAND).digest == first.digest
    with pytest.raises(StudyError) as caught:
        tune(bowl, **question, enqueue=[*HAND, HAND[0]])
    assert str(caught.value) == (
        f"{tmp_path / 'x.study'} is over (all 5 trials were made) and tries nothing more: give it "
        "a larger budget, with amend=True, for what is enqueued"
    )
    more = tune(bowl, **question | {"trials": 9}, enqueue=[*HAND, HAND[0]], amend=True)
    assert dict(more.trials[5].config) == HAND[0]
    assert len(more.trials) == 9


def test_a_grid_leaves_none_out_for_configs_given_by_hand():
    """They are no combinations of its own."""
    space, search = Space(n=Int(3, 7)), GridSearch()
    history = tune(lambda a: a["n"], space, search=search, trials=9, enqueue=[{"n": 5}, {"n": 3}])
    assert [t.config["n"] for t in history.trials] == [5, 3, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"x": 1.3}, "no value for 'n'; give one, such as 10"),
        ({"x": 3.1, "n": 5}, "x: got 3.1, but the range is 0.3 to 2.7; give a value within it"),
        ([1.3, 5], "an enqueued config is a dict with a value for each param, got [1.3, 5]"),
    ],
    ids=str,
)
def test_what_cannot_be_enqueued(tmp_path, config, sentence):
    """One sentence, before a file is made."""
    with pytest.raises((SpaceError, StudyError)) as caught:
        tune(bowl, **asked("random", store=tmp_path / "x.study"), enqueue=[config])
    assert str(caught.value) == sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SEARCHES)
def test_a_study_amended_twice_ends_as_it_would_have(tmp_path, monkeypatch, name):
    """Whoever trains it, and wherever it is interrupted: what was amended when is in the file."""
    spaces = [SPACE, Space(x=Float(0.3, 1.9), n=Int(3, 17)), Space(x=Float(0.2, 1.9), n=Int(2, 23))]

    def live(path, workers):
        question = asked(name, store=path, executor="threads", workers=workers)
        tune(bowl, **question | {"trials": 7})
        tune(bowl, **question | {"trials": 13, "space": spaces[1]}, amend=True)
        return question | {"trials": 21, "space": spaces[2]}

    whole = tune(bowl, **live(tmp_path / "whole.study", 1), amend=True)
    assert whole.finished == "all 21 trials were made"
    assert [change.first for change in whole.amendments] == [7, 13]
    assert [change.moved for change in whole.amendments] == [("x",), ("x", "n")]
    question = live(tmp_path / "cut.study", 3)
    interrupt_at(monkeypatch, 5, before=False)
    with pytest.raises(KeyboardInterrupt):
        tune(bowl, **question, amend=True)
    monkeypatch.undo()
    adaptive.register(monkeypatch)
    resumed = tune(bowl, **question)  # it is this study now: nothing is amended any more
    assert resumed.digest == whole.digest
    assert resumed.rounds == whole.rounds
    assert resumed.recommendation == whole.recommendation
    for trial in whole.trials[13:]:
        assert trial.config["x"] <= 1.9


def test_what_was_paused_may_be_promoted_when_there_is_more(tmp_path):
    """A ladder goes on as if it had never ended."""
    question = asked("both", store=tmp_path / "x.study")
    first = tune(bowl, **question | {"trials": 8})
    stopped = {t.number for t in first.trials if t.state is State.STOPPED}
    assert stopped
    more = tune(bowl, **question | {"trials": 16}, amend=True)
    assert {more.trials[n].epochs for n in stopped} == {2, 5}


def test_a_range_that_was_amended_opens_a_round(tmp_path):
    """It says so; the other ranges stay as narrow as they were, and nothing outside counts."""
    space = Space(x=Float(0.3, 2.7), y=Float(0.3, 2.7))
    question = {"trials": 40, "seed": 3, "store": tmp_path / "x.study"}

    def valley(attempt):
        return (attempt["x"] - 0.5) ** 2 + (attempt["y"] - 1.1) ** 2

    first = tune(valley, space, **question)
    narrow = Space(x=Float(1.5, 2.5), y=Float(0.3, 2.7))
    more = tune(valley, narrow, **question | {"trials": 80}, amend=True)
    (opened,) = [r for r in more.rounds if r.reason.startswith("amended")]
    assert opened.first == 40
    assert opened.reason == "amended: trials 80, not 40; x from 1.5 to 2.5, not from 0.3 to 2.7"
    assert opened.ranges["x"] == pytest.approx((1.5, 2.5))
    assert opened.ranges["y"] == pytest.approx(first.rounds[-1].ranges["y"])
    assert all(1.5 <= t.config["x"] <= 2.5 for t in more.trials[40:])
    assert more.best.config["x"] == pytest.approx(1.5, abs=0.1)
    assert more.best.config["x"] >= 1.5
    assert first.best.config["x"] < 0.7
    wide = tune(valley, space, **question | {"trials": 120}, amend=True)
    assert wide.best.config["x"] < 0.7
    assert wide.outside == frozenset()


def test_a_promotion_never_goes_to_what_is_outside(tmp_path):
    """Who waits there is stopped, and says why."""
    question = asked("both", store=tmp_path / "x.study")
    first = tune(bowl, **question | {"trials": 8})
    more = tune(
        bowl,
        **question | {"trials": 16, "space": Space(x=Float(0.3, 2.7), n=Int(3, 6))},
        amend=True,
    )
    away = [t for t in more.trials if t.config["n"] > 6]
    assert {t.number for t in away} == more.outside
    assert [t.epochs for t in away] == [first.trials[t.number].epochs for t in away]
    waited = [t for t in away if first.trials[t.number].state is State.STOPPED]
    assert waited
    assert {t.reason for t in waited} == {"outside the ranges as they were amended"}
    assert more.best.number not in more.outside


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 5}, "a study keeps what it asks (seed 3, not 5)"),
        ({"metric": "accuracy"}, "a study keeps what it asks (metric loss, not accuracy)"),
        ({"total_epochs": 99}, "total_epochs 99, not None: a search that never looks back cannot"),
    ],
    ids=str,
)
def test_what_cannot_be_amended(tmp_path, changes, words):
    """The study stays as it was."""
    question = asked("random", store=tmp_path / "x.study")
    digest = tune(bowl, **question).digest
    with pytest.raises(StudyError) as caught:
        tune(bowl, **question | changes, amend=True)
    assert str(caught.value).startswith(words)
    assert tune(bowl, **question).digest == digest


def test_a_grid_keeps_its_ranges(tmp_path):
    """Its points would be others."""
    question = {"search": GridSearch(), "trials": 3, "store": tmp_path / "x.study"}
    tune(lambda a: a["n"], Space(n=Int(3, 7)), **question)
    with pytest.raises(StudyError) as caught:
        tune(lambda a: a["n"], Space(n=Int(3, 9)), **question, amend=True)
    assert str(caught.value) == (
        "the search 'grid' is bound to the ranges it began with, got n from 3 to 9, not from 3 to "
        "7: give the new study another name"
    )


# --- wrong use ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"goal": "least"}, "goal must be 'min' or 'max', got 'least'"),
        (
            {"trials": None},
            "a study needs an end: give trials=100, or minutes=5, or total_epochs=1000",
        ),
        ({"epochs": 0}, "epochs must be a whole number of 1 or more, got 0"),
        ({"seed": -3}, "seed must be a whole number of 0 or more, got -3"),
        ({"workers": 0}, "workers must be a whole number of 1 or more, got 0"),
        ({"workers": 2.0}, "workers must be a whole number of 1 or more, got 2.0"),
        ({"workers": True}, "workers must be a whole number of 1 or more, got True"),
        ({"executor": "local", "workers": 3}, "the local executor has one worker, got workers=3"),
        (
            {"executor": "clouds", "workers": 3},
            "no executor 'clouds': use 'local', 'threads', 'processes', 'ray' or Ray(...)",
        ),
        (
            {"executor": "threads", "trial_minutes": 3},
            "only a process can be ended: use executor='processes' with limits, got 'threads'",
        ),
        ({"trial_minutes": -3}, "trial_minutes must be a number above 0, got -3"),
        ({"trial_gigabytes": "7"}, "trial_gigabytes must be a number above 0, got '7'"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(tmp_path, arguments, sentence):
    """One sentence with the value and the remedy, before a file is made."""
    with pytest.raises(StudyError) as caught:
        tune(bowl, **asked("random", store=tmp_path / "x.study") | arguments)
    assert str(caught.value) == sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"space": {"x": (0.3, 2.7)}},
        {"search": "random"},
        {"search": RandomSearch},
        {"minutes": "5"},
    ],
    ids=str,
)
def test_a_thing_of_another_kind_is_refused_in_words(arguments):
    """The mistakes of a first day: StudyError, not a traceback from within."""
    with pytest.raises(StudyError):
        tune(bowl, **asked("random") | arguments)


@pytest.mark.parametrize(
    ("name", "workers", "kind"),
    [
        (None, 1, LocalExecutor),
        (None, 3, ProcessExecutor),
        ("local", 1, LocalExecutor),
        ("threads", 1, ThreadExecutor),
        ("processes", 1, ProcessExecutor),
    ],
)
def test_executors_by_name(name, workers, kind):
    """Local for one worker and processes for more, unless said otherwise."""
    with make_executor(bowl, name, workers) as executor:
        assert type(executor) is kind
        assert executor.workers == workers


@pytest.mark.parametrize("limits", [{"trial_minutes": 0.005}, {"trial_gigabytes": 0.001}], ids=str)
def test_a_limit_needs_a_process(limits):
    """One worker is local, unless what it trains may have to be ended."""
    history = tune(objectives.train_slowly, SPACE, trials=1, epochs=720_000, **limits)
    assert history.trials[0].state in (State.TIMED_OUT, State.OUT_OF_MEMORY)
    assert not history.has_best


@pytest.mark.parametrize("objective", ["train", None, 7], ids=repr)
def test_what_is_no_function(objective):
    """The sentence shows what was given."""
    with pytest.raises(ObjectiveError) as caught:
        make_executor(objective, None, 1)
    assert str(caught.value) == f"objective must be a function of an attempt, got {objective!r}"


@pytest.mark.parametrize(
    ("objective", "call"),
    [
        (lambda: 0.5, "<lambda>()"),
        (lambda rate, units: 0.5, "<lambda>(rate, units)"),
        (lambda *, attempt: 0.5, "<lambda>(*, attempt)"),
    ],
    ids=["none", "two", "by name"],
)
def test_a_function_that_takes_no_attempt(objective, call):
    """It is known before anything is trained; the sentence shows what it takes."""
    with pytest.raises(ObjectiveError) as caught:
        make_executor(objective, None, 1)
    assert str(caught.value) == (
        f"objective is called with one argument, the attempt, got {call}: give it one, and "
        "defaults or functools.partial for the others"
    )


@pytest.mark.parametrize(
    "objective", [max, lambda *all: 0.5, lambda attempt, more=3: 0.5], ids=["built in", "*", "="]
)
def test_a_function_that_takes_an_attempt(objective):
    """Whatever else it could take."""
    make_executor(objective, None, 1).stop()


ONE_EACH = "record one number under each name"
NOT_LOSS = (
    "the training function gave no 'loss': call attempt.record(loss=...) in each epoch, or "
    "return it"
)
TOO_MANY = (
    "epoch 3 was recorded but the trial was given 2: loop over attempt.epochs and record once in "
    "each"
)


@pytest.mark.parametrize(
    ("objective", "reason"),
    [
        (
            lambda a: "low",
            f"the metric 'loss' must be a number, got 'low' (str): {ONE_EACH}",
        ),
        (
            lambda a: [0.5],
            f"the metric 'loss' must be a number, got [0.5] (list): {ONE_EACH}",
        ),
        (
            lambda a: {"accuracy": 0.5},
            NOT_LOSS,
        ),
        (
            lambda a: [a.record(loss=0.5) for _ in range(3)] and None,
            TOO_MANY,
        ),
    ],
    ids=["text", "list", "another metric", "too many epochs"],
)
def test_what_is_no_answer(objective, reason):
    """Each trial says so; where the first three do, it is what is raised."""
    history = tune(objective, SPACE, trials=2, epochs=2, search=RandomSearch())
    assert {trial.reason for trial in history.trials} == {reason}
    with pytest.raises(ObjectiveError) as caught:
        tune(objective, SPACE, trials=3, epochs=2, search=RandomSearch())
    assert str(caught.value).startswith(f"the first 3 trials all failed in the same way ({reason})")


def test_the_minutes_of_all_runs_count():
    """What earlier runs took is taken off; without minutes there is no end."""
    past = [Event(sequence=7, kind="outcome", trial=0, body={"driven": 71.5})]
    before = time.monotonic()
    end = moment_of_end(2.0, past)
    assert before <= end - 48.5 <= time.monotonic()
    assert moment_of_end(None, past) == math.inf


@pytest.mark.parametrize("harm", ["deleted", "moved", "replaced", "folder moved"])
def test_a_study_file_that_is_gone_is_noticed(tmp_path, harm):
    """No result is lost without a word; a study that was moved back goes on."""
    home, away = tmp_path / "home", tmp_path / "away"
    path = home / "x.study"
    home.mkdir()

    def objective(attempt):
        if attempt.number == 5 and not away.exists():
            match harm:
                case "deleted":
                    path.unlink()
                    away.touch()
                case "moved":
                    path.rename(away)
                case "replaced":
                    away.write_bytes(path.read_bytes())
                    away.replace(path)
                    away.touch()
                case "folder moved":
                    home.rename(away)
        bowl(attempt)

    with pytest.raises(StoreError, match="was moved, replaced or deleted") as caught:
        tune(objective, SPACE, trials=9, store=path)
    assert caught.value.exit_code == 74
    if "moved" in harm:
        away.rename(home if harm == "folder moved" else path)
        assert tune(bowl, SPACE, trials=9, store=path).digest == tune(bowl, SPACE, trials=9).digest


def test_a_training_that_changes_the_directory_leaves_nothing_behind(tmp_path, monkeypatch):
    """A relative store is where it was when the study began."""
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    away.mkdir()
    monkeypatch.chdir(home)

    def objective(attempt):
        (attempt.checkpoint / "weights").touch()
        os.chdir(away)
        bowl(attempt)

    tune(objective, SPACE, trials=5, store="x.study")
    assert [path.name for path in home.iterdir()] == ["x.study"]
    assert list(away.iterdir()) == []
