"""Settings and a corpus to a run: the trainer, the loop that drives it, and one session on a run directory."""
