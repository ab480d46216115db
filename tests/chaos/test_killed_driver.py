"""The driver is killed: nothing acknowledged is lost, and the study ends as it would have."""

import signal
import time

import pytest
from tests.chaos.driver import Driver, Strike, tune

from tunesmith import rng
from tunesmith.store.store import Store


def kept(path):
    """Return how many events a study holds that was killed, opened as any reader opens it."""
    if not path.exists():
        return 0
    with Store.read(path) as store:
        return len(list(store.replay()))


def names(folder):
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.survives(
    "the driver is killed with -9 at random moments of one study",
    "no acknowledged result is lost; it goes on without a repair, and ends with the digest of the "
    "undisturbed study; one file is left",
)
def test_killed_at_random_moments(tmp_path, long, record_property):
    """However often a study is killed, it ends as it would have."""
    kills, path, stored, lost = 50 if long else 4, tmp_path / "x.study", 0, 0
    trials = 15 * kills
    for delay in rng.stream(7, "kill").uniform(0.0, 0.12, size=kills):
        driver = Driver(path, trials, workers=2, executor="threads", seconds=0.004)
        driver.begun()
        time.sleep(delay)
        driver.kill()
        end = driver.ended()
        assert end.code == -signal.SIGKILL
        stored = max(stored, end.stored)
        lost += max(0, stored - kept(path))
    end = Driver(path, trials, workers=2, executor="threads").ended()
    assert (end.code, end.digest) == (0, tune(trials).digest)
    assert names(tmp_path) == ["x.study"]
    assert lost == 0
    record_property("kills", kills)
    record_property("acknowledged events", stored)
    record_property("lost", lost)


@pytest.mark.survives(
    "the driver is killed with -9 just before or just after a commit, at each commit of a study",
    "as above",
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_commit(tmp_path, moment, long, record_property):
    """From the first commit on, until a study of 30 trials passes without another."""
    trials, step = (30, 1) if long else (7, 3)
    right, commit = tune(trials).digest, 1
    while True:
        path = tmp_path / f"{commit}.study"
        end = Driver(path, trials, strike=Strike(commit=commit, moment=moment)).ended()
        if end.code == 0:
            break
        assert end.code == -signal.SIGKILL
        assert kept(path) >= end.stored
        assert Driver(path, trials).ended().digest == right
        commit += step
    assert end.digest == right
    assert commit > trials
    assert names(tmp_path) == sorted(f"{number}.study" for number in range(1, commit + 1, step))
    record_property(f"kills {moment}", commit - 1)


@pytest.mark.survives(
    "the driver dies in the middle of a write to its file",
    "as above",
)
def test_killed_within_a_write(tmp_path, long, record_property):
    """The system cuts the write off at a given size of the file, and kills."""
    trials, step = (30, 1024 + 7) if long else (11, 9 * 1024 + 7)
    right, size, deaths = tune(trials).digest, 1, 0
    while True:
        path = tmp_path / f"{size}.study"
        end = Driver(path, trials, strike=Strike(size=size, deadly=True)).ended()
        if end.code == 0:
            break
        assert end.code == -signal.SIGXFSZ
        assert kept(path) >= end.stored
        assert Driver(path, trials).ended().digest == right
        size, deaths = size + step, deaths + 1
    assert end.digest == right
    assert deaths > 6
    assert all(name.endswith(".study") for name in names(tmp_path))
    record_property("deaths", deaths)
