"""Many drivers at once: one drives, the others say who does."""

import re
import time
from collections import Counter
from multiprocessing.connection import wait

import pytest
from tests.chaos.driver import Driver, tune
from tests.waiting import PATIENCE

from tunesmith.store.store import Store


@pytest.mark.survives(
    "20 drivers are started at once on one new study",
    "one drives, 19 name its process and exit with 75, none with a traceback",
)
def test_one_drives(tmp_path, long, record_property):
    """Whoever comes second is told who came first, and the study is that of one driver."""
    rounds, right = 10 if long else 1, tune(30).digest
    for number in range(rounds):
        path = tmp_path / f"{number}.study"
        hold = tmp_path / "hold"
        hold.touch()
        drivers = [Driver(path, 30, hold=hold) for _ in range(20)]
        pids = {driver.process.pid for driver in drivers}
        running = [driver.process.sentinel for driver in drivers]
        while len(running) > 1 and (ended := wait(running, PATIENCE)):
            running = [sentinel for sentinel in running if sentinel not in ended]
        hold.unlink()
        ends = [driver.ended() for driver in drivers]
        assert sorted(end.code for end in ends) == [0, *[75] * 19]
        assert [end.digest for end in ends if end.code == 0] == [right]
        told = [re.fullmatch(_BUSY.format(path), end.refusal) for end in ends if end.code]
        assert {int(match[1]) for match in told} <= pids
        assert len({match[1] for match in told}) == 1
        with Store.read(path) as store:
            kinds = Counter(event.kind for event in store.replay())
        assert kinds["outcome"] == kinds["start"] + kinds["promote"]  # nothing was trained twice
        assert (kinds["study"], kinds["start"], kinds["finish"]) == (1, 30, 1)
    record_property("drivers", f"{rounds} times 20")


_BUSY = (
    r"{} is already being run by pid (\d+) since \d\d:\d\d; wait until it ends, or stop it there"
)


@pytest.mark.survives(
    "a driver is killed with -9 while it holds the lock",
    "the system frees the lock: the next driver runs at once",
)
def test_the_lock_is_never_stale(tmp_path, long, limit, record_property):
    """No driver waits for one that is dead."""
    path, slowest = tmp_path / "x.study", 0.0
    for _ in range(20 if long else 3):
        driver = Driver(path, 500, seconds=0.004)
        driver.begun()
        driver.kill()
        driver.ended()
        began = time.monotonic()
        Store.open(path).close()
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < limit(10)
    record_property("slowest opening after a kill", f"{1e3 * slowest:.0f} ms")
