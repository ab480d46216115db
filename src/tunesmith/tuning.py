"""A training function tuned: the public way in, and what a run is made of."""

import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal

from tunesmith.driver import TRIAL_FOLDER, drive
from tunesmith.errors import StudyError
from tunesmith.executors.attempt import Objective, run_with
from tunesmith.executors.local import LocalExecutor
from tunesmith.executors.protocol import Executor
from tunesmith.executors.threads import ThreadExecutor
from tunesmith.history import History
from tunesmith.ledger import question, read_study, seconds_driven
from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.protocol import Search
from tunesmith.space import Space
from tunesmith.store.memory import MemoryStore
from tunesmith.store.store import Store
from tunesmith.study import Goal, Study


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
    executor: Literal["local", "threads"] | None = None,
    workers: int = 1,
    slots: int = 4,
    store: str | Path | None = None,
    seed: int = 0,
) -> History:
    """Find a good config of `space` for a training function; return all that was tried.

    objective: called with an `Attempt`; it records `metric` once per epoch, or returns it.
    goal: "min" or "max". search: coarse to fine if None, where `epochs` is given with asynchronous
    halving. At least one budget: `trials` (every config that is begun, and every one that is
    trained again, counts), `minutes`, `total_epochs`. epochs: the full training of one trial; 1
    if None, and every trial is trained in full. executor: "local" (in this thread) or "threads".
    store: a file that keeps the study; one that exists goes on if it asks the same question. The
    same seed gives the same history for any number of workers.

    Raises StudyError for a question that cannot be asked, or differs from the stored one;
    FileError for a store that cannot be written; StoreBusy if another process runs it.
    KeyboardInterrupt ends it with everything that has arrived stored.
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
    with (
        make_executor(objective, executor, workers) as crew,
        opened(store, study) as events,
        work_folder(store) as folder,
    ):
        spent = seconds_driven(events.replay())
        end = math.inf if minutes is None else time.monotonic() + 60 * minutes - spent
        return drive(study, crew, events, folder, deadline=lambda _: end)


def search_settings(search: Search | None, *, halving: bool) -> dict[str, Any]:
    """Return the settings of a search, of coarse to fine for None; StudyError if it is none.

    `halving`: whether a full training is of more than one epoch, so that its ladder is used.
    """
    if search is not None and not isinstance(search, Search):
        raise StudyError(f"search must be a search such as RandomSearch(), got {search!r}")
    return (search or CoarseToFine(ladder=AsyncHalving() if halving else Full())).settings()


def read_goal(name: str) -> Goal:
    """Return the goal called "min" or "max"; StudyError for another name."""
    if name not in ("min", "max"):
        raise StudyError(f"goal must be 'min' or 'max', got {name!r}")
    return Goal(name)


def make_executor(objective: Objective, name: str | None, workers: int) -> Executor:
    """Return the executor called `name` ("local" for one worker and "threads" for more if None)."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise StudyError(f"workers must be a whole number of 1 or more, got {workers!r}")
    run = run_with(objective)
    match name or ("local" if workers == 1 else "threads"):
        case "local" if workers == 1:
            return LocalExecutor(run)
        case "threads":
            return ThreadExecutor(run, workers)
        case "local":
            raise StudyError(f"the local executor has one worker, got workers={workers}")
        case other:
            raise StudyError(f"no executor {other!r}: use 'local' or 'threads'")


@contextmanager
def opened(path: str | Path | None, study: Study) -> Iterator[Store | MemoryStore]:
    """Open the store of a study, new or to go on with; StudyError if it holds another question."""
    if path is None:
        memory = MemoryStore()
        memory.append(question(study))
        yield memory
        return
    place = Path(path)
    with Store.open(place) if place.exists() else Store.create(place) as store:
        if store.last_sequence == 0:
            store.append(question(study))
        difference = read_study(store.replay()).difference(study)
        if difference:
            raise StudyError(
                f"{place} is another study ({difference}): "
                "ask the same question to go on, or give the new one another name"
            )
        yield store


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
    folder = Path(path).with_name(f"{name}.work")
    if folder == Path(path):
        folder = Path(f"{path}.work")
    yield folder
    with suppress(OSError):
        for place in folder.glob(f"{TRIAL_FOLDER}*"):
            rmtree(place)
        folder.rmdir()
