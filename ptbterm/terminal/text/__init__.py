"""Numbers, lines, symbols and plots as text."""
