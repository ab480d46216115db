"""What all suites of heavy parts share."""


def pytest_configure(config):
    """Let Ray start its processes in a process that has used JAX."""
    config.addinivalue_line("filterwarnings", r"ignore:os\.fork\(\) was called:RuntimeWarning")
