"""The notebook, step by step: each lesson computes its tensors with the real model and the real trainer."""
