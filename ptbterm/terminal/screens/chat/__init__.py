"""The chat: type a context, and the ranked next words follow every key."""
