"""Every lesson in a hurry, measured once for all tests."""

from functools import cache

import pytest

from tunesmith.lessons.lesson import Setting
from tunesmith.lessons.listed import lesson_called


@pytest.fixture(scope="session")
def quick():
    """Return the findings of a lesson under the settings of --quick."""

    @cache
    def run(name):
        return lesson_called(name).measure(Setting(quick=True))

    return run
