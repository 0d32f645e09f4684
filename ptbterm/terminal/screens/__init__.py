"""The full-screen views, one folder each."""
