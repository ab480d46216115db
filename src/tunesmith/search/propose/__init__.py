"""Searches: which config next."""
