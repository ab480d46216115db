"""A study as its events tell it: what was decided, what came of it, what the search may see."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, final

from tunesmith.amendment import amendment
from tunesmith.errors import SpaceError, StoreError, StudyError
from tunesmith.executors.protocol import Outcome
from tunesmith.executors.virtual import VirtualWorkers
from tunesmith.history import History
from tunesmith.search.settings import read_search
from tunesmith.store.event import Draft, Event
from tunesmith.study import (
    Action,
    Advice,
    Finish,
    Promote,
    Recommendation,
    Round,
    Start,
    Study,
    Wait,
)
from tunesmith.trial import Config, Origin, State, Trial


def question(study: Study) -> Draft:
    """Return the first event of every study: its question."""
    return Draft(kind="study", body=study.to_builtins())


def read_study(events: Iterable[Event]) -> Study:
    """Return the first question of a stored study; StoreError if it does not begin with one."""
    for event in events:
        if event.kind == "study":
            return Study.from_builtins(event.body)
        break
    raise StoreError(
        "this study file holds no question: it was never begun, or the -wal that was beside it is "
        "missing; put that back, or start a new study under another name"
    )


def study_now(events: Iterable[Event]) -> Study:
    """Return the question of a stored study as it was last amended; StoreError if it has none."""
    past = iter(events)
    asked = read_study(past)
    for event in past:
        if event.kind == "amend":
            plain: Any = event.body["study"]
            asked = Study.from_builtins(plain)
    return asked


def seconds_driven(events: Iterable[Event]) -> float:
    """Return for how long a study was run so far, over all its runs."""
    driven = (event.body["driven"] for event in events if event.kind == "outcome")
    return max((float(seconds) for seconds in driven if isinstance(seconds, float)), default=0.0)


def virtual_slots(study: Study) -> int | None:
    """Return how many virtual workers decide a study; None if its search never looks back.

    A search that never looks back may run ahead of the virtual clock: no answer changes. (A
    budget of epochs looks back: a trial that diverges gives some of its epochs back.)
    """
    blind = read_search(study.search).blind and study.total_epochs is None
    return None if blind else study.slots


def read_ledger(events: Iterable[Event]) -> "Ledger":
    """Return the ledger of a stored study; StoreError if its events make no sense."""
    ledger = replayed(events)
    while ledger.take():
        pass
    return ledger


def replayed(events: Iterable[Event]) -> "Ledger":
    """Return the ledger of a study as it was when its last event was written."""
    past = list(events)
    study = read_study(past)
    ledger = Ledger(study, slots=virtual_slots(study))
    for event in past:
        ledger.apply(event)
    return ledger


def sensible(events: Iterable[Event]) -> int:
    """Return how many events, from the first on, make sense together: those of a study so far."""
    past, read = list(events), 0
    try:
        ledger = Ledger(study := read_study(past), slots=virtual_slots(study))
        for event in past:
            ledger.apply(event)
            read += 1
    except (StoreError, StudyError, SpaceError):
        pass
    return read


@final
class Ledger:
    """The history that the search sees, and the outcomes that came before their virtual moment.

    Decisions and outcomes go in, drafts of events come out; `apply` reads the events back and
    comes to the same state. `taken` counts the outcomes that the search has seen: each decision
    carries it, and so a replay takes the outcomes at the moments they were taken first.
    """

    def __init__(self, study: Study, *, slots: int | None) -> None:
        self.history = History(study)
        self.seconds = 0.0
        """For how long a driver has run this study, over all its runs."""
        self._workers = VirtualWorkers(slots)
        self._early: dict[int, Outcome] = {}
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many outcomes the search has seen."""
        return self._taken

    @property
    def free(self) -> bool:
        """Whether a virtual worker is idle."""
        return self._workers.free

    def decide(self, action: Action) -> Draft | None:
        """Take an action; return its event (a Wait has none)."""
        match action:
            case Start(config, epochs, origin, opened):
                trial = self.history.start(config, epochs, origin, opened)
                self._workers.assign(trial.number, epochs)
                body = {"config": dict(config), "epochs": epochs, "origin": origin.value}
                if opened is not None:
                    body["round"] = opened.to_builtins()
                return Draft(kind="start", trial=trial.number, body=body | {"taken": self._taken})
            case Promote(number, epochs, audit):
                new = epochs - self.history.trials[number].epochs_trained
                self.history.promote(number, epochs, audit=audit)
                self._workers.assign(number, new)
                body = {"epochs": epochs, "taken": self._taken}
                if audit:
                    body["audit"] = True
                return Draft(kind="promote", trial=number, body=body)
            case Finish(reason, recommendation, advice):
                self.history.finish(reason, recommendation, advice)
                chosen = None if recommendation is None else recommendation.to_builtins()
                body = {"reason": reason, "recommendation": chosen, "taken": self._taken}
                if advice:
                    body["advice"] = [piece.to_builtins() for piece in advice]
                return Draft(kind="finish", body=body)
            case Wait():
                return None

    def amend(self, study: Study, given: tuple[Config, ...] = ()) -> Draft:
        """Take a change of the study, and configs to try; return its event.

        Raises StudyError for what cannot be amended.
        """
        before = self.history.study
        change = amendment(before, study, len(self.history.trials), given)
        if virtual_slots(before) != virtual_slots(study):
            raise StudyError(
                f"total_epochs {study.total_epochs}, not {before.total_epochs}: a search that "
                "never looks back cannot begin to count epochs, or cease to; give the new study "
                "another name"
            )
        if change.moved and not read_search(study.search).follows:
            raise StudyError(
                f"the search {study.search['name']!r} is bound to the ranges it began with, got "
                f"{change.reason}: give the new study another name"
            )
        self.history.amend(change)
        return Draft(kind="amend", body=change.to_builtins() | {"taken": self._taken})

    def arrive(self, outcome: Outcome, seconds: float) -> Draft:
        """Keep an outcome until its virtual moment; return its event."""
        self._keep(outcome, seconds)
        body = outcome.to_builtins() | {"driven": seconds}
        return Draft(kind="outcome", trial=outcome.number, body=body)

    def take(self) -> bool:
        """Let the search see the next outcome in virtual time; False if it has not arrived."""
        number = self._workers.next
        if number is None or number not in self._early:
            return False
        self._workers.release()
        self._see(self._early.pop(number))
        return True

    def tell(self, outcome: Outcome, seconds: float) -> Draft:
        """Let the search see an outcome at once, before its virtual moment; return its event."""
        draft = self.arrive(outcome, seconds)
        draft = replace(draft, body={**draft.body, "taken": self._taken})
        self._workers.leave(outcome.number)
        self._see(self._early.pop(outcome.number))
        return draft

    def _keep(self, outcome: Outcome, seconds: float) -> None:
        self._early[outcome.number] = outcome
        self.seconds = seconds

    def _see(self, outcome: Outcome) -> None:
        self.history.end(
            outcome.number,
            outcome.state,
            outcome.measurements,
            outcome.reason,
            outcome.seconds,
        )
        self._taken += 1

    def apply(self, event: Event) -> None:
        """Take an event of the past; StoreError if it does not follow from those before."""
        try:
            self._apply(event.kind, event.trial, event.body)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise StoreError(
                f"event {event.sequence} ({event.kind}) does not follow from those before it: "
                "tunesmith doctor --repair writes what can be gone on from to a new file, or "
                "restore it from a copy"
            ) from error

    def _apply(self, kind: str, trial: int | None, body: Mapping[str, Any]) -> None:
        if kind in ("study", "result"):
            return
        if kind == "outcome":
            self._hear(_known(trial), body)
            return
        self._catch_up(body["taken"])
        if kind == "start":
            if trial != len(self.history.trials):
                raise ValueError(trial)
            opened = Round.from_builtins(body["round"]) if "round" in body else None
            origin = Origin(body["origin"])
            self.decide(Start(Config(body["config"]), body["epochs"], origin, opened))
        elif kind == "promote":
            if not self.history.trials[_known(trial)].state.ended:
                raise ValueError(trial)
            self.decide(Promote(_known(trial), body["epochs"], bool(body.get("audit"))))
        elif kind == "amend":
            given = tuple(map(Config, body["given"]))
            self.amend(Study.from_builtins(body["study"]), given)
        elif kind == "finish":
            chosen = body["recommendation"]
            if chosen is not None:
                chosen = Recommendation.from_builtins(chosen)
                if not 0 <= chosen.number < len(self.history.trials):
                    raise ValueError(chosen.number)
            advice = tuple(map(Advice.from_builtins, body.get("advice", ())))
            self.decide(Finish(body["reason"], chosen, advice))
        else:
            raise ValueError(kind)

    def _hear(self, number: int, body: Mapping[str, Any]) -> None:
        """Take an outcome of the past; one that says how many were taken was seen at once."""
        if self.history.trials[number].state.ended:
            return
        if not State(body["state"]).ended:
            raise ValueError(body["state"])
        outcome, driven = Outcome.from_builtins(number, body), float(body["driven"])
        if "taken" in body:
            self._catch_up(body["taken"])
            self.tell(outcome, driven)
        else:
            self._keep(outcome, driven)

    def _catch_up(self, taken: int) -> None:
        """Take what was taken before the next event of the past."""
        while self._taken < taken:
            if not self.take():
                raise ValueError("it knows of outcomes that had not arrived")

    def unanswered(self) -> list[Trial]:
        """Return the trials whose outcome has not arrived, in order."""
        return [
            trial
            for trial in self.history.trials
            if not trial.state.ended and trial.number not in self._early
        ]


def _known(trial: int | None) -> int:
    if trial is None:
        raise ValueError("an event of a trial without its number")
    return trial
