"""A training function tuned: the public way in, and what a run is made of."""

import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from inspect import signature
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal, get_args

from tunesmith.driver import drive
from tunesmith.errors import ObjectiveError, StudyError
from tunesmith.executors.attempt import Objective, run_with
from tunesmith.executors.checkpoint import TRIAL_FOLDER
from tunesmith.executors.limits import Limits
from tunesmith.executors.local import LocalExecutor
from tunesmith.executors.processes import ProcessExecutor
from tunesmith.executors.protocol import Executor
from tunesmith.executors.ray import Ray, RayExecutor
from tunesmith.executors.threads import ThreadExecutor
from tunesmith.history import History
from tunesmith.ledger import question, replayed, seconds_driven, study_now
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.protocol import Ladder, Search
from tunesmith.space import Space
from tunesmith.space.params import Value
from tunesmith.store.event import Event
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store
from tunesmith.study import Goal, Study, count_of
from tunesmith.trial import Config

ExecutorName = Literal["local", "threads", "processes", "ray"]
"""What `make_executor` makes by name."""


def tune(
    objective: Objective,
    space: Space,
    *,
    metric: str = "loss",
    goal: Literal["min", "max"] = "min",
    search: Search | None = None,
    trials: int | None = None,
    minutes: float | None = None,
    total_epochs: int | None = None,
    epochs: int | None = None,
    executor: ExecutorName | Ray | None = None,
    workers: int = 1,
    trial_minutes: float | None = None,
    trial_gigabytes: float | None = None,
    slots: int = 4,
    store: str | Path | None = None,
    seed: int = 0,
    enqueue: Sequence[Mapping[str, Value]] = (),
    amend: bool = False,
) -> History:
    """Find a good config of `space` for a training function; return all that was tried.

    objective: called with an `Attempt`; it records `metric` once per epoch, or returns it.
    goal: "min" or "max". search: coarse to fine if None, where `epochs` is given with asynchronous
    halving. At least one budget: `trials` (every config that is begun, and every one that is
    trained again, counts), `minutes`, `total_epochs`. epochs: the full training of one trial; 1
    if None, and every trial is trained in full. store: a file that keeps the study; one that
    exists goes on if it asks the same question. The same seed gives the same history for any
    number of workers. slots: so many trainings at most run at once, and decisions are made as if
    so many did; two or more for each worker keep them busy.

    enqueue: configs to try before any other; one that was enqueued in an earlier run is not tried
    again. amend: a store may hold the same question with another budget or other ranges, and goes
    on with these, a finished one too; what the ranges no longer hold counts for nothing any more.

    minutes: when they are over, what runs is stopped at its next epoch. A training that records no
    epochs runs to its end with the executors "local", the default for one worker, and "threads";
    "processes" and Ray end it a few seconds later.

    executor: "local" (in this thread), "threads", or "processes", each of which may be lost
    without harm to the others; "ray", or Ray(...) for a cluster and what each training takes of
    it; if None, local for one worker without limits, else processes.
    Where OMP_NUM_THREADS is not set, processes share the cores out among their numerical
    libraries; set it if sums must not depend on the number of workers.
    trial_minutes, trial_gigabytes (of 10^9 bytes, resident): what one training may take in its
    process; one that takes more has timed out, or is out of memory.

    Raises StudyError for a question that cannot be asked, or differs from the stored one;
    ObjectiveError for a function that cannot be sent to processes, and if the first three trials
    fail in the same way; FileError for a store that cannot be written; StoreBusy if another
    process runs it. KeyboardInterrupt ends it with everything that has arrived stored.
    """
    study = Study(
        space=space,
        metric=metric,
        goal=read_goal(goal),
        search=search_settings(search, halving=epochs is not None),
        seed=seed,
        epochs=1 if epochs is None else epochs,
        trials=trials,
        total_epochs=total_epochs,
        minutes=minutes,
        slots=slots,
    )
    limits = read_limits(trial_minutes, trial_gigabytes)
    with (
        make_executor(objective, executor, workers, limits) as crew,
        kept(store, study, enqueue=enqueue, amend=amend) as (events, folder),
    ):
        end = moment_of_end(minutes, events.replay())
        return drive(study, crew, events, folder, deadline=lambda _: end)


def moment_of_end(minutes: float | None, past: Iterable[Event]) -> float:
    """Return the moment of time.monotonic() at which a study's minutes are over."""
    if minutes is None:
        return math.inf
    return time.monotonic() + 60 * minutes - seconds_driven(past)


@contextmanager
def kept(
    store: str | Path | None, study: Study, *, enqueue: Sequence[Mapping[str, Value]], amend: bool
) -> Iterator[tuple[Store | MemoryStore, Path]]:
    """Open what a study is kept in: its store, and the folder for checkpoints."""
    with (
        saying_how_to_go_on(store),
        opened(store, study, enqueue=enqueue, amend=amend) as events,
        work_folder(store) as folder,
    ):
        yield events, folder


@contextmanager
def saying_how_to_go_on(store: str | Path | None) -> Iterator[None]:
    """Let the traceback of a Ctrl-C end with what became of the study, if it has a store."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if store is not None:
            stop.add_note(f"what was measured is kept in {store}: the same call goes on with it")
        raise


def search_settings(search: Search | None, *, halving: bool) -> dict[str, Any]:
    """Return the settings of a search, of coarse to fine for None; StudyError if it is none.

    `halving`: whether a full training is of more than one epoch, so that its ladder is used.
    """
    if search is not None and not isinstance(search, Search):
        raise StudyError(f"search must be a search such as RandomSearch(), got {search!r}")
    if search is not None and not isinstance(search.ladder, Ladder):
        raise StudyError(
            f"the ladder of a search must be one such as AsyncHalving(), got {search.ladder!r}"
        )
    return (search or CoarseToFine(ladder=AsyncHalving() if halving else Full())).settings()


def read_goal(name: str) -> Goal:
    """Return the goal called "min" or "max"; StudyError for another name."""
    if name not in ("min", "max"):
        raise StudyError(f"goal must be 'min' or 'max', got {name!r}")
    return Goal(name)


def read_limits(minutes: float | None, gigabytes: float | None) -> Limits | None:
    """Return the limits of one training, None if there are none; StudyError for a wrong one."""
    if minutes is None and gigabytes is None:
        return None
    return Limits(
        minutes=math.inf if minutes is None else minutes,
        gigabytes=math.inf if gigabytes is None else gigabytes,
    )


def make_executor(
    objective: Objective, name: str | Ray | None, workers: int, limits: Limits | None = None
) -> Executor:
    """Return the executor called `name`, as `tune` describes it.

    Raises StudyError for one that there is not, ObjectiveError for an objective it cannot run.
    """
    workers = count_of("workers", workers)
    _check_objective(objective)
    match name or ("local" if workers == 1 and not limits else "processes"):
        case "processes":
            return ProcessExecutor(objective, workers, limits)
        case Ray() as where:
            return RayExecutor(objective, workers, where, limits)
        case "ray":
            return RayExecutor(objective, workers, Ray(), limits)
        case "local" | "threads" as other if limits:
            raise StudyError(
                f"only a process can be ended: use executor='processes' with limits, got {other!r}"
            )
        case "threads":
            return ThreadExecutor(run_with(objective, alone=False), workers)
        case "local" if workers == 1:
            return LocalExecutor(run_with(objective))
        case "local":
            raise StudyError(f"the local executor has one worker, got workers={workers}")
        case other:
            names = ", ".join(map(repr, get_args(ExecutorName)))
            raise StudyError(f"no executor {other!r}: use {names} or Ray(...)")


def _check_objective(objective: object) -> None:
    """Raise ObjectiveError for what cannot be called with an attempt."""
    if not callable(objective):
        raise ObjectiveError(f"objective must be a function of an attempt, got {objective!r}")
    try:
        parameters = signature(objective)
    except ValueError:  # compiled functions need not tell
        return
    try:
        parameters.bind(None)
    except TypeError as error:
        name = getattr(objective, "__name__", type(objective).__name__)
        raise ObjectiveError(
            f"objective is called with one argument, the attempt, got {name}{parameters}: give it "
            "one, and defaults or functools.partial for the others"
        ) from error


@contextmanager
def opened(
    path: str | Path | None,
    study: Study,
    *,
    enqueue: Sequence[Mapping[str, Value]] = (),
    amend: bool = False,
) -> Iterator[Store | MemoryStore]:
    """Open the store of a study, new or to go on with, and store what is amended.

    Raises StudyError if it holds another question that is not to be amended, or cannot be;
    SpaceError for an enqueued config outside the space.
    """
    given = tuple(Config(study.space.check(_mapping(config))) for config in enqueue)
    if path is None:
        memory = MemoryStore()
        memory.append(question(study))
        _change(memory, study, given, "this study", amend=amend)
        yield memory
        return
    place = Path(path)
    with Store.open(place) if place.exists() else Store.create(place) as store:
        if store.last_sequence == 0:
            store.append(question(study))
        _change(store, study, given, str(place), amend=amend)
        yield store


def _change(
    store: Store | MemoryStore, study: Study, given: Sequence[Config], name: str, *, amend: bool
) -> None:
    """Make the stored study the same as `study`, if it may be, with what is newly enqueued."""
    difference = study_now(store.replay()).difference(study)
    if difference and not amend:
        raise StudyError(
            f"{name} is another study ({difference}): "
            "ask the same question to go on, or give the new one another name"
        )
    if not difference and not given:
        return
    ledger = replayed(store.replay())
    known = Counter(c for change in ledger.history.amendments for c in change.given)
    new = tuple((Counter(given) - known).elements())
    if not difference and not new:
        return
    if new and not difference and ledger.history.finished:
        raise StudyError(
            f"{name} is over ({ledger.history.finished}) and tries nothing more: give it a larger "
            "budget, with amend=True, for what is enqueued"
        )
    store.append(ledger.amend(study, new))


def _mapping(config: object) -> Mapping[str, Value]:
    if not isinstance(config, Mapping):
        raise StudyError(
            f"an enqueued config is a dict with a value for each param, got {config!r}"
        )
    return config


@contextmanager
def work_folder(path: str | Path | None) -> Iterator[Path]:
    """Give the folder for checkpoints, NAME.work beside NAME.study.

    At a clean end the trials' folders in it are removed, and then it, if nothing else is there.
    """
    if path is None:
        with tempfile.TemporaryDirectory(prefix="tunesmith-") as temporary:
            yield Path(temporary)
        return
    name = Path(path).name.removesuffix(".study")
    # Absolute: a training function may change this process's directory.
    folder = Path(path).absolute().with_name(f"{name}.work")
    yield folder
    with suppress(OSError):
        for place in folder.glob(f"{TRIAL_FOLDER}*"):
            rmtree(place)
        folder.rmdir()
