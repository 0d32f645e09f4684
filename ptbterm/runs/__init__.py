"""The run directory: the one place where trainer and viewers meet. No torch."""
