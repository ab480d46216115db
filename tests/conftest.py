"""Settings of all tests."""

from hypothesis import settings

# No deadline: a busy machine is no failure. The same examples on every run.
settings.register_profile("tunesmith", deadline=None, derandomize=True)
settings.load_profile("tunesmith")
