"""The lessons: what the notes claim, measured on real networks and drawn."""
