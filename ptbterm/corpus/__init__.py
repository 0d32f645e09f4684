"""From text to token ids: finds a corpus, builds its vocabulary, cuts windows. Imports numpy, no torch."""
