"""The dashboard of a run: one panel a file, each from what is known of the run to lines of text."""
