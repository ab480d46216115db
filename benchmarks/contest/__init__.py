"""Tuners compared on tables whose answers are known: who runs, and what the figures say."""
