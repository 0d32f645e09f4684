"""How well the word vectors of a run on the demo corpus know the kinds of words, which its grammar knows."""

from typing import Annotated

import typer

from benchmarks.table import JsonOption, show
from ptbterm import locations
from ptbterm.corpus.demo import grammar
from ptbterm.inference.embeddings import Side, read_word_vectors
from ptbterm.inference.purity import neighbor_purity
from ptbterm.runs.run import find_run


def main(
    run: Annotated[str | None, typer.Argument(help="A run trained on the demo corpus.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Compare each word's neighbours by cosine with the words of its kind: january with months, exxon with ..."""
    found = find_run(locations.runs(), run)
    kinds = grammar().kinds()
    tables = {
        "class (company.oil)": kinds,
        "first part (company)": {word: kind.partition(".")[0] for word, kind in kinds.items()},
    }
    rows = []
    for name, kinds_of_words in tables.items():
        for side in Side:
            purity = neighbor_purity(read_word_vectors(found, side), kinds_of_words)
            shares = (100 * share for share in (purity.nearest, purity.whole_kind, purity.chance))
            rows.append([name, side.value, purity.words, purity.kinds, *shares])
    columns = ("kind", "vectors", "words", "kinds", "nearest, %", "whole kind, %", "chance, %")
    show(f"Neighbours of the same kind: {found.name}", columns, rows, json_file)


if __name__ == "__main__":
    typer.run(main)
