"""Everything the user sees: full screens, printed pages, text and colors."""
