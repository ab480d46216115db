"""Ladders: who trains on."""
