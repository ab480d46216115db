"""Rungs of a ladder: after how many epochs trials are compared."""


def rungs_of(epochs: int, eta: int, least: int = 1) -> tuple[int, ...]:
    """Return the epochs of every rung: `least`, ..., epochs // eta // eta, epochs // eta, `epochs`.

    In whole numbers: 243 by 3 has the six rungs 1, 3, 9, 27, 81, 243, and 50 by 4 has 1, 3, 12, 50.
    They are counted from the top, so that the last step is a whole one; the first may be shorter
    or longer.
    """
    rungs = [epochs]
    while rungs[0] // eta >= least:
        rungs.insert(0, rungs[0] // eta)
    if rungs[0] >= 2 * least:
        rungs.insert(0, least)
    elif len(rungs) > 1:
        rungs[0] = least
    return tuple(rungs)
