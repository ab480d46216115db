"""What a study becomes in Optuna's terms, as far as can be told without it.

That Optuna reads it back is in tests/integrations.
"""

import tunesmith as ts
from tunesmith.interchange.optuna_file import STATES, reversed_params
from tunesmith.trial import State


def test_every_state_has_its_name():
    """What went wrong has failed, what was not worth more was pruned."""
    names = {"WAITING", "RUNNING", "PRUNED", "COMPLETE", "FAIL"}
    assert set(STATES) == set(State)
    assert {STATES[state] for state in State} == names
    assert {state for state in State if STATES[state] == "FAIL"} == {s for s in State if s.bad}


def test_which_params_are_turned():
    """Those on the scale that Optuna does not have."""
    space = ts.Space(
        rate=ts.Float(1e-4, 0.7, scale=ts.LOG),
        beta=ts.Float(0.5, 0.997, scale=ts.LOG1M),
        kind=ts.Choice(("a", "b")),
    )
    assert reversed_params(ts.tune(lambda a: a["rate"], space, trials=1)) == ("beta",)
