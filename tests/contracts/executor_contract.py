"""What every executor obeys."""

import threading
from abc import ABC, abstractmethod

import pytest
from tests import adaptive
from tests.adaptive import BetterHalf, Watchful
from tests.contracts import objectives
from tests.contracts.objectives import begun, train

from tunesmith.driver import drive
from tunesmith.executors.attempt import run_with
from tunesmith.executors.local import LocalExecutor
from tunesmith.executors.protocol import Task
from tunesmith.ledger import question
from tunesmith.space import Float, Int, Space
from tunesmith.store.memory import MemoryStore
from tunesmith.study import Study
from tunesmith.trial import Config, State


def task_of(number, folder, *, epochs=3, trained=0):
    """Return the task of trial `number`, whose config is that number."""
    return Task(
        number=number,
        config=Config({"units": number}),
        trained=trained,
        epochs=epochs,
        metric="loss",
        folder=folder / f"trial-{number}",
    )


def driven(executor, folder):
    """Return the history of a small study whose every decision looks at all that was seen."""
    study = Study(
        space=Space(x=Float(0.3, 2.7), n=Int(3, 17)),
        search=Watchful(ladder=BetterHalf()).settings(),
        seed=4,
        epochs=5,
        trials=11,
    )
    store = MemoryStore()
    store.append(question(study))
    return drive(study, executor, store, folder)


class ExecutorContract(ABC):
    """Tasks go in, and of each that is not dropped exactly one outcome comes out."""

    @abstractmethod
    def executor(self, objective, workers):
        """Return the executor that is tested; `workers` is a wish."""

    @pytest.fixture
    def start(self):
        """Return a function that makes an executor for an objective; stop them all at the end."""
        made = []

        def start(objective, workers=3):
            made.append(self.executor(objective, workers))
            return made[-1]

        yield start
        for executor in made:
            executor.stop()

    def test_every_task_has_one_outcome(self, start, tmp_path):
        """Each its own, with all that its training measured."""
        executor = start(train)
        for number in range(7):
            executor.submit(task_of(number, tmp_path))
        outcomes = [executor.next_outcome() for _ in range(7)]
        assert sorted(outcome.number for outcome in outcomes) == list(range(7))
        for outcome in outcomes:
            assert (outcome.state, outcome.interrupted) == (State.DONE, False)
            assert [m.metrics["loss"] for m in outcome.measurements] == [
                outcome.number + 1 / (epoch + 3) for epoch in range(3)
            ]
        assert executor.stop() == []

    def test_tasks_may_be_given_at_any_time(self, start, tmp_path):
        """While others run, and after all have ended."""
        executor = start(train)
        seen = []
        for number in range(5):
            executor.submit(task_of(2 * number, tmp_path))
            executor.submit(task_of(2 * number + 1, tmp_path))
            seen.append(executor.next_outcome().number)
        seen += [executor.next_outcome().number for _ in range(5)]
        assert sorted(seen) == list(range(10))

    @pytest.mark.parametrize(
        ("objective", "words"),
        [
            (objectives.fail_once, "ArithmeticError: no root of -7 (objectives.py:"),
            (objectives.exit_once, "SystemExit: 3 (objectives.py:"),
        ],
    )
    def test_a_failure_is_an_outcome(self, start, tmp_path, objective, words):
        """An exit too; and the next task is trained as if nothing had been."""
        executor = start(objective, workers=1)
        for number in range(3):
            executor.submit(task_of(number, tmp_path))
        outcomes = {o.number: o for o in (executor.next_outcome() for _ in range(3))}
        assert [outcomes[n].state for n in range(3)] == [State.DONE, State.FAILED, State.DONE]
        assert outcomes[1].reason.startswith(words)
        assert f"in {objective.__name__}\n" in outcomes[1].trace

    def test_what_is_no_failure_reaches_the_driver(self, start, tmp_path):
        """Ctrl-C is meant for the whole program."""
        executor = start(objectives.interrupt, workers=1)
        executor.submit(task_of(5, tmp_path))
        with pytest.raises(KeyboardInterrupt):
            executor.next_outcome()

    def test_who_waits_for_an_outcome_can_say_how_long(self, start, tmp_path):
        """Afterwards training is stopped at its next epoch; what it measured is not lost."""
        executor = start(objectives.train_slowly, workers=1)
        executor.submit(task_of(5, tmp_path, epochs=3000))
        executor.submit(task_of(7, tmp_path, epochs=3000))
        first = None
        while first is None and not begun(tmp_path):
            first = executor.next_outcome(0.05)
        outcomes = [*filter(None, [first]), *executor.stop()]
        (outcome,) = outcomes  # the other never began, and is dropped
        assert (outcome.number, outcome.state, outcome.interrupted) == (5, State.STOPPED, True)
        epochs = len(outcome.measurements)
        assert outcome.reason == f"stopped after {epochs} of 3000 epochs"
        assert 1 <= epochs < 3000

    def test_nothing_runs_after_stop(self, start, tmp_path):
        """Tasks that wait are dropped; stopping twice does no harm."""
        executor = start(objectives.train_when_told, workers=1)
        for number in range(5):
            executor.submit(task_of(number, tmp_path))
        threading.Timer(0.05, (tmp_path / "go").touch).start()
        left = executor.stop()
        ran = begun(tmp_path)
        assert {outcome.number for outcome in left} <= set(ran)
        assert len(ran) <= executor.workers
        assert executor.stop() == []
        assert executor.next_outcome(0.05) is None
        assert begun(tmp_path) == ran

    def test_leaving_the_with_block_stops(self, start, tmp_path):
        """However it is left."""
        with pytest.raises(ZeroDivisionError), start(objectives.train_slowly) as executor:
            1 / 0  # noqa: B018  the error is the point
        executor.submit(task_of(5, tmp_path))
        executor.stop()
        assert begun(tmp_path) == []

    def test_a_study_is_the_same(self, start, tmp_path, monkeypatch):
        """Whoever trains it, and however many they are."""
        adaptive.register(monkeypatch)
        expected = driven(LocalExecutor(run_with(objectives.bowl)), tmp_path)
        assert {t.state for t in expected.trials} >= {State.DONE, State.DIVERGED, State.FAILED}
        assert {t.epochs for t in expected.trials} == {2, 5}
        for workers in (1, 2, 8):
            history = driven(start(objectives.bowl, workers), tmp_path)
            assert history.digest == expected.digest
