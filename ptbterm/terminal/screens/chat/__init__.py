"""The chat with a model: one types a context, and the ranked next words follow every key."""
