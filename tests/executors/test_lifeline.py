"""A process that ends with its driver."""

import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from tests.waiting import until

from tunesmith.executors import lifeline

SLEEPER = """
import sys, time
from tunesmith.executors import lifeline

class Sleep:
    def __init__(self, platform):
        self.platform = platform
    def __call__(self):
        sys.platform = self.platform
        lifeline.die_with_driver()
        print("ready", flush=True)
        time.sleep(3600)
"""
DRIVER = """
import os, time
from multiprocessing import get_context
from sleeper import Sleep

if __name__ == "__main__":
    child = get_context("spawn").Process(target=Sleep({platform!r}))
    child.start()
    print(child.pid, flush=True)
    {end}
"""


def ended(pid):
    """Say whether a process has ended; one that waits to be reaped has."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def script(folder, platform, end="time.sleep(3600)"):
    """Return the command of a driver that has a child, and ends as it is told."""
    (folder / "sleeper.py").write_text(SLEEPER)
    (folder / "driver.py").write_text(DRIVER.format(platform=platform, end=end))
    return [sys.executable, str(folder / "driver.py")]


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_no_orphan_outlives_its_driver(tmp_path, platform):
    """Killed with -9, the driver cannot say good-bye; its child ends soon."""
    with subprocess.Popen(script(tmp_path, platform), stdout=subprocess.PIPE) as driver:
        child = int(driver.stdout.readline())
        assert driver.stdout.readline() == b"ready\n"
        assert psutil.pid_exists(child)
        driver.kill()
        assert until(lambda: ended(child))


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_an_orphan_from_the_start_ends(tmp_path, platform):
    """The driver may end before its child has come so far."""
    command = script(tmp_path, platform, end="os._exit(0)")
    ran = subprocess.run(command, capture_output=True, check=True)
    assert until(lambda: ended(int(ran.stdout.split()[0])))


def test_who_has_no_driver_lives_on():
    """In a process that nobody started as a worker, nothing happens."""
    lifeline.die_with_driver()
