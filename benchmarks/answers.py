"""How long `eval`, `score` and a piped `chat` take after start, with a model of the preset `small`."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from benchmarks import ours
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from ptbterm.corpus.marks import END_OF_SENTENCE
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.predictor import Predictor
from ptbterm.inference.sentence import Sentence
from ptbterm.inference.surprisal import score
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.device import keep_freed_memory
from ptbterm.settings.choices import Context


def main(
    corpus: CorpusArgument,
    contexts: Annotated[int, typer.Option(help="Contexts of 10 words for chat.")] = 1000,
    times: Annotated[int, typer.Option(help="Times that each is measured.")] = 3,
    json_file: JsonOption = None,
) -> None:
    """Score the test split by both protocols and word by word, and rank the next words of some contexts."""
    keep_freed_memory()  # as `eval` and `score` do
    with TemporaryDirectory() as folder:
        encoded = ours.read_corpus(corpus, Path(folder))
        model = ours.trainer(ours.settings("small"), encoded).model.eval()
    test, vocabulary = encoded.ids["test"], encoded.vocabulary
    lines = [" ".join(vocabulary[int(number)] for number in row) for row in np.resize(test, (contexts, 10))]
    text = " ".join(vocabulary[number] for number in test.tolist())
    sentences = [Sentence(line) for line in text.removesuffix(f" {END_OF_SENTENCE}").split(f" {END_OF_SENTENCE} ")]

    def chat() -> int:
        predictor = Predictor(model, vocabulary)  # a new one, because it caches the states of texts
        for line in lines:
            predictor.predict(line, 10)
        return 10 * contexts

    def score_all(context: Context) -> int:
        return sum(len(scored.words) + 1 for scored in score(model, vocabulary, sentences, context))

    tasks: dict[str, Callable[[], int]] = {
        "eval, stream": lambda: evaluate(ModelScorer(model), [test], "stream", vocabulary.unknown_id).words,
        "eval, notebook": lambda: evaluate(ModelScorer(model), [test], "notebook", vocabulary.unknown_id).words,
        "score, sentence": lambda: score_all("sentence"),
        "score, stream": lambda: score_all("stream"),
        f"chat, {contexts} contexts of 10 words": chat,
    }
    rows: list[list[Cell]] = []
    for name, task in tasks.items():
        seconds = []
        for _ in range(times):
            started = time.perf_counter()
            words = task()
            seconds.append(time.perf_counter() - started)
        rows.append([name, words, min(seconds), max(seconds), f"{words / min(seconds):,.0f}"])
    columns = ("task", "words", "seconds (fastest)", "seconds (slowest)", "words/s (fastest)")
    show("Answers of a small model", columns, rows, json_file)


if __name__ == "__main__":
    typer.run(main)
