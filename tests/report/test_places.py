from tests.report.conftest import played, study_of

from tunesmith.history import History
from tunesmith.report.places import axes


def test_axes_are_as_wide_as_the_search_ever_looked():
    """A range that was widened has a longer axis; plain data says all that a picture needs."""
    found = {axis.name: axis for axis in axes(played())}
    assert (found["rate"].lowest, found["rate"].highest) == (-0.1, 1.0)
    assert (found["units"].lowest, found["units"].highest) == (0.0, 1.0)
    assert found["kind"].to_builtins()["options"] == ["relu", "tanh"]
    assert found["momentum"].to_builtins()["scale"] == "log1m"
    fixed = study_of(space=study_of().space.fixed({"units": 5}))
    assert [axis.searched for axis in axes(History(fixed))] == [True, True, False, True]
