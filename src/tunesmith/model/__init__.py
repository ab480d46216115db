"""A trained network: predict, save, load."""
