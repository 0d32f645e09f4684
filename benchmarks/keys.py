"""How long a chat takes from a key to its ranking, over a scripted hour of typing."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from benchmarks import ours
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from ptbterm.inference.answer import AnswerOptions
from ptbterm.inference.completion import Completer
from ptbterm.inference.predictor import Predictor

KEYS_A_MINUTE = 200
SENTENCES = 20
"""Sentences of a context before a new one is started."""


def typed(words: list[str], keys: int, seed: int = 1) -> Iterator[str]:
    """Yield the text after each key; one in twenty is wrong and deleted, some begin a new context."""
    chance = random.Random(seed)
    text = ""
    for word in words * (1 + keys // len(words)):
        if text.count("\n") == SENTENCES:
            text = ""
        for letter in ["\n"] if word == "<eos>" else [*word, " "]:
            steps = [text + "x", text] if chance.random() < 0.05 else []
            text += letter
            for step in [*steps, text]:
                if not keys:
                    return
                keys -= 1
                yield step


def main(
    corpus: CorpusArgument,
    presets: Annotated[str, typer.Option(help="Presets, with commas.")] = "fast,small,large",
    minutes: Annotated[int, typer.Option(help="Minutes of typing.")] = 60,
    json_file: JsonOption = None,
) -> None:
    """Type the test text of a corpus into the chats of untrained models."""
    rows: list[list[Cell]] = []
    for preset in presets.split(","):
        with TemporaryDirectory() as folder:
            encoded = ours.read_corpus(corpus, Path(folder))
            model = ours.trainer(ours.settings(preset), encoded).model.eval()
        words = [encoded.vocabulary[int(number)] for number in encoded.ids["test"][:20_000]]
        completer = Completer(Predictor(model, encoded.vocabulary))
        milliseconds = []
        for text in typed(words, KEYS_A_MINUTE * minutes):
            started = time.perf_counter()
            completer.answer(text, len(text), AnswerOptions())
            milliseconds.append(1000 * (time.perf_counter() - started))
        rows.append(
            [preset, len(milliseconds), *np.percentile(milliseconds, [50, 95, 99]).tolist(), max(milliseconds)]
        )
    heading = ("preset", "keys", "median ms", "95th percentile", "99th percentile", "slowest ms")
    show("From a key to its ranking", heading, rows, json_file)


if __name__ == "__main__":
    typer.run(main)
