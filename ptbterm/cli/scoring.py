"""Scores a text for `ptbterm score`: from its file to rows on stdout and totals on stderr."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ptbterm.cli.printing import notice
from ptbterm.cli.score_rows import (
    Format,
    pair_header,
    pair_rows,
    word_header,
    word_rows,
    write_rows,
)
from ptbterm.errors import PtbtermError
from ptbterm.settings.choices import Context, Form
from ptbterm.terminal.text.numbers import counted, percent

if TYPE_CHECKING:
    from ptbterm.cli.forms import UnknownWords
    from ptbterm.inference.sentence import Sentence
    from ptbterm.inference.sentences import Layout
    from ptbterm.inference.surprisal import ScoredSentence
    from ptbterm.inference.totals import Totals
    from ptbterm.inference.trained_model import TrainedModel
    from ptbterm.runs.run import Run

CONTEXTS = {
    "sentence": "each sentence by itself, after <eos>",
    "stream": "one running text after its first word, <eos> after each sentence",
}

NOTICED_LINES = 50


@dataclass(frozen=True, kw_only=True)
class ScoreOptions:
    """The options of `ptbterm score`."""

    file: str
    output: Format
    context: Context
    columns: tuple[str, ...]
    text_columns: tuple[str, ...]
    groups: tuple[str, ...]
    region_column: str | None
    has_bars: bool
    per_word: bool
    ends: bool
    more: tuple[str, ...]
    guesses: int
    unseen_types: int
    pairs: bool
    adapt: bool
    adapt_rate: float | None
    adapt_clip: float | None
    save_adapted: str | None
    form: Form | None
    device: str

    @property
    def name(self) -> str:
        """The name of the text in messages."""
        return "stdin" if self.file == "-" else self.file


def score_file(run: "Run", options: ScoreOptions) -> None:
    """Score a text with a run's model, write its rows, print its totals, and save an adapted model."""
    from ptbterm.cli.forms import UnknownWords
    from ptbterm.cli.inputs import warn_of_untrained_unknown
    from ptbterm.inference.adapted_run import save_adapted
    from ptbterm.inference.dynamic_evaluation import LEARNING_RATE, MAX_GRAD_NORM, DynamicEvaluation
    from ptbterm.inference.sentences import read_sentences
    from ptbterm.inference.surprisal import score
    from ptbterm.inference.totals import Totals
    from ptbterm.inference.trained_model import load_run  # torch: seconds
    from ptbterm.model.device import keep_freed_memory

    keep_freed_memory()
    totals = Totals()
    with _opened(options.file) as stream:
        layout = _layout(options)
        sentences = read_sentences(stream, options.name, layout, notice)
        if not (layout.is_table or layout.is_pairs):
            sentences = _noticing(sentences)
        trained = load_run(run, options.device, options.form)
        rate = LEARNING_RATE if options.adapt_rate is None else options.adapt_rate
        clip = MAX_GRAD_NORM if options.adapt_clip is None else options.adapt_clip
        learner = DynamicEvaluation(trained.model, rate, clip) if options.adapt else None
        scored = score(
            trained.model,
            trained.vocabulary,
            sentences,
            options.context,
            unseen_types=options.unseen_types,
            guesses=min(options.guesses, len(trained.vocabulary)),
            learner=learner,
            reader=trained.reader(),
        )
        unknown = UnknownWords()
        counted_words = _counted(scored, totals, unknown, options)
        _write(trained, counted_words, options)
    totals.check()
    if totals.empty:
        notice(f"{counted(totals.empty, 'row')} without words.")
    warn_of_untrained_unknown(trained, totals.unknown_words)
    unknown.suggest_typed(trained)
    _print_totals(trained, totals, options)
    if learner and options.save_adapted is not None:
        adapted = save_adapted(trained, learner, options.save_adapted, totals)
        notice(f"Saved the adapted model as run {adapted.name}. Use it: ptbterm chat {adapted.name}")


def _layout(options: ScoreOptions) -> "Layout":
    """Return where the sentences are in a file; its name or the options decide whether it is a table."""
    from ptbterm.inference.sentences import Layout, is_table_name, separator_of

    return Layout(
        text_columns=options.text_columns,
        columns=options.columns,
        is_table=is_table_name(options.file) or bool(options.columns or options.text_columns or options.groups),
        is_pairs=options.pairs,
        separator=separator_of(options.file),
        groups=options.groups,
        region_column=options.region_column or "",
        has_bars=options.has_bars,
    )


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


def _noticing(sentences: "Iterable[Sentence]") -> "Iterator[Sentence]":
    """Yield the sentences; say if the first ones look like something else than one sentence a line."""
    from ptbterm.corpus.decisions import noticed

    first: list[str] = []
    for sentence in sentences:
        if len(first) < NOTICED_LINES:
            first.append(sentence.text)
            if len(first) == NOTICED_LINES:
                _notice_all(noticed(first))
        yield sentence
    if len(first) < NOTICED_LINES:
        _notice_all(noticed(first))


def _notice_all(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        notice(sentence)


def _counted(
    scored: Iterable["ScoredSentence"], totals: "Totals", unknown: "UnknownWords", options: ScoreOptions
) -> Iterator["ScoredSentence"]:
    """Yield the sentences, add their words to the totals, and collect those that are unknown."""
    for sentence in scored:
        totals.add(sentence, in_stream=options.context == "stream", with_end=options.ends)
        unknown.add(word.word for word in sentence.words if word.is_unknown)
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
    from ptbterm.cli.forms import how_read

    adapting = ", adapted to each sentence after scoring it" if options.adapt else ""
    ends = f" (including {totals.ends:,} <eos>)" if totals.ends else ""
    notice(
        f"Scored {totals.words:,} words{ends}, {CONTEXTS[options.context]}; read {how_read(trained)}; "
        f"model trained on {trained.record.run.corpus}{adapting}."
    )
    known_words = totals.known_perplexity
    without = f", {known_words:.3f} without them" if known_words is not None and totals.unknown_words else ""
    notice(
        f"Perplexity {totals.perplexity:.3f} ({totals.bits_per_word:.3f} bits per word); unknown words "
        f"{totals.unknown_words:,} ({percent(totals.unknown_words / totals.words)}){without}."
    )
