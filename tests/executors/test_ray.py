"""What Ray is asked for, as far as can be told without it.

That studies run there is in tests/integrations.
"""

import sys

import pytest
from tests.contracts.objectives import train

import tunesmith as ts
from tunesmith.errors import StudyError
from tunesmith.executors.limits import Limits
from tunesmith.executors.ray import Ray, RayExecutor

SPACE = ts.Space(x=ts.Float(0.3, 2.7))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"cpus": -1}, "cpus must be a number of 0 or more, got -1"),
        ({"gpus": "one"}, "gpus must be a number of 0 or more, got 'one'"),
        ({"cpus": True}, "cpus must be a number of 0 or more, got True"),
        ({"resources": {"TPX": float("nan")}}, "TPX must be a number of 0 or more, got nan"),
        ({"address": 6379}, "the address of a cluster is a text, got 6379"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(arguments, sentence):
    """One sentence with the value."""
    with pytest.raises(StudyError) as caught:
        Ray(**arguments)
    assert str(caught.value) == sentence


def test_what_a_training_takes():
    """By Ray's own names."""
    wanted = Ray(cpus=0.5, gpus=2, resources={"TPX": 3}).wanted
    assert wanted == {"CPU": 0.5, "GPU": 2, "TPX": 3}


def test_memory_is_for_ray_to_watch():
    """Said before anything is started."""
    with pytest.raises(StudyError) as caught:
        RayExecutor(train, 1, Ray(), Limits(gigabytes=1.5))
    assert str(caught.value) == (
        "trial_gigabytes=1.5 is not for Ray, which watches over the memory of its nodes itself: "
        "leave it out, or use executor='processes'"
    )


@pytest.mark.parametrize("executor", ["ray", Ray(gpus=1)], ids=["by name", "with settings"])
def test_where_there_is_no_ray(monkeypatch, tmp_path, executor):
    """A sentence with the command that brings it, before a file is made."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(StudyError) as caught:
        ts.tune(train, SPACE, trials=3, executor=executor, store=tmp_path / "x.study")
    assert str(caught.value).startswith("Ray cannot be loaded (")
    assert str(caught.value).endswith(
        "): pip install 'tunesmith[ray]', or use executor='processes'"
    )
    assert list(tmp_path.iterdir()) == []
