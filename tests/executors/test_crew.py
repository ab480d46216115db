"""What every crew does alike, with workers that are no processes."""

from collections import deque

import pytest
from tests.contracts.executor_contract import task_of

from tunesmith.errors import StudyError
from tunesmith.executors.crew import Crew, Member
from tunesmith.executors.protocol import Outcome
from tunesmith.trial import Measurement, State


class Fake(Member):
    """Trains nothing."""

    killed = 0

    def kill(self):
        self.killed += 1


class Fakes(Crew):
    """One worker for each task; what comes of them is written down before."""

    def __init__(self, *script):
        super().__init__(3, None)
        self.script, self.left = deque(script), 0

    def _hand_out(self):
        while self._waiting:
            worker = Fake()
            worker.task, worker.ready = self._waiting.popleft(), True
            self._crew.append(worker)

    def _turn(self, seconds):
        if self.script:
            self.script.popleft()(self)

    def _wind_down(self):
        self._outcomes.extend(worker.cut_short(worker.task) for worker in self._busy)

    def _leave(self):
        self.left += 1


def measured(worker, *losses):
    worker.measurements = [Measurement(n, {"loss": loss}) for n, loss in enumerate(losses, 1)]
    return worker


def test_outcomes_come_in_the_order_they_arrive(tmp_path):
    """One that has arrived is returned, for another its time is waited."""

    def both(crew):
        for worker in reversed(crew._busy):
            crew._outcomes.append(worker.outcome(worker.task, State.DONE, ""))
            worker.task = None

    crew = Fakes(both)
    crew.submit(task_of(0, tmp_path))
    crew.submit(task_of(1, tmp_path))
    assert [crew.next_outcome().number, crew.next_outcome().number] == [1, 0]
    assert crew.next_outcome() is None
    crew.submit(task_of(2, tmp_path))
    assert crew.next_outcome(timeout=0.01) is None


def test_the_longer_of_two_tries_is_kept(tmp_path):
    """A task loses a worker after two epochs, and another after one."""

    def lost_twice(crew):
        (worker,) = crew._busy
        crew._lost_once[worker.task.number] = tuple(measured(Fake(), 0.5, 0.25).measurements)
        crew._give_up(measured(worker, 0.5), worker.task, State.CRASHED, "lost")

    crew = Fakes(lost_twice)
    crew.submit(task_of(0, tmp_path))
    (worker,) = crew._crew
    outcome = crew.next_outcome()
    assert (outcome.state, outcome.reason) == (State.CRASHED, "lost")
    assert [m.epoch for m in outcome.measurements] == [1, 2]
    assert (worker.killed, crew._crew, crew._lost_once) == (1, [], {})


def test_the_first_reason_not_to_go_on_counts(tmp_path):
    """What has arrived before is returned first."""

    def refuse(crew):
        crew._outcomes.append(Outcome(number=0, state=State.DONE))
        crew._refuse(StudyError("the first"))
        crew._refuse(StudyError("the second"))

    crew = Fakes(refuse)
    crew.submit(task_of(0, tmp_path))
    assert crew.next_outcome().number == 0
    with pytest.raises(StudyError, match="the first"):
        crew.next_outcome()


def test_ctrl_c_in_a_worker_is_ctrl_c(tmp_path):
    """It is raised where somebody waits."""
    crew = Fakes(lambda crew: crew._outcomes.append(KeyboardInterrupt()))
    crew.submit(task_of(0, tmp_path))
    with pytest.raises(KeyboardInterrupt):
        crew.next_outcome()


def test_who_is_stopped_says_how_far_it_came(tmp_path):
    """Nothing is taken afterwards, and a second call waits for nobody."""
    crew = Fakes()
    crew.submit(task_of(0, tmp_path, epochs=9))
    (worker,) = crew._crew
    measured(worker, 0.5, 0.25)
    (outcome,) = crew.stop()
    assert (outcome.interrupted, outcome.reason) == (True, "stopped after 2 of 9 epochs")
    assert (worker.killed, crew.left) == (1, 1)
    crew.submit(task_of(1, tmp_path))
    assert crew.stop() == []
