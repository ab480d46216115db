"""Fast networks: dense, batch-normalised, trained in compiled loops. It knows nothing of tuning."""
