"""Token ids to log-probabilities: torch and the settings, nothing else of ours."""
