"""Token ids to log-probabilities. Imports torch and the settings only."""
