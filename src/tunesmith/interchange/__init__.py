"""To and from what others write and use."""
