"""Tasks run by Ray: on this machine, or on the many of a cluster."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, final

from tunesmith.errors import ObjectiveError, StudyError
from tunesmith.executors.attempt import Objective
from tunesmith.executors.checkpoint import uncopied
from tunesmith.executors.crew import STARTS, STOP_SECONDS, TURN_SECONDS, Crew
from tunesmith.executors.limits import Limits
from tunesmith.executors.protocol import Task
from tunesmith.executors.ray_cluster import check_resources, connect, one_node, ray_module
from tunesmith.executors.ray_trainer import SLOTS, Trainer
from tunesmith.executors.ray_worker import RayWorker, last_line
from tunesmith.executors.sending import ELSEWHERE
from tunesmith.number import as_real, shown
from tunesmith.trial import State

LAST_WORD_SECONDS = 0.5
"""How long a training that did not stop may take to tell what it has measured."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ray:
    """Where Ray is, and what each training takes of it: tune(..., executor=Ray(gpus=1), workers=8).

    Without an address a Ray that this program is connected to is used, or else one is started on
    this machine, for this study alone: without its dashboard, and bound to the loopback address.
    `cpus`, `gpus` and `resources` (by Ray's own names) are kept free for each training; as many
    run at once as the cluster has room for, and at most `workers`.

    A trial's `checkpoint` is a folder of the machine that trains it. Its files travel: to that
    machine with the task, and back with the outcome, into the study's folder. So no node needs to
    see another's disk, and none that is lost takes a checkpoint along. `shared`: all nodes see the
    study's folder, and read and write there; for checkpoints too large to travel.

    Raises StudyError for what cannot be taken.
    """

    address: str | None = None
    """Such as "auto" or "10.0.0.5:6379"."""
    cpus: float = 1
    gpus: float = 0
    resources: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    shared: bool = False

    def __post_init__(self) -> None:
        if self.address is not None and not isinstance(self.address, str):
            raise StudyError(f"the address of a cluster is a text, got {self.address!r}")
        object.__setattr__(self, "cpus", _amount("cpus", self.cpus))
        object.__setattr__(self, "gpus", _amount("gpus", self.gpus))
        amounts = {name: _amount(name, amount) for name, amount in self.resources.items()}
        object.__setattr__(self, "resources", MappingProxyType(amounts))

    @property
    def wanted(self) -> dict[str, float]:
        """What a training takes, by Ray's names."""
        return {"CPU": self.cpus, "GPU": self.gpus, **self.resources}


def _amount(name: str, amount: object) -> float:
    """Return what a training takes of a resource; StudyError for no finite number of 0 or more."""
    number = as_real(amount)
    if number is None or not 0 <= number < math.inf:
        raise StudyError(f"{name} must be a number of 0 or more, got {shown(amount)}")
    return number


@final
class RayExecutor(Crew[RayWorker]):
    """Runs as many tasks at once as the cluster has room for, each in a process of Ray's.

    A worker that is lost, with its node or alone, is replaced, and its task given to another once;
    a task that loses two has crashed. A training that takes longer than `limits` is ended.
    """

    def __init__(
        self, objective: Objective, workers: int, where: Ray, limits: Limits | None = None
    ) -> None:
        super().__init__(workers, limits)
        if self._limits.gigabytes < math.inf:
            raise StudyError(
                f"trial_gigabytes={self._limits.gigabytes:g} is not for Ray, which watches over "
                "the memory of its nodes itself: leave it out, or use executor='processes'"
            )
        self._ours = connect(where.address)
        try:
            check_resources(where.wanted)
            self._objective = _put(objective)
        except BaseException:
            self._leave()
            raise
        self._shared = where.shared or (where.address is None and one_node())
        self._actor = (
            ray_module()
            .remote(Trainer)
            .options(
                num_cpus=where.cpus,
                num_gpus=where.gpus,
                resources=dict(where.resources),
                max_concurrency=SLOTS,
                max_restarts=0,
            )
        )

    def _wind_down(self) -> None:
        for worker in self._busy:
            worker.ask_to_stop()
        end = time.monotonic() + STOP_SECONDS
        while self._busy and (left := end - time.monotonic()) > 0:
            self._turn(min(left, TURN_SECONDS))
        for worker in self._busy:
            worker.hear(LAST_WORD_SECONDS)
        self._outcomes.extend(w.cut_short(w.task) for w in self._busy if w.task)

    def _leave(self) -> None:
        """End a Ray that was started here."""
        if self._ours:
            self._ours = False
            ray_module().shutdown()

    def _hand_out(self) -> None:
        """Give waiting tasks to idle workers, and ask for new ones while there may be more."""
        if self._refusal or self._stopping:
            return
        for worker in self._crew:
            while self._waiting and worker.ready and worker.task is None:
                self._give(worker, self._waiting.popleft())
        starting = sum(not worker.ready for worker in self._crew)
        while len(self._waiting) > starting and len(self._crew) < self._workers:
            self._crew.append(RayWorker(self._actor.remote(), self._objective, shared=self._shared))
            starting += 1

    def _give(self, worker: RayWorker, task: Task) -> None:
        """Give a task to an idle worker; one whose folder cannot be read has failed, it alone."""
        try:
            worker.give(task)
        except OSError as error:
            measurements = self._lost_once.pop(task.number, ())
            self._outcomes.append(replace(uncopied(task, error), measurements=measurements))

    def _turn(self, seconds: float) -> None:
        """Wait for something to happen; hear every worker, and see how it is."""
        pending = {w.pending: w for w in self._crew if w.pending is not None}
        ready, _ = ray_module().wait(list(pending), timeout=seconds)
        for reference in ready:
            self._attend(pending[reference])
        for worker in self._busy:
            worker.listen()
            if worker.task and (late := self._limits.too_long(worker.seconds)):
                self._give_up(worker, worker.task, State.TIMED_OUT, late)
        self._hand_out()

    def _attend(self, worker: RayWorker) -> None:
        """Take the answer that a worker owed."""
        errors, task = ray_module().exceptions, worker.task
        try:
            if task is None:
                worker.greet()
                self._failed_starts = 0
            else:
                outcome = worker.take(task)
                self._lost_once.pop(task.number, None)
                self._outcomes.append(outcome)
        except ObjectiveError as error:
            self._refuse(error)
            self._remove(worker)
        except errors.RayError:
            self._lose(worker, task)
        except BaseException:  # Ctrl-C, and something of what it said may be lost
            self._remove(worker)
            raise

    def _lose(self, worker: RayWorker, task: Task | None) -> None:
        """Do without a worker that is lost; its task is given to another, once."""
        if task is None:
            self._failed_starts += not worker.ready
            if self._failed_starts >= STARTS:
                self._refuse(
                    StudyError(
                        f"{STARTS} worker processes of Ray were lost before they could begin: "
                        f"look at the cluster with ray status, {ELSEWHERE}"
                    )
                )
        elif self._stopping:
            self._outcomes.append(worker.cut_short(task))
        elif task.number in self._lost_once:
            self._give_up(worker, task, State.CRASHED, "its worker was lost twice")
        else:
            self._lost_once[task.number] = tuple(worker.measurements)
            if self._shared:
                self._begin_again(task)
            else:  # its folder here was not touched
                self._waiting.appendleft(task)
        self._remove(worker)


def _put(objective: Objective) -> Any:
    """Hand a training function to Ray; ObjectiveError for one that cannot be sent."""
    name = getattr(objective, "__qualname__", type(objective).__qualname__)
    try:
        return ray_module().put(objective)
    except Exception as error:  # whatever its parts raise when they are to be sent
        raise ObjectiveError(
            f"{name} cannot be sent to a worker process ({last_line(error)}): let it open what "
            f"cannot be sent when it is called, {ELSEWHERE}"
        ) from error
