"""What happened: one SQLite file, one writer, one table of events."""
