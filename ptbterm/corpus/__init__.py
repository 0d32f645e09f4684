"""Text to token ids: finds a corpus, builds its vocabulary, cuts windows. Knows numpy, nothing of models."""
