"""Scores a text for `ptbterm score`: from its file to rows on stdout and totals on stderr."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ptbterm.cli.printing import notice
from ptbterm.cli.score_rows import (
    PAIR_COLUMNS,
    Format,
    pair_header,
    pair_rows,
    word_header,
    word_rows,
    write_rows,
)
from ptbterm.errors import PtbtermError
from ptbterm.settings.choices import Context
from ptbterm.terminal.text.numbers import percent

if TYPE_CHECKING:
    from ptbterm.inference.sentences import Layout
    from ptbterm.inference.surprisal import ScoredSentence
    from ptbterm.inference.totals import Totals
    from ptbterm.inference.trained_model import TrainedModel
    from ptbterm.runs.run import Run

CONTEXTS = {
    "sentence": "each sentence by itself, after <eos>",
    "stream": "one running text, <eos> after each sentence",
}


@dataclass(frozen=True, kw_only=True)
class ScoreOptions:
    """The options of `ptbterm score`."""

    file: str
    output: Format
    context: Context
    columns: tuple[str, ...]
    text_column: str | None
    per_word: bool
    ends: bool
    more: tuple[str, ...]
    guesses: int
    unseen_types: int
    pairs: bool
    adapt: bool
    adapt_rate: float | None
    save_adapted: str | None
    device: str

    @property
    def name(self) -> str:
        """The name of the text in messages."""
        return "stdin" if self.file == "-" else self.file


def score_file(run: "Run", options: ScoreOptions) -> None:
    """Score a text with a run's model, write its rows, print its totals, and save an adapted model."""
    from ptbterm.inference.adapted_run import save_adapted
    from ptbterm.inference.dynamic_evaluation import LEARNING_RATE, DynamicEvaluation
    from ptbterm.inference.sentences import read_sentences
    from ptbterm.inference.surprisal import score
    from ptbterm.inference.totals import Totals
    from ptbterm.inference.trained_model import load_run  # torch: seconds
    from ptbterm.model.device import keep_freed_memory

    keep_freed_memory()
    totals = Totals()
    with _opened(options.file) as stream:
        sentences = read_sentences(stream, options.name, _layout(options))
        trained = load_run(run, options.device)
        rate = LEARNING_RATE if options.adapt_rate is None else options.adapt_rate
        learner = DynamicEvaluation(trained.model, rate) if options.adapt else None
        scored = score(
            trained.model,
            trained.vocabulary,
            sentences,
            options.context,
            unseen_types=options.unseen_types,
            guesses=min(options.guesses, len(trained.vocabulary)),
            learner=learner,
        )
        ends_count = options.ends or options.context == "stream"
        _write(trained, _counted(scored, totals, ends=ends_count), options)
    totals.check()
    _print_totals(trained, totals, options)
    if learner and options.save_adapted is not None:
        adapted = save_adapted(trained, learner, options.save_adapted, totals)
        notice(f"Saved the adapted model as run {adapted.name}. Use it: ptbterm chat {adapted.name}")


def _layout(options: ScoreOptions) -> "Layout":
    """Return where the sentences are in a file; its name or the options decide whether it is a table."""
    from ptbterm.inference.sentences import Layout, separator_of

    separator = separator_of(options.file)
    texts = PAIR_COLUMNS if options.pairs else (options.text_column or "sentence",)
    is_table = bool(separator or options.columns or options.text_column or options.pairs)
    return Layout(texts, options.columns, is_table, separator)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115
    except (FileNotFoundError, IsADirectoryError) as error:
        raise PtbtermError(f"No such file: {file}.") from error
    with stream:
        yield stream


def _counted(scored: Iterable["ScoredSentence"], totals: "Totals", *, ends: bool) -> Iterator["ScoredSentence"]:
    """Yield the sentences, and add their words to the totals; ends of sentences count on request."""
    for sentence in scored:
        totals.add(sentence.words, sentence.end if ends else None)
        yield sentence


def _write(trained: "TrainedModel", scored: Iterable["ScoredSentence"], options: ScoreOptions) -> None:
    if options.pairs:
        write_rows(options.output, pair_header(options.columns), pair_rows(scored, per_word=options.per_word))
        return
    guesses = min(options.guesses, len(trained.vocabulary))
    rows = word_rows(
        scored,
        options.more,
        guesses,
        per_word=options.per_word,
        ends=options.ends,
        word_counts=trained.word_counts() if "frequency" in options.more else {},
    )
    write_rows(options.output, word_header(options.columns, options.more, guesses), rows)


def _print_totals(trained: "TrainedModel", totals: "Totals", options: ScoreOptions) -> None:
    adapting = ", adapted to each sentence after scoring it" if options.adapt else ""
    notice(
        f"Scored {totals.words:,} words (including {totals.ends:,} ends of sentences), "
        f"{CONTEXTS[options.context]}; model trained on {trained.record.run.corpus}{adapting}."
    )
    known_words = totals.known_perplexity
    without = f", {known_words:.3f} without them" if known_words is not None and totals.unknown_words else ""
    notice(
        f"Perplexity {totals.perplexity:.3f} ({totals.bits_per_word:.3f} bits per word); unknown words "
        f"{totals.unknown_words:,} ({percent(totals.unknown_words / totals.words)}){without}."
    )
