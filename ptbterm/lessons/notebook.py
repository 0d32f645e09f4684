"""Figures that the notebook prints on the Penn Treebank. None of its text."""

WORDS = {"train": 929_589, "valid": 73_760, "test": 82_430}
VOCABULARY_SIZE = 10_000

SHAPE = (30, 20)
FIRST_TARGET = 9971
INPUTS_SHA256 = "e5311b1de2375c3428ccb8b7645304ce0377f4b6f9a21758f28dfb4bb5addfd6"
TARGETS_SHA256 = "5c5f8d0b63a436db7ceb9c7701f065149b2e0e498251b9805698cc5f0bf23b65"
"""Of the ids of the first window as little-endian 32-bit numbers, row by row."""
WINDOWS = 1_549
WINDOWS_IN_TEXT = 1_548
"""Windows in an epoch as the notebook's code computes them, and as its text states them."""

SHAPES = {
    "ids": "(30, 20)",
    "word vectors": "(30, 20, 200)",
    "outputs": "(30, 20, 200)",
    "outputs, as rows": "(600, 200)",
    "state c, a layer": "(30, 200)",
    "state h, a layer": "(30, 200)",
    "logits": "(600, 10000)",
    "losses": "(600,)",
}
PARAMETERS = 4_330_800
COST = 184.219
LOSSES = (9.193, 9.228)
"""The smallest and largest loss (nats) of the first window; other initial weights give similar ones."""

PRINTED = {10: 7628.099, 164: 1094.961, 318: 826.701}
"""Steps of the first epoch, from 0, with the running perplexity printed there."""
