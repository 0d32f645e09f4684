"""Everything a CUDA machine can say about ptbterm, by one command: `python -m benchmarks.cuda`."""
