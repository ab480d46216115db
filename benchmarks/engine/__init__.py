"""The engine by itself: its steps, its start and its predictions beside its peers'."""
