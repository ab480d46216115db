"""A study as one page: what it found, how sure that is, and how it came about."""
