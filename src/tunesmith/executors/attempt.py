"""One execution of a trial, as the training function sees it, and what comes of it."""

import math
import os
import re
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, final

from tunesmith.errors import Interrupted, ObjectiveError
from tunesmith.executors.memory import peak
from tunesmith.executors.process_state import restored
from tunesmith.executors.protocol import Outcome, Run, Task
from tunesmith.number import as_real, as_whole, shown, stored_text
from tunesmith.space.params import Value
from tunesmith.trial import Measurement, State

Objective = Callable[["Attempt"], Any]
"""A training function: it records metrics, or returns a number or a dict of numbers."""

TRACE_LENGTH = 65_536
"""Characters kept of a traceback, its end: recursion makes long ones."""


@final
class Attempt(Mapping[str, Value]):
    """The config of a trial, a Mapping, with all that a training function needs beside it."""

    def __init__(
        self,
        task: Task,
        should_stop: Callable[[], bool],
        tell: Callable[[Measurement], None] = lambda _: None,
    ) -> None:
        self._task, self._should_stop, self._tell = task, should_stop, tell
        self._measurements: list[Measurement] = []
        self._pid = os.getpid()
        self._first = task.trained if task.trained and _has_files(task.folder) else 0

    def __getitem__(self, name: str) -> Value:
        return self._task.config[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._task.config)

    def __len__(self) -> int:
        return len(self._task.config)

    @property
    def number(self) -> int:
        """The trial's number."""
        return self._task.number

    @property
    def epochs(self) -> range:
        """The epochs still to train; the first epoch of a trial is 0.

        A trial that goes on, but has left nothing in its `checkpoint`, is trained from the first
        epoch again; what was measured before keeps its first measurement.
        """
        return range(self._first, self._task.epochs)

    @property
    def checkpoint(self) -> Path:
        """A folder of this trial's own, to save in what training needs to go on."""
        self._task.folder.mkdir(parents=True, exist_ok=True)
        return self._task.folder

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """What was recorded so far."""
        return tuple(self._measurements)

    @property
    def should_stop(self) -> bool:
        """Whether to raise Interrupted soon; to be asked within epochs that last seconds."""
        return self._should_stop()

    def record(self, **metrics: float) -> None:
        """Record the metrics of the next epoch.

        Raises Interrupted when training should stop (let it pass through), but not in the last
        epoch, which may still be saved. Raises ObjectiveError for a metric that is no number and
        for more epochs than were given.
        """
        epoch = self._first + len(self._measurements) + 1
        if epoch > self._task.epochs:
            raise ObjectiveError(
                f"epoch {epoch} was recorded but the trial was given {self._task.epochs}: "
                "loop over attempt.epochs and record once in each"
            )
        self._keep(Measurement(epoch, numbers(metrics)))
        if epoch < self._task.epochs and self._should_stop():
            raise Interrupted

    def conclude(self, answer: object) -> None:
        """Take what the training function returned as the measurement of the last epoch."""
        if answer is not None:
            if self._measurements and self._measurements[-1].epoch == self._task.epochs:
                raise ObjectiveError(
                    f"epoch {self._task.epochs} was recorded and {shown(answer)} returned as well: "
                    "record the last epoch or return its metric, not both"
                )
            metrics = answer if isinstance(answer, Mapping) else {self._task.metric: answer}
            self._keep(Measurement(self._task.epochs, numbers(metrics)))
        if not self._measurements or self._task.metric not in self._measurements[-1].metrics:
            raise ObjectiveError(
                f"the training function gave no {self._task.metric!r}: call "
                f"attempt.record({self._task.metric}=...) in each epoch, or return it"
            )

    def _keep(self, measurement: Measurement) -> None:
        if os.getpid() != self._pid:
            raise ObjectiveError(
                "a metric was recorded in a forked copy of the process that trains: "
                "record it in the process that the training function was called in"
            )
        self._measurements.append(measurement)
        self._tell(measurement)


def _has_files(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def run_with(
    objective: Objective,
    tell: Callable[[Measurement], None] = lambda _: None,
    *,
    alone: bool = True,
) -> Run:
    """Return the function that runs a task through `objective`; `tell` hears each measurement.

    Whatever a training raises is its outcome, an exit too; only Ctrl-C passes through. `alone`:
    no other training runs in this process meanwhile, so that what this one changes in the process
    is put back; see process_state.py.
    """

    def run(task: Task, should_stop: Callable[[], bool]) -> Outcome:
        attempt, began = Attempt(task, should_stop, tell), time.monotonic()
        state, reason, trace, interrupted = State.DONE, "", "", False
        try:
            attempt.conclude(_answer(objective, attempt, alone=alone))
        except Interrupted:
            reached = max([task.trained, *(m.epoch for m in attempt.measurements[-1:])])
            if reached < task.epochs:
                interrupted, state = should_stop(), State.STOPPED
                reason = stopped_after(reached, task.epochs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            state = State.OUT_OF_MEMORY if isinstance(error, MemoryError) else State.FAILED
            reason, trace = _one_line(error), _trace(error)
        for m in attempt.measurements:
            value = m.metrics.get(task.metric, 0.0)
            if not state.bad and not math.isfinite(value):
                state, reason = State.DIVERGED, f"{task.metric} was {value} after epoch {m.epoch}"
                break
        return Outcome(
            number=task.number,
            state=state,
            measurements=attempt.measurements,
            reason=reason,
            seconds=round(time.monotonic() - began, 4),
            interrupted=interrupted,
            memory=peak(),
            trace=trace,
        )

    return run


def _answer(objective: Objective, attempt: Attempt, *, alone: bool) -> object:
    """Return what a training function returns, with the process as it was before."""
    pid = os.getpid()
    try:
        with restored() if alone else nullcontext():
            return objective(attempt)
    finally:
        _end_copy(pid)


def _end_copy(pid: int) -> None:
    """End a copy of process `pid`, made with os.fork(), that comes out of a training function.

    It would otherwise go on as the worker, or the driver, that it is a copy of.
    """
    if os.getpid() != pid:
        os._exit(0)


def stopped_after(reached: int, epochs: int) -> str:
    """Return the reason of a training that was stopped."""
    return f"stopped after {reached} of {epochs} epochs"


def fault(reason: str) -> str:
    """Return what two failures of one fault share: the error's type and its line.

    Where there is none, as in the sentences of this module: all but the value.
    """
    error = re.fullmatch(r"(\w+): .*\((.+:\d+)\)", reason)
    return f"{error[1]} at {error[2]}" if error else reason.partition(", got ")[0]


def numbers(metrics: Mapping[Any, Any]) -> dict[str, float]:
    """Return metrics as floats, by names that can be stored.

    Raises ObjectiveError for a value that is no number (see `as_real`) and for a name that is no
    text, or has no UTF-8 form.
    """
    return {_name(name): _number(name, value) for name, value in metrics.items()}


def _name(name: object) -> str:
    text = stored_text(name)
    if text is None:
        raise ObjectiveError(
            f"a metric is called by a text that can be written as UTF-8, got {shown(name)} "
            f"({type(name).__name__}): rename it"
        )
    return text


def _number(name: object, value: object) -> float:
    number = as_real(value)
    if number is None:
        size = " that a float can hold" if as_whole(value) is not None else ""
        raise ObjectiveError(
            f"the metric {shown(name)} must be a number{size}, got {shown(value)} "
            f"({type(value).__name__}): record one number under each name"
        )
    return number


def _one_line(error: BaseException) -> str:
    """Return the error and the line it came from."""
    where = traceback.extract_tb(error.__traceback__)
    try:
        written = str(error).encode("utf-8", "backslashreplace").decode()
    except Exception:  # an error whose text is an error too
        written = "(its text cannot be had)"
    if isinstance(error, ObjectiveError) or not where:
        return written
    text = " ".join(written.split())[:300]
    return f"{type(error).__name__}: {text} ({Path(where[-1].filename).name}:{where[-1].lineno})"


def _trace(error: BaseException) -> str:
    """Return the traceback from the training function on, without the callers in this module."""
    inner = error.__traceback__
    while inner is not None and inner.tb_frame.f_code.co_filename == __file__:
        inner = inner.tb_next
    text = "".join(traceback.format_exception(type(error), error, inner))
    return text.encode("utf-8", "backslashreplace").decode()[-TRACE_LENGTH:]
