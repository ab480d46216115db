"""The ledger: what goes in comes out as events, and these read back give the same study."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import StoreError, StudyError
from tunesmith.executors.protocol import Outcome
from tunesmith.ledger import Ledger, question, read_ledger, read_study, sensible, study_now
from tunesmith.space import Choice, Float, Space
from tunesmith.store.event import Draft, Event
from tunesmith.store.memory import MemoryStore
from tunesmith.study import (
    Advice,
    Finish,
    Promote,
    Recommendation,
    Round,
    Start,
    Study,
    Topic,
    Wait,
)
from tunesmith.trial import Config, Measurement, Origin, State

SPACE = Space(rate=Float(0.3, 2.7), kind=Choice(("a", 1, None)))
STUDY = Study(space=SPACE, trials=9, epochs=9)
STATES = [State.DONE, State.DIVERGED, State.FAILED]


def outcome_of(trial, state=State.DONE, *, losses=None, reason=""):
    """Return the outcome of a trial: by default its losses shrink from its number."""
    given_epochs = range(trial.epochs_trained + 1, trial.epochs + 1)
    losses = [trial.number + 1 / n for n in given_epochs] if losses is None else losses
    measured = tuple(
        Measurement(n, {"loss": loss}) for n, loss in zip(given_epochs, losses, strict=False)
    )
    return Outcome(number=trial.number, state=state, measurements=measured, reason=reason)


def replayed(drafts, slots):
    """Return a new ledger that has read these drafts from a store."""
    store, ledger = MemoryStore(), Ledger(STUDY, slots=slots)
    store.append(question(STUDY), *drafts)
    for event in store.replay():
        ledger.apply(event)
    return ledger


def seen(ledger):
    """Return all that a ledger shows, once it has taken what it can."""
    while ledger.take():
        pass
    history = ledger.history
    numbers = [trial.number for trial in ledger.unanswered()]
    counts = history.version, history.running, history.epochs, history.finished
    places = [(trial.round, trial.origin) for trial in history.trials]
    search = history.rounds, places, history.recommendation, list(history.endings)
    return history.digest, counts, search, numbers, ledger.free, ledger.seconds


def round_from(trial, number, rate=(0.3, 2.7)):
    """Return the round `number`, which the trial opens."""
    ends = {"low": (0.1, 0.0), "high": (0.1 + 0.2, 1.0), "whole_low": (0.0, 0.0)}
    return Round(
        number=number,
        first=trial,
        **ends,
        whole_high=(1.25, 1.0),
        ranges=MappingProxyType({"rate": rate}),
        reason="narrowed rate",
    )


CHOSEN = Recommendation(number=1, trainings=(1, 4), close=(0, 3), reason="the best expected loss")
ADVICE = Advice(kind=Topic.GAIN, text="more would help", figures=MappingProxyType({"gain": 0.3}))


# --- written and read ---------------------------------------------------------------------------


class Play:
    """Random but possible decisions and arrivals, with their drafts."""

    def __init__(self, draw, slots):
        self.draw, self.ledger, self.drafts = draw, Ledger(STUDY, slots=slots), []

    def promotable(self):
        return [
            trial
            for trial in self.ledger.history.trials
            if trial.state is State.DONE and trial.epochs < 9
        ]

    def move(self):
        ledger = self.ledger
        possible = [ledger.take]
        possible += [self.start] * 2 * ledger.free
        possible += [self.promote] * (ledger.free and bool(self.promotable()))
        possible += [self.arrive, self.arrive, self.tell] * bool(ledger.unanswered())
        self.draw(st.sampled_from(possible))()

    def start(self):
        config = Config({"rate": self.draw(st.floats(0.3, 2.7)), "kind": None})
        history, opened = self.ledger.history, None
        if self.draw(st.booleans()):
            opened = round_from(len(history.trials), len(history.rounds))
        origin, epochs = self.draw(st.sampled_from(Origin)), self.draw(st.integers(1, 5))
        self.drafts.append(self.ledger.decide(Start(config, epochs, origin, opened)))

    def promote(self):
        trial = self.draw(st.sampled_from(self.promotable()))
        epochs = self.draw(st.integers(trial.epochs + 1, 9))
        self.drafts.append(self.ledger.decide(Promote(trial.number, epochs)))

    def arrive(self, how=Ledger.arrive):
        trial = self.draw(st.sampled_from(self.ledger.unanswered()))
        state = self.draw(st.sampled_from(STATES))
        losses = None if state is State.DONE else self.draw(st.lists(st.floats(), max_size=2))
        outcome = outcome_of(trial, state, losses=losses, reason=state.value)
        self.drafts.append(how(self.ledger, outcome, len(self.drafts) + 0.125))

    def tell(self):
        self.arrive(Ledger.tell)


@pytest.mark.parametrize("slots", [None, 1, 3])
@settings(deadline=None)
@given(
    data=st.data(),
    moves=st.integers(0, 30),
    finish=st.sampled_from([None, Finish("the time was up"), Finish("enough", CHOSEN)]),
)
def test_what_was_written_reads_back_as_it_was(slots, data, moves, finish):
    """Whatever was decided and arrived, in any order, at any moment of the replay."""
    play = Play(data.draw, slots)
    for _ in range(moves):
        play.move()
    known = len(play.ledger.history.trials) > CHOSEN.number  # a trial that is not is refused
    if finish is not None and (finish.recommendation is None or known):
        play.drafts.append(play.ledger.decide(finish))
    assert seen(replayed(play.drafts, slots)) == seen(play.ledger)


def test_what_is_told_is_seen_at_once():
    """Whatever the virtual clock says; it stays where it is, and the worker is free."""
    ledger = Ledger(STUDY, slots=2)
    config = Config({"rate": 0.7, "kind": "a"})
    drafts = [ledger.decide(Start(config, epochs)) for epochs in (2, 9)]
    drafts.append(ledger.tell(outcome_of(ledger.history.trials[1]), 3.25))
    assert drafts[-1].body["taken"] == 0
    assert [trial.state for trial in ledger.history.trials] == [State.RUNNING, State.DONE]
    assert ledger.free
    assert not ledger.take()
    drafts.append(ledger.decide(Start(config, 9)))
    assert drafts[-1].body["taken"] == 1
    assert seen(replayed(drafts, 2)) == seen(ledger)


def test_the_events_of_a_short_study():
    """Drawn: what is decided, with how many outcomes were seen by then."""
    ledger = Ledger(STUDY, slots=1)
    config = Config({"rate": 0.7, "kind": "a"})
    drafts = [ledger.decide(Start(config, 2))]
    outcome = outcome_of(ledger.history.trials[0], losses=[0.5, 0.25])
    drafts.append(ledger.arrive(outcome, 3.25))
    assert ledger.take()
    drafts += [ledger.decide(Promote(0, 9)), ledger.decide(Finish("enough"))]
    assert ledger.decide(Wait()) is None
    kinds = [(draft.kind, draft.trial) for draft in drafts]
    assert kinds == [("start", 0), ("outcome", 0), ("promote", 0), ("finish", None)]
    assert drafts[0].body == {
        "config": {"rate": 0.7, "kind": "a"},
        "epochs": 2,
        "origin": "anywhere",
        "taken": 0,
    }
    assert drafts[1].body["measurements"] == [[1, {"loss": 0.5}], [2, {"loss": 0.25}]]
    assert drafts[2].body == {"epochs": 9, "taken": 1}
    assert drafts[3].body == {"reason": "enough", "recommendation": None, "taken": 1}


def test_the_events_of_a_search_in_rounds():
    """A start tells where its config was drawn from and the round it opens; the end, the choice."""
    ledger, opened = Ledger(STUDY, slots=2), round_from(0, 0)
    starts = [
        ledger.decide(Start(Config(CONFIG), 2, origin, of))
        for origin, of in ((Origin.RANGES, opened), (Origin.AGAIN, None))
    ]
    assert starts[0].body["round"] == opened.to_builtins()
    assert "round" not in starts[1].body
    assert [start.body["origin"] for start in starts] == ["ranges", "again"]
    chosen = replace(CHOSEN, close=())
    finish = ledger.decide(Finish("enough", chosen, (ADVICE,)))
    assert finish.body["advice"] == [ADVICE.to_builtins()]
    assert finish.body["recommendation"] == {
        "number": 1,
        "trainings": [1, 4],
        "close": [],
        "reason": "the best expected loss",
    }
    back = replayed([*starts, finish], 2).history
    assert (back.rounds, back.recommendation, back.advice) == ((opened,), chosen, (ADVICE,))


def test_a_study_that_ended_before_there_was_advice():
    """Its end says nothing of it, and reads as one without any."""
    ledger = Ledger(STUDY, slots=2)
    finish = ledger.decide(Finish("enough"))
    assert "advice" not in finish.body
    assert replayed([finish], 2).history.advice == ()


def test_a_ledger_knows_for_how_long_it_was_driven():
    """The latest outcome says so, also when it was read back."""
    ledger = Ledger(STUDY, slots=2)
    start = Start(Config({"rate": 0.7, "kind": "a"}), 2)
    drafts = [ledger.decide(start), ledger.decide(start)]
    drafts += [ledger.arrive(outcome_of(ledger.history.trials[n]), 2.5 - n) for n in (1, 0)]
    assert ledger.seconds == replayed(drafts, 2).seconds == 2.5


# --- virtual time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "order"), [(5, [1, 3, 2, 0, 4]), (None, [0, 1, 2, 3, 4])], ids=["slots", "none"]
)
@given(arrivals=st.permutations(range(5)))
def test_outcomes_are_seen_in_virtual_order(slots, order, arrivals):
    """Whatever the order they arrive in, and never before their moment."""
    ledger = Ledger(STUDY, slots=slots)
    for epochs in (3, 1, 2, 1, 5):
        ledger.decide(Start(Config({"rate": 0.7, "kind": "a"}), epochs))
    taken = []
    for count, number in enumerate(arrivals, start=1):
        ledger.arrive(outcome_of(ledger.history.trials[number]), 1.5)
        while ledger.take():
            (new,) = [
                t.number for t in ledger.history.trials if t.state.ended and t.number not in taken
            ]
            taken.append(new)
        due = next((n for n, trial in enumerate(order) if trial not in arrivals[:count]), 5)
        assert taken == order[:due]


def test_who_is_unanswered():
    """Those that run and of which nothing has arrived, though it may not be seen yet."""
    ledger = Ledger(STUDY, slots=3)
    for epochs in (1, 5, 7):
        ledger.decide(Start(Config({"rate": 0.7, "kind": "a"}), epochs))
    ledger.arrive(outcome_of(ledger.history.trials[1]), 1.5)
    assert [trial.number for trial in ledger.unanswered()] == [0, 2]
    assert not ledger.take()
    assert not ledger.free
    ledger.arrive(outcome_of(ledger.history.trials[0]), 1.75)
    assert [ledger.take(), ledger.take(), ledger.take()] == [True, True, False]
    assert [trial.number for trial in ledger.unanswered()] == [2]
    assert ledger.free


# --- the question -------------------------------------------------------------------------------


def test_a_store_begins_with_its_question():
    """It is read back equal."""
    store = MemoryStore()
    store.append(question(STUDY))
    assert read_study(store.replay()) == STUDY


@pytest.mark.parametrize("drafts", [[], [Draft(kind="finish"), question(STUDY)]])
def test_a_store_without_a_question(drafts):
    """The sentence says what to do with it."""
    store = MemoryStore()
    store.append(*drafts)
    with pytest.raises(StoreError) as caught:
        read_study(store.replay())
    assert str(caught.value) == (
        "this study file holds no question: it was never begun, or the -wal that was beside it is "
        "missing; put that back, or start a new study under another name"
    )


def test_a_question_that_is_none():
    """StudyError says why."""
    store = MemoryStore()
    store.append(Draft(kind="study", body={"space": 3}))
    with pytest.raises(StudyError, match="this is not a study's question"):
        read_study(store.replay())


# --- damage -------------------------------------------------------------------------------------

CONFIG = {"rate": 0.7, "kind": "a"}
OUTCOME = {"state": "done", "reason": "", "seconds": 0.5, "driven": 0.5, "measurements": []}
START = {"config": CONFIG, "epochs": 2, "origin": "ranges", "taken": 0}
FINISH = {"reason": "enough", "recommendation": None, "taken": 0}


@pytest.mark.parametrize(
    ("kind", "trial", "body"),
    [
        ("dream", None, {"taken": 0}),
        ("start", 1, {"epochs": 2, "taken": 0}),
        ("start", 1, START | {"config": 3}),
        ("start", 1, START | {"epochs": "2"}),
        ("start", 1, {"config": CONFIG, "epochs": 2, "origin": "ranges"}),
        ("start", 1, {"config": CONFIG, "epochs": 2, "taken": 0}),
        ("start", 1, START | {"origin": "nowhere"}),
        ("start", 1, START | {"round": 3}),
        ("start", 1, START | {"round": {"number": 0}}),
        ("start", 1, START | {"round": round_from(1, 0).to_builtins() | {"ranges": 3}}),
        ("start", 1, START | {"taken": 1}),  # nothing had arrived
        ("start", 2, START),  # the next is number 1
        ("start", None, START),
        ("promote", None, {"epochs": 5, "taken": 0}),
        ("promote", 7, {"epochs": 5, "taken": 0}),
        ("promote", 0, {"epochs": 5, "taken": 0}),  # it still runs
        ("outcome", None, OUTCOME),
        ("outcome", 7, OUTCOME),
        ("outcome", 0, OUTCOME | {"state": "bored"}),
        ("outcome", 0, OUTCOME | {"state": "running"}),
        ("outcome", 0, OUTCOME | {"measurements": [[1, {"loss": "low"}]]}),
        ("outcome", 0, OUTCOME | {"measurements": 3}),
        ("outcome", 0, OUTCOME | {"taken": 1}),  # nothing had arrived
        ("outcome", 0, {"state": "done", "reason": "", "measurements": []}),
        ("finish", None, {"taken": 0, "recommendation": None}),
        ("finish", None, {"reason": "enough", "taken": 0}),
        ("finish", None, {"reason": "enough", "recommendation": None}),
        ("finish", None, FINISH | {"recommendation": 3}),
        ("finish", None, FINISH | {"advice": 3}),
        ("finish", None, FINISH | {"advice": [{"kind": "gain"}]}),
        ("finish", None, FINISH | {"recommendation": {"number": 0}}),
        ("finish", None, FINISH | {"recommendation": CHOSEN.to_builtins()}),  # there is no trial 1
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_event_that_does_not_follow(kind, trial, body):
    """After a study whose trial 0 runs; the sentence names the event and the remedy."""
    with pytest.raises(StoreError) as caught:
        replayed(
            [Draft(kind="start", trial=0, body=START), Draft(kind=kind, trial=trial, body=body)], 2
        )
    assert str(caught.value) == (
        f"event 3 ({kind}) does not follow from those before it: "
        "tunesmith doctor --repair writes what can be gone on from to a new file, or "
        "restore it from a copy"
    )


def test_results_are_not_the_ledger_s():
    """Events that others keep in the file, about the finished study, are left to them."""
    drafts = [Draft(kind="start", trial=0, body=START), Draft(kind="result", body={"score": 0.9})]
    assert seen(replayed(drafts, 2)) == seen(replayed(drafts[:1], 2))


def test_trials_of_another_study_are_other_trials():
    """The law above can fail: one loss that differs in its last bit is seen."""
    ledger = Ledger(STUDY, slots=1)
    drafts = [ledger.decide(Start(Config(CONFIG), 1))]
    outcome = outcome_of(ledger.history.trials[0], losses=[0.5])
    other = replace(outcome, measurements=(Measurement(1, {"loss": 0.5000000000000001}),))
    one, two = ([*drafts, Ledger.arrive(replayed(drafts, 1), o, 0.5)] for o in (outcome, other))
    assert seen(replayed(one, 1)) != seen(replayed(two, 1))


def test_how_far_events_make_sense():
    """Counted up to the first that does not follow, none where there is no question."""
    store = MemoryStore()
    store.append(question(Study(space=Space(x=Float(0.3, 2.0)), trials=3)))
    store.append(Draft(kind="outcome", trial=5, body={}), Draft(kind="finish", body={}))
    events = list(store.replay())
    assert [sensible(events[:end]) for end in (0, 1, 2, 3)] == [0, 1, 1, 1]
    assert sensible(events[1:]) == 0
    odd = Event(sequence=1, kind="study", trial=None, body={"space": 3})
    assert sensible([odd]) == 0


def test_an_amended_study_is_read_as_it_is_now():
    """Its first question stays the first; all its events make sense together."""
    store, ledger = MemoryStore(), Ledger(STUDY, slots=2)
    store.append(question(STUDY))
    config = Config(STUDY.space.defaults())
    later = replace(STUDY, trials=3 * STUDY.trials)
    store.append(ledger.amend(later, (config,)))
    assert study_now(store.replay()) == later
    assert read_study(store.replay()) == STUDY
    again = read_ledger(store.replay()).history
    assert (again.study, again.queued) == (later, (config,))
    assert sensible(store.replay()) == store.last_sequence == 2
