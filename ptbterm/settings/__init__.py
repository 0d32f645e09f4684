"""Settings as data: the schema, the presets, and the source of each value."""
