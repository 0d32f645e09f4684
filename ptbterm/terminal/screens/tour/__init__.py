"""The tour of the notebook, step by step on a screen or as text."""
