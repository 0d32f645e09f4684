"""What a person sees: events and numbers as text."""
