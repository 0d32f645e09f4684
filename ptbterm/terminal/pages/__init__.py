"""Pages of text that commands print."""
