"""The dashboard of a run: one file for each panel, from a snapshot of the run to lines of text."""
