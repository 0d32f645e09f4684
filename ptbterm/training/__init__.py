"""Settings and a corpus to a run: the trainer, its schedule, and one session of it on a run directory."""
