"""A small map of words."""

import numpy as np

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.embeddings import WordVectors
from ptbterm.inference.word_map import WordMap
from ptbterm.terminal.screens.word_map.atlas import Atlas, Caption

CAPTION = Caption("tiny", "letters")

PLACES = {
    "may": (0.0, 0.9, 0),
    "june": (0.02, 0.8, 0),
    "july": (0.0, 0.7, 0),
    "<unk>": (0.5, 0.5, 1),
    "<eos>": (0.5, 0.0, 1),
    "two": (1.0, 0.9, 2),
    "three": (0.9, 0.8, 2),
    "日本語": (1.0, 0.2, 2),
}
BEYOND = ("junta", "december")


def small_atlas() -> Atlas:
    """Eight words on the map and two beyond it; words of a cluster point the same way, nearly."""
    directions = {0: (1.0, 0.0, 0.0), 1: (0.0, 1.0, 0.0), 2: (0.0, 0.0, 1.0)}
    clusters = [cluster for *_, cluster in PLACES.values()] + [0, 0]
    vectors = np.array([directions[cluster] for cluster in clusters])
    vectors += 0.01 * np.arange(vectors.size).reshape(vectors.shape) % 0.13
    vocabulary = Vocabulary([*PLACES, *BEYOND])
    x, y, cluster = zip(*PLACES.values(), strict=True)
    word_map = WordMap(made_from="", x=list(x), y=list(y), cluster=list(cluster))
    return Atlas(CAPTION, WordVectors(vocabulary, vectors.astype(np.float32)), word_map)


ATLAS = small_atlas()
ID = ATLAS.words.vocabulary.id_of
