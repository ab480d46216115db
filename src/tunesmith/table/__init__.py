"""Tables in: read as text, typed by us, split, and turned into arrays."""
