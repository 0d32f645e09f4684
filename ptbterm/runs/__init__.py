"""The run directory, where the trainer writes and viewers read. No torch."""
