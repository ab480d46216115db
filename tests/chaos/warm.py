"""Imported by the server of drivers: what a driver needs is loaded before it is forked."""

from tests.chaos.driver import tune

tune(trials=9)
