"""How well the word vectors and the map of a run on the demo corpus know the kinds of words: its grammar does."""

from typing import Annotated, get_args

import numpy as np
import typer

from benchmarks.table import Cell, JsonOption, show
from ptbterm import environment
from ptbterm.corpus.demo import grammar
from ptbterm.inference.embeddings import read_word_vectors
from ptbterm.inference.purity import cluster_purity, map_purity, neighbor_purity
from ptbterm.inference.word_map import map_of_run
from ptbterm.runs.catalog import find_run
from ptbterm.settings.choices import Side

MAPPED = 1000
"""Words that the map of `ptbterm embeddings` has: all of the demo corpus."""


def main(
    run: Annotated[str | None, typer.Argument(help="A run trained on the demo corpus.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Compare each word's neighbors with the words of its kind: january with months, exxon with companies."""
    trained = find_run(environment.runs(), run)
    kinds = grammar().kinds()
    tables = {
        "company.oil": kinds,
        "company": {word: kind.partition(".")[0] for word, kind in kinds.items()},
    }
    vectors = read_word_vectors(trained)
    mapped = map_of_run(trained, vectors, MAPPED)
    places = np.column_stack([mapped.x, mapped.y])
    rows: list[list[Cell]] = []
    for name, kinds_of_words in tables.items():
        purities = {
            f"cosine, {side}": neighbor_purity(read_word_vectors(trained, side), kinds_of_words)
            for side in get_args(Side)
        }
        purities["distance on the map"] = map_purity(places, vectors.vocabulary, kinds_of_words)
        for near, purity in purities.items():
            shares = (100 * share for share in (purity.nearest, purity.whole_kind, purity.chance))
            rows.append([name, near, purity.words, purity.kinds, *shares])
        share = cluster_purity(mapped.cluster, vectors.vocabulary, kinds_of_words)
        counted = (purity.words, purity.kinds, "", 100 * share, 100 * purity.chance)
        rows.append([name, "one cluster (k-means)", *counted])
    columns = ("kind", "near by", "words", "kinds", "nearest, %", "others, %", "chance, %")
    show(f"Near words of the same kind: {trained.name}, {len(mapped)} words", columns, rows, json_file)


if __name__ == "__main__":
    typer.run(main)
