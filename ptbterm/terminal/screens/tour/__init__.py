"""The notebook as a walk, one step a screen, or all of it as text."""
