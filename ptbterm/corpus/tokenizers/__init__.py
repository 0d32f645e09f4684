"""How a line of text becomes words: one file for each tokenizer, none of which knows a vocabulary."""
