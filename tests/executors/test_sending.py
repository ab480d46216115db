"""What can be sent to a worker, and what is said of what cannot."""

import functools
import sys
import threading
from multiprocessing.reduction import ForkingPickler
from types import ModuleType

import pytest
from tests.contracts.objectives import train

from tunesmith.errors import ObjectiveError
from tunesmith.executors.sending import packed


class Trainer:
    """Training with something to keep."""

    def __init__(self, kept):
        self.kept = kept

    def __call__(self, attempt):
        return self.kept

    def method(self, attempt):
        return self.kept


@pytest.mark.parametrize(
    "objective",
    [train, functools.partial(train, 3), Trainer(7), Trainer(7).method],
    ids=["function", "partial", "object", "method"],
)
def test_what_can_be_sent(objective):
    """Functions of a module, and objects with what they hold."""
    assert type(ForkingPickler.loads(packed(objective))) is type(objective)


def local(attempt):
    def inner(attempt):
        return 0.7

    return inner


@pytest.mark.parametrize("objective", [lambda attempt: 0.7, local(0)], ids=["lambda", "local"])
def test_a_function_within_a_function(objective):
    """It has no name by which it could be found."""
    with pytest.raises(ObjectiveError) as caught:
        packed(objective)
    text = str(caught.value)
    assert text.startswith(f"{objective.__qualname__} cannot be sent to a worker process (")
    assert text.endswith("): define it with def at the top of a module, or use executor='threads'")


def test_an_object_that_holds_what_cannot_be_sent():
    """The function may well be at the top of a module then."""
    with pytest.raises(ObjectiveError) as caught:
        packed(Trainer(threading.Lock()))
    assert str(caught.value) == (
        "Trainer cannot be sent to a worker process (cannot pickle '_thread.lock' object): "
        "let it open what cannot be sent when it is called, or use executor='threads'"
    )


@pytest.mark.parametrize("file", [None, "<stdin>"])
def test_a_session_without_a_file(monkeypatch, file):
    """A notebook or a prompt: a worker has nothing to import."""
    session = ModuleType("__main__")
    if file:
        session.__file__ = file
    monkeypatch.setitem(sys.modules, "__main__", session)
    exec("def objective(attempt): return 0.7", vars(session))
    with pytest.raises(ObjectiveError) as caught:
        packed(session.objective)
    assert str(caught.value) == (
        "objective was defined in a session without a file, where no worker process can find it: "
        "write it into a module and import it, or use executor='threads'"
    )
    assert packed(train)  # of a module: it does not matter where it is used
