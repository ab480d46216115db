"""Rungs of a ladder: after how many epochs trials are compared."""

from tunesmith.errors import StudyError


def levels(epochs: int, eta: int, least: int = 1) -> tuple[int, ...]:
    """Return the epochs of every rung: least, least * eta, ..., and at last `epochs`.

    In whole numbers: 243 by 3 has the six rungs 1, 3, 9, 27, 81, 243. A rung from which the full
    training is not even twice as far is left out: 27 by 4 has 1, 4, 27.
    """
    found = []
    rung = least
    while 2 * rung <= epochs:
        found.append(rung)
        rung *= eta
    return (*found, epochs)


def check_halving(eta: int, least: int) -> None:
    """Raise StudyError unless a ladder can be made of these."""
    for name, number, lowest in (("eta", eta, 2), ("least", least, 1)):
        if isinstance(number, bool) or not isinstance(number, int) or number < lowest:
            raise StudyError(f"{name} must be a whole number of {lowest} or more, got {number!r}")
