"""Everything a person sees: full screens, printed pages, text and colors."""
