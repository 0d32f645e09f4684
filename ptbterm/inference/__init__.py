"""A model's answers: perplexity, ranked next words, generated text."""
