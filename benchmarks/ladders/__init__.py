"""Ladders judged on learning curves of trained networks, beside other tuners, at equal epochs."""
