"""The driver is killed: nothing acknowledged is lost, and the study ends as it would have."""

import signal
import time
from contextlib import suppress
from functools import partial

import psutil
import pytest
from tests.chaos.driver import Driver, Strike, train_saved, tune
from tests.chaos.test_lost_worker import seconds_until_gone

from tunesmith import rng
from tunesmith.store.store import Store


def kept(path):
    """Return how many events a study holds that was killed, opened as any reader opens it."""
    if not path.exists():
        return 0
    with Store.read(path) as store:
        return len(list(store.replay()))


def descendants(driver):
    """Return the processes that a driver has started; none if it has ended."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(driver.process.pid).children(recursive=True)
    return []


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


@pytest.mark.survives(
    "the driver of two processes is killed with -9 while they train on from checkpoints "
    "(asynchronous halving)",
    "no weights have seen another number of epochs than the study says; each study ends with the "
    "digest of the undisturbed one, and leaves one file; none of the processes is left after 1 s",
)
def test_killed_while_checkpoints_are_written(tmp_path, long, limit, record_property):
    """At random moments after training has begun, in as many studies as that takes."""
    wanted, kills, studies, longest, trials = 200 if long else 10, 0, 0, 0.0, 60
    moments = rng.stream(7, "checkpoints")
    while kills < wanted:
        asked = {"epochs": 9, "seed": studies}
        more = asked | {"objective": partial(train_saved, seconds=0.004), "workers": 2}
        path, code = tmp_path / f"{studies}.study", -signal.SIGKILL
        while code == -signal.SIGKILL:
            driver = Driver(path, trials, executor="processes", **more)
            if driver.begun() and kills < wanted:
                time.sleep(moments.uniform(0.0, 0.4))  # it may end before: then no kill counts
                processes = descendants(driver)
                driver.kill()
                longest = max(longest, seconds_until_gone(processes))
            end = driver.ended()
            code, kills = end.code, kills + (end.code == -signal.SIGKILL)
        right = tune(trials, objective=train_saved, **asked).digest
        assert (end.code, end.digest) == (0, right)
        studies += 1
    assert names(tmp_path) == sorted(f"{number}.study" for number in range(studies))
    assert longest < limit(1)
    record_property("kills", kills)
    record_property("studies", studies)
    record_property("the last process was gone after at most", f"{1000 * longest:.0f} ms")


@pytest.mark.survives(
    "the driver is killed with -9 at each epoch of a study that goes on from checkpoints, while "
    "no result is stored before it must be",
    "as above, in one process",
)
def test_killed_at_every_epoch(tmp_path, long, record_property):
    """Struck once in each study, from the first epoch on until a study passes without."""
    step, asked = (1 if long else 9), {"epochs": 9, "objective": train_saved}
    right, epoch = tune(17, **asked).digest, 1
    while True:
        path = tmp_path / f"{epoch}.study"
        end = Driver(path, 17, strike=Strike(epoch=epoch), **asked).ended()
        if end.code == 0:
            break
        assert end.code == -signal.SIGKILL
        assert Driver(path, 17, **asked).ended().digest == right
        epoch += step
    assert end.digest == right
    assert epoch > 17
    record_property("kills", len(range(1, epoch, step)))
