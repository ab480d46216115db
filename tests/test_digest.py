"""The digest: what changes it, and what does not."""

import math
from dataclasses import replace

import pytest

from tunesmith.digest import digest_of
from tunesmith.trial import Config, Measurement, Origin, State, Trial

TRIAL = Trial(
    number=0,
    config=Config({"rate": 0.1 + 0.2, "units": 5}),
    epochs=3,
    state=State.DONE,
    measurements=(Measurement(3, {"loss": 0.7, "other": math.nan}),),
    reason="a reason",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"config": Config({"rate": 0.3, "units": 5})},
        {"epochs": 5},
        {"state": State.STOPPED},
        {"measurements": (Measurement(3, {"loss": 0.7}),)},
        {"measurements": (Measurement(2, {"loss": 0.7, "other": math.nan}),)},
        {"reason": ""},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_changes_it(changes):
    """Each part of an answer, to the last bit."""
    assert digest_of([replace(TRIAL, **changes)]) != digest_of([TRIAL])


def test_what_does_not():
    """How long it took, and where its config came from; NaN is NaN."""
    other = replace(TRIAL, seconds=7.1, round=3, origin=Origin.RANGES)
    assert digest_of([other]) == digest_of([TRIAL])
    assert digest_of([TRIAL, TRIAL]) != digest_of([TRIAL])
