"""Programs for people who work on ptbterm; run them from the root of a checkout."""
