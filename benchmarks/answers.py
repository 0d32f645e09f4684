"""How long `eval` and a piped `chat` take after start, with a model of the preset `small`."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from benchmarks import ours
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.predictor import Predictor


def main(
    corpus: CorpusArgument,
    contexts: Annotated[int, typer.Option(help="Contexts of 10 words for chat.")] = 1000,
    times: Annotated[int, typer.Option(help="Times that each is measured.")] = 3,
    json_file: JsonOption = None,
) -> None:
    """Score the test split by both protocols, and rank the next words of some contexts."""
    with TemporaryDirectory() as folder:
        encoded = ours.read_corpus(corpus, Path(folder))
        model = ours.trainer(ours.settings("small"), encoded).model.eval()
    test, vocabulary = encoded.ids["test"], encoded.vocabulary
    lines = [" ".join(vocabulary[int(number)] for number in row) for row in np.resize(test, (contexts, 10))]

    def chat() -> None:
        predictor = Predictor(model, vocabulary)  # a new one: it remembers what it has read
        for line in lines:
            predictor.predict(line, 10)

    tasks: dict[str, Callable[[], object]] = {
        f"eval, stream, {len(test) - 1:,} words": lambda: evaluate(model, [test], "stream", vocabulary.unknown_id),
        "eval, notebook": lambda: evaluate(model, [test], "notebook", vocabulary.unknown_id),
        f"chat, {contexts} contexts of 10 words": chat,
    }
    rows: list[list[Cell]] = []
    for name, task in tasks.items():
        seconds = []
        for _ in range(times):
            started = time.perf_counter()
            task()
            seconds.append(time.perf_counter() - started)
        rows.append([name, min(seconds), max(seconds)])
    show("Answers of a small model", ("task", "seconds (least)", "seconds (most)"), rows, json_file)


if __name__ == "__main__":
    typer.run(main)
