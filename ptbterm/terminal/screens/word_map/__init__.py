"""The map of the word vectors: on a screen, and as a picture."""
