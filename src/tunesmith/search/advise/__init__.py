"""What can be said of the results: one file for each kind of advice."""
