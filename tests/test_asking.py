"""Ask and tell: any order, any number out, and the same study when it is read again."""

import math
from contextlib import suppress
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import adaptive
from tests.adaptive import BetterHalf, Watchful

from tunesmith.asking import AskTell
from tunesmith.errors import ObjectiveError, SpaceError, StoreBusy, StoreError, StudyError
from tunesmith.ledger import read_ledger
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.propose.grid import GridSearch
from tunesmith.search.propose.quasi_random import SobolSearch
from tunesmith.search.propose.random import RandomSearch
from tunesmith.space import Float, Int, Space
from tunesmith.store.store import Store
from tunesmith.trial import Origin, State
from tunesmith.tuning import tune

SPACE = Space(x=Float(0.3, 2.7), n=Int(3, 17))


@pytest.fixture(autouse=True, scope="module")
def _known():
    with pytest.MonkeyPatch.context() as monkeypatch:
        adaptive.register(monkeypatch)
        yield


def opened(**changes):
    question = {"trials": 7, "search": SobolSearch(), "epochs": 5, "seed": 3}
    return AskTell(SPACE, **question | changes)


def loss_of(trial):
    return (trial.config["x"] - 1.3) ** 2 + trial.config["n"] / (trial.epochs + 7)


def run(asking):
    """Ask and tell to the end."""
    while not asking.history.finished:
        trial = asking.ask()
        asking.tell(trial.number, loss_of(trial))
    return asking.history


def seen(history):
    """Return all that is to be the same when a study is read again."""
    counts = history.version, history.running, history.epochs, history.finished
    best = history.best.number if history.has_best else None
    return history.digest, counts, list(history.endings), best


def read(path):
    """Return the history of a stored study as it is shown."""
    with Store.read(path) as store:
        return read_ledger(store.replay()).history


# --- the loop -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "search", [SobolSearch(), Watchful(), GridSearch(points=2), RandomSearch(ladder=BetterHalf())]
)
def test_it_is_the_study_that_tune_makes(search):
    """One trial at a time: the same configs and losses as tune() with one slot."""

    def objective(attempt):
        return (attempt["x"] - 1.3) ** 2 + attempt["n"] / (attempt.epochs[-1] + 8)

    ours = run(opened(search=search))
    theirs = tune(objective, SPACE, trials=7, search=search, epochs=5, seed=3, slots=1)
    assert ours.digest == theirs.digest
    assert ours.finished == theirs.finished == "all 7 trials were made"


def test_a_trial_says_what_to_train():
    """Its number, config and epochs; told, it is done."""
    asking = opened()
    trial = asking.ask()
    assert (trial.number, set(trial.config), trial.epochs) == (0, {"x", "n"}, 5)
    assert [t.number for t in asking.out] == [0]
    told = asking.tell(0, {"loss": 0.7, "accuracy": 0.3})
    assert (told.state, told.epochs_trained, told.metric("accuracy")) == (State.DONE, 5, 0.3)
    assert asking.out == []
    assert asking.history.best == told


def test_the_goal_is_kept():
    """With goal="max" the largest is best."""
    asking = opened(metric="accuracy", goal="max")
    for accuracy in (0.3, 0.9, 0.5):
        asking.tell(asking.ask().number, {"accuracy": accuracy, "loss": accuracy})
    assert asking.history.best.number == 1


MOVES = st.tuples(st.sampled_from(["ask", "tell", "fail", "resume"]), st.integers(0, 9))


@pytest.mark.parametrize("search", [SobolSearch(), Watchful(), Watchful(ladder=BetterHalf())])
@settings(max_examples=30, deadline=None)
@given(moves=st.lists(MOVES, max_size=40))
def test_any_number_out_told_in_any_order(search, tmp_path_factory, moves):
    """The file tells the same study, while it goes on, resumed, and at its end."""
    path = tmp_path_factory.mktemp("ask") / "a.study"
    asking = opened(search=search, store=path)
    for move, place in moves:
        out = [trial.number for trial in asking.out]
        if move == "resume":
            before = seen(asking.history)
            asking.close()
            asking = opened(search=search, store=path)
            assert seen(asking.history) == before
            assert [asking.ask().number for _ in out] == out
        elif move == "ask":
            with suppress(StudyError):
                asking.ask()
        elif out and move == "tell":
            trial = asking.history.trials[out[place % len(out)]]
            asking.tell(trial.number, loss_of(trial))
        elif out:
            asking.fail(out[place % len(out)], "no memory")
    for trial in asking.out:
        asking.tell(trial.number, loss_of(trial))
    history = run(asking)
    assert history.finished == "all 7 trials were made"
    assert seen(read(path)) == seen(history)


def test_what_is_told_late_is_seen_late():
    """Two studies that differ in what was told when go different ways."""
    one, other = opened(search=Watchful()), opened(search=Watchful())
    for asking in (one, other):
        assert [asking.ask().number for _ in range(3)] == [0, 1, 2]
    one.tell(2, 0.5)
    other.tell(1, 0.5)
    assert one.ask().config != other.ask().config


def test_promoted_trials_are_asked_again_with_more_epochs():
    """A ladder's trial comes back under its number, with its epochs in all."""
    history = run(opened(search=RandomSearch(ladder=BetterHalf()), trials=8))
    assert {t.epochs for t in history.trials} == {2, 5}
    promoted = next(t for t in history.trials if t.epochs == 5)
    assert [m.epoch for m in promoted.measurements] == [2, 5]


# --- stored and resumed -------------------------------------------------------------------------


def test_what_was_asked_and_not_told_is_asked_again(tmp_path):
    """After a stop: what is out first, in order, but for what was told meanwhile; then new ones."""
    path = tmp_path / "a.study"
    with opened(store=path) as asking:
        configs = [asking.ask().config for _ in range(4)]
        asking.tell(1, 0.5)
    with opened(store=path) as asking:
        assert [trial.number for trial in asking.out] == [0, 2, 3]
        asking.tell(2, 0.25)
        assert [asking.ask().number for _ in range(3)] == [0, 3, 4]
        assert [trial.config for trial in asking.history.trials[:4]] == configs


def test_a_stored_study_goes_on_to_the_same_end(tmp_path):
    """Stopped after every step, it is the study that was never stopped."""
    path = tmp_path / "a.study"
    finished = ""
    while not finished:
        with opened(search=Watchful(), store=path) as asking:
            trial = asking.ask()
        with opened(search=Watchful(), store=path) as asking:
            asking.tell(trial.number, loss_of(trial))
            finished = asking.history.finished
    assert seen(read(path)) == seen(run(opened(search=Watchful())))


def test_a_study_of_tune_can_be_gone_on_with_by_hand(tmp_path):
    """And the other way round: the events are the same."""
    path = tmp_path / "a.study"
    question = {"trials": 7, "search": Watchful(), "epochs": 5, "seed": 3, "store": path}

    def twice(attempt):
        if attempt.number == 2:
            raise KeyboardInterrupt
        return attempt["x"]

    with pytest.raises(KeyboardInterrupt):
        tune(twice, SPACE, **question)
    with opened(search=Watchful(), store=path) as asking:
        assert [trial.state.ended for trial in asking.history.trials[:3]] == [True, True, False]
        assert asking.ask().number == 2
        asking.tell(2, 0.25)
    history = tune(lambda attempt: attempt["x"], SPACE, **question)
    assert len(history.trials) == 7
    assert history.trials[2].metric("loss") == 0.25
    assert read(path).digest == history.digest


def test_what_arrived_last_is_seen(tmp_path):
    """A result that no decision followed, in a study that was stopped there."""
    path = tmp_path / "a.study"

    def stopped(attempt):
        if attempt.number == 1:
            raise KeyboardInterrupt
        return attempt["x"]

    with pytest.raises(KeyboardInterrupt):
        tune(stopped, SPACE, trials=3, search=Watchful(), store=path)
    with AskTell(SPACE, trials=3, search=Watchful(), store=path) as asking:
        assert [trial.state.ended for trial in asking.history.trials] == [True, False, False]
        assert [trial.number for trial in asking.out] == [1, 2]


def test_another_question_is_refused(tmp_path):
    """As tune() does, and the file is free again."""
    path = tmp_path / "a.study"
    opened(store=path).close()
    with pytest.raises(StudyError, match="another study \\(seed 3, not 4\\)"):
        opened(store=path, seed=4)
    with opened(store=path), pytest.raises(StoreBusy):
        opened(store=path)


def test_a_closed_study_takes_nothing(tmp_path):
    """Neither on file nor in memory."""
    for asking in (opened(store=tmp_path / "a.study"), opened()):
        asking.close()
        with pytest.raises(StoreError, match="is closed"):
            asking.ask()


def test_what_could_not_be_stored_is_not_gone_on_from(tmp_path, monkeypatch):
    """A full disk closes the study; opened again, it is what the file says, and can be told."""
    path = tmp_path / "a.study"
    asking = opened(store=path)
    asking.ask()
    with monkeypatch.context() as full:
        full.setattr(Store, "append", Mock(side_effect=StoreError("the disk is full")))
        with pytest.raises(StoreError, match="the disk is full"):
            asking.tell(0, 0.5)
    with pytest.raises(StoreError, match="is closed"):
        asking.tell(0, 0.5)
    with opened(store=path) as again:
        assert again.tell(0, 0.75).metric("loss") == 0.75


# --- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_is_a_trial_that_diverged(loss, tmp_path):
    """It is never best; told again it is the same."""
    with opened(store=tmp_path / "a.study") as asking:
        asking.tell(asking.ask().number, 0.5)
        told = asking.tell(asking.ask().number, {"loss": loss, "other": math.nan})
        assert told.state is State.DIVERGED
        assert told.reason == f"loss was {loss} after epoch 5"
        assert asking.tell(1, {"other": math.nan, "loss": loss}) == told
        assert asking.history.best.number == 0
    assert read(tmp_path / "a.study").digest == asking.history.digest


def test_all_may_go_wrong():
    """The study ends all the same."""
    asking = opened(search=RandomSearch())
    while not asking.history.finished:
        asking.fail(asking.ask().number, "no\nmemory")
    assert {(t.state, t.reason) for t in asking.history.trials} == {(State.FAILED, "no memory")}
    assert not asking.history.has_best


@pytest.mark.parametrize(
    ("again", "message"),
    [
        (0.75, "trial 0 was told as done loss=0.5 and cannot be told as done loss=0.75: the first"),
        ({"loss": 0.5, "more": 1}, "cannot be told as done loss=0.5 more=1.0:"),
        (math.nan, r"cannot be told as diverged \(loss was nan after epoch 5\) loss=nan:"),
    ],
)
def test_another_result_for_the_same_trial_is_refused(again, message):
    """The first stays; the same once more changes nothing."""
    asking = opened()
    told = asking.tell(asking.ask().number, 0.5)
    before = asking.history.version
    with pytest.raises(StudyError, match=message):
        asking.tell(0, again)
    assert asking.tell(0, {"loss": 0.5}) == told
    assert asking.history.version == before


def test_failed_once_is_failed():
    """With the same reason once more, and with no other result."""
    asking = opened()
    asking.fail(asking.ask().number, "no memory")
    assert asking.fail(0, "no memory").state is State.FAILED
    with pytest.raises(StudyError, match=r"was told as failed \(no memory\) and cannot be told as"):
        asking.fail(0, "no disk")
    with pytest.raises(StudyError, match=r"cannot be told as done loss=0\.5"):
        asking.tell(0, 0.5)


@pytest.mark.parametrize("number", [2, -1, "0", None, 0.5])
def test_a_trial_that_was_not_asked_is_refused(number):
    """Told or failed, with the numbers there are."""
    asking = opened()
    with pytest.raises(StudyError, match="the numbers are none yet: ask first"):
        asking.tell(0, 0.5)
    asking.ask()
    asking.ask()
    with pytest.raises(StudyError, match=f"no trial {number!r} was asked; the numbers are from 0"):
        asking.tell(number, 0.5)
    with pytest.raises(StudyError, match="no trial"):
        asking.fail(number, "no memory")


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"accuracy": 0.5, "f1": 1}, r"metric 'loss' is not among what was told \(accuracy, f1\)"),
        ({}, r"\(nothing\): tell it too"),
        ("0.5", r"the metric 'loss' must be a number, got '0.5' \(str\)"),
        (None, r"must be a number, got None"),
        (True, r"must be a number, got True"),
        ({"loss": 0.5, "n": [3]}, r"the metric 'n' must be a number, got \[3\] \(list\)"),
        (10**400, "must be a number"),
    ],
)
def test_a_result_that_is_none_is_refused(metrics, message):
    """And the trial is still out."""
    asking = opened()
    asking.ask()
    with pytest.raises(ObjectiveError, match=message):
        asking.tell(0, metrics)
    assert [trial.number for trial in asking.out] == [0]


def test_there_is_an_end():
    """While trials are out, they are to be told; then the study is over."""
    asking = opened(trials=2)
    asking.ask()
    asking.ask()
    message = "no more can be asked before one of trials 0 and 1 is told: tell it first"
    with pytest.raises(StudyError, match=message):
        asking.ask()
    asking.tell(1, 0.5)
    assert not asking.history.finished
    asking.tell(0, 0.5)
    message = r"this study is over \(all 2 trials were made\): begin another one with more trials"
    with pytest.raises(StudyError, match=message):
        asking.ask()
    with pytest.raises(StudyError, match=message):
        asking.add({"x": 1.1, "n": 5}, 0.5)


def test_a_grid_ends_when_it_is_tried_out():
    """The end comes with the last result."""
    asking = AskTell(Space(n=Int(3, 5)), trials=9, search=GridSearch())
    assert run_grid(asking) == 3
    assert asking.history.finished == "every config was tried"


def run_grid(asking):
    while not asking.history.finished:
        asking.tell(asking.ask().number, 0.5)
    return len(asking.history.trials)


def test_the_end_may_be_found_when_more_is_asked(tmp_path):
    """Where the last result was stored by a run that could not store the end."""
    path = tmp_path / "a.study"
    with opened(trials=1, store=path) as asking:
        asking.ask()
        asking._answer = lambda: None  # as if it was killed
        asking.tell(0, 0.5)
    with opened(trials=1, store=path) as asking:
        assert not asking.history.finished
        with pytest.raises(StudyError, match="this study is over"):
            asking.ask()
    assert read(path).finished == "all 1 trials were made"


# --- trainings made elsewhere -------------------------------------------------------------------


def test_a_training_from_elsewhere_is_a_trial(tmp_path):
    """It counts as one, and is seen at once; the same config twice is two trainings."""
    path = tmp_path / "a.study"
    with opened(trials=4, store=path) as asking:
        first = asking.ask()
        asking.add({"n": 5, "x": 1.1}, 0.25)
        added = asking.add({"n": 5, "x": 1.1}, {"loss": 0.125, "accuracy": 0.5})
        assert (added.number, added.state, added.epochs_trained) == (2, State.DONE, 5)
        assert [asking.ask().number, first.number] == [3, 0]
        with pytest.raises(StudyError, match="is over"):
            asking.add({"n": 5, "x": 1.1}, 0.25)
    assert read(path).digest == asking.history.digest


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"x": 9.9, "n": 5}, "x: got 9.9, but the range is 0.3 to 2.7"),
        ({"x": 1.1}, "no value for 'n'"),
        ({"x": 1.1, "n": 5, "m": 5}, "no param 'm'"),
    ],
)
def test_a_config_outside_the_space_is_refused(config, message):
    """And nothing was begun."""
    asking = opened()
    with pytest.raises(SpaceError, match=message):
        asking.add(config, 0.5)
    with pytest.raises(ObjectiveError):
        asking.add({"x": 1.1, "n": 5}, {"accuracy": 0.5})
    assert len(asking.history.trials) == 0


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"search": "sobol"}, "search must be a search such as RandomSearch"),
        ({"search": RandomSearch(ladder="full")}, "the ladder of a search must be one such as"),
        ({"search": RandomSearch(ladder=AsyncHalving)}, "the ladder of a search must be one"),
        ({"goal": "small"}, "goal must be 'min' or 'max', got 'small'"),
        ({"trials": 0}, "trials must be a whole number of 1 or more, got 0"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(question, message):
    """As tune() refuses it."""
    with pytest.raises(StudyError, match=message):
        opened(**question)


# --- living with a study ------------------------------------------------------------------------


def test_what_is_enqueued_is_asked_next(tmp_path):
    """Before what the search had in mind, and again if it was never told."""
    path, config = tmp_path / "x.study", {"x": 1.3, "n": 5}
    with opened(search=Watchful(), store=path) as asking:
        first = asking.ask()
        asking.enqueue(config)
        assert dict(asking.ask().config) == config
        assert dict(asking.ask().config) != config
        asking.tell(first.number, 0.7)
    with opened(search=Watchful(), store=path) as asking:
        again = [asking.ask() for _ in range(2)]
        assert dict(again[0].config) == config
        assert again[0].origin is Origin.GIVEN


def test_nothing_is_enqueued_when_it_is_over():
    """Nor a config outside the space."""
    asking = opened(trials=1)
    with pytest.raises(SpaceError):
        asking.enqueue({"x": 99.0, "n": 5})
    asking.tell(asking.ask().number, 0.7)
    with pytest.raises(StudyError, match="this study is over"):
        asking.enqueue({"x": 1.3, "n": 5})


def test_a_finished_study_is_asked_for_more(tmp_path):
    """On purpose only."""
    path = tmp_path / "x.study"
    run(opened(search=Watchful(), store=path, trials=3))
    with pytest.raises(StudyError, match="trials 3, not 5"):
        opened(search=Watchful(), store=path, trials=5)
    history = run(opened(search=Watchful(), store=path, trials=5, amend=True))
    assert len(history.trials) == 5
    assert [change.reason for change in history.amendments] == ["trials 5, not 3"]


def test_many_trainings_from_elsewhere():
    """More than a search needs to end early, before it has proposed anything."""
    asking = AskTell(SPACE, trials=100)
    for number in range(64):
        asking.add({"x": 0.3 + 0.03 * number, "n": 3 + number % 15}, 1.0 + number)
    assert asking.ask().number == 64


def test_trainings_from_elsewhere_are_none_of_a_grid():
    """Every combination is asked, however many were added; they are not drawn by any search."""
    asking = AskTell(Space(n=Int(3, 6)), trials=9, search=GridSearch())
    for n in (4, 6, 6):
        asking.add({"n": n}, 1.0)
    assert {trial.origin for trial in asking.history.trials} == {Origin.GIVEN}
    found = []
    for _ in range(4):
        found.append(asking.ask().config["n"])
        asking.tell(len(found) + 2, 0.5)
    assert sorted(found) == [3, 4, 5, 6]


def test_a_trial_added_before_one_that_is_enqueued():
    """What waits to be asked goes on waiting."""
    asking = opened()
    asking.enqueue({"x": 0.7, "n": 5})
    asking.add({"x": 0.9, "n": 7}, 1.0)
    assert dict(asking.ask().config) == {"x": 0.7, "n": 5}


def test_what_was_told_to_a_ladder_may_be_told_again():
    """A trial that waits on its rung, and one that was stopped at the end, were told as done."""
    asking = opened(search=RandomSearch(ladder=AsyncHalving()), trials=5)
    first = asking.ask()
    held = asking.tell(first.number, 0.5)
    assert held.state is State.PAUSED
    assert asking.tell(first.number, 0.5) == held
    with pytest.raises(StudyError, match="and cannot be told as done"):
        asking.tell(first.number, 0.25)
    history = run(asking)
    stopped = next(trial for trial in history.trials if trial.state is State.STOPPED)
    assert asking.tell(stopped.number, stopped.metric("loss")) == stopped


def test_what_was_told_is_kept_when_the_search_fails(tmp_path, monkeypatch):
    """The file can be read, and gone on with."""
    path = tmp_path / "x.study"
    with opened(store=path) as asking:
        number = asking.ask().number
        with monkeypatch.context() as broken:
            broken.setattr(SobolSearch, "next", Mock(side_effect=RuntimeError("broken")))
            with pytest.raises(RuntimeError):
                asking.tell(number, 0.5)
    with opened(store=path) as asking:
        assert asking.history.trials[number].metric("loss") == 0.5
        assert len(run(asking).trials) == 7


def test_who_is_out_is_named():
    """One by its number, several as a list."""
    asking = opened(search=Watchful(ladder=BetterHalf()))
    with suppress(StudyError):
        for _ in range(99):
            asking.ask()
    numbers = [str(trial.number) for trial in asking.out]
    with pytest.raises(StudyError, match=f"before one of trials .* and {numbers[-1]} is told"):
        asking.ask()
