from tests.report.conftest import config, played, study_of

from tunesmith.history import History
from tunesmith.report.progress import spent, steps
from tunesmith.study import Goal
from tunesmith.trial import Measurement, State


def test_each_rung_has_its_own_best():
    """Three endings by hand: what is best after 1 epoch says nothing of 3."""
    study = study_of(goal=Goal.MIN)
    history = History(study)
    for number, loss in enumerate((0.5, 0.7, 0.2)):
        history.start(config(number), 1)
        history.end(number, State.DONE, [Measurement(1, {"accuracy": loss})])
    history.promote(1, 3)
    history.end(1, State.DONE, [Measurement(e, {"accuracy": 0.9}) for e in (2, 3)])
    assert [step.to_builtins(study) for step in steps(study, history)] == [
        [1, 1, 0, 0.5, 0],
        [3, 1, 2, 0.2, 0],
        [5, 3, 1, 0.9, 1],
    ]
    assert spent(study, history) == 5


def test_what_is_looked_at_once_is_as_what_is_looked_at_often():
    """The account may be kept or not: the steps are the same."""
    often = played(0, finished=False)
    steps(often.study, often)
    grown = played(23, finished=False)
    assert steps(grown.study, grown) == steps(grown.study, grown)
    assert spent(grown.study, grown) == sum(t.epochs_trained for t in grown.trials)
