"""Settings as data: what can be set, what the presets set, and where each value came from."""
