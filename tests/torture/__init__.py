"""Drivers that strike, lie and wait for minutes; their figures are in docs/explanation/reliability.md."""
