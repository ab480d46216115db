"""What to try next: pure functions of study and history."""
