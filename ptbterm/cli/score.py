"""`ptbterm score`: the surprisal of every word of a text."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ptbterm import environment
from ptbterm.cli.options import DeviceOption, complete_runs
from ptbterm.cli.score_rows import (
    MORE_FIELDS,
    PAIR_COLUMNS,
    Format,
    pair_header,
    pair_rows,
    word_header,
    word_rows,
    write,
)
from ptbterm.errors import PtbtermError
from ptbterm.settings.choices import Context
from ptbterm.terminal.text.numbers import percent

if TYPE_CHECKING:
    from ptbterm.inference.sentences import Layout
    from ptbterm.inference.surprisal import ScoredSentence
    from ptbterm.inference.totals import Totals
    from ptbterm.inference.trained_model import TrainedModel


class Unknown(StrEnum):
    """What the probability of `<unk>` means."""

    WORD = "word"
    UNIFORM = "uniform"


CONTEXTS = {
    "sentence": "each sentence by itself, after <eos>",
    "stream": "one running text, <eos> after each sentence",
}


def command(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Plain text, .tsv or .csv, gzip or not.")] = "-",
    run: Annotated[str | None, typer.Option(help="The run's name.", autocompletion=complete_runs)] = None,
    output: Annotated[Format, typer.Option("--format", help="How rows are written.")] = Format.TSV,
    context: Annotated[Context, typer.Option(help="What is read before a sentence.")] = "sentence",
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="Carry a column through, as input_NAME where a row has a NAME already."),
    ] = None,
    text_column: Annotated[str | None, typer.Option(help="The column of the sentences [sentence].")] = None,
    per_word: Annotated[bool, typer.Option("--per-word", help="A row for each word as typed.")] = False,
    ends: Annotated[bool, typer.Option("--eos", help="A row for each end of a sentence as well.")] = False,
    more: Annotated[str, typer.Option("--with", help=f"More columns: {','.join(MORE_FIELDS)}.")] = "",
    guesses: Annotated[int, typer.Option(min=0, help="The likeliest words before each word: so many.")] = 0,
    unknown: Annotated[Unknown, typer.Option(help="uniform: share <unk> out among unseen words.")] = Unknown.WORD,
    unknown_types: Annotated[int | None, typer.Option(min=1, help="How many unseen words share it.")] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare two sentences a line.")] = False,
    adapt: Annotated[bool, typer.Option("--adapt", help="Learn from each sentence after scoring it.")] = False,
    adapt_rate: Annotated[float | None, typer.Option(min=0, help="The learning rate of --adapt.")] = None,
    save_adapted: Annotated[
        str | None, typer.Option(metavar="NAME", help="Keep the model that has learnt as a run of this name.")
    ] = None,
    device: DeviceOption = None,
) -> None:
    """Write the surprisal of every word of a text: a row a word, TSV or JSON lines."""
    from ptbterm.cli.printing import notice
    from ptbterm.runs.catalog import find_run, unused_run

    carried, wanted = tuple(columns or ()), _more_fields(more)
    _demand(len(set(carried)) == len(carried), "--column names the same column twice.")
    _demand(
        adapt or (save_adapted is None and adapt_rate is None), "--adapt is missing: without it nothing is learnt."
    )
    _demand(adapt_rate is None or isfinite(adapt_rate), "--adapt-rate is a finite number.")
    _demand(
        unknown is Unknown.WORD or unknown_types is not None,
        "--unknown-types is missing: how many unseen words share <unk>?",
    )
    _demand(
        unknown is Unknown.UNIFORM or unknown_types is None,
        "--unknown uniform is missing: without it no unseen words share <unk>.",
    )
    _demand(
        not pairs or not (wanted or ends or guesses or text_column),
        "--pairs writes a row a pair: it goes with none of --with, --eos, --guesses and --text-column.",
    )
    found = find_run(environment.runs(), run)
    if save_adapted is not None:
        unused_run(found.path.parent, save_adapted)
    notice(f"Run: {found.name}")

    from ptbterm.inference.adapted_run import save_adapted as save_adapted_run
    from ptbterm.inference.dynamic_evaluation import LEARNING_RATE, DynamicEvaluation
    from ptbterm.inference.sentences import read_sentences
    from ptbterm.inference.surprisal import score
    from ptbterm.inference.totals import Totals
    from ptbterm.inference.trained_model import load_run  # torch: seconds
    from ptbterm.model.device import keep_freed_memory

    keep_freed_memory()
    totals = Totals()
    with _opened(file) as stream:
        layout = _layout(file, carried, text_column, pairs=pairs)
        sentences = read_sentences(stream, "stdin" if file == "-" else file, layout)
        trained = load_run(found, device or "auto")
        rate = LEARNING_RATE if adapt_rate is None else adapt_rate
        learner = DynamicEvaluation(trained.model, rate) if adapt else None
        guesses = min(guesses, len(trained.vocabulary))
        scored = score(
            trained.model,
            trained.vocabulary,
            sentences,
            context,
            unseen_types=unknown_types or 1,
            guesses=guesses,
            learner=learner,
        )
        counted = _counted(scored, totals, ends=ends or context == "stream")
        if pairs:
            write(output, pair_header(carried), pair_rows(counted, per_word=per_word))
        else:
            counts = trained.word_counts() if "frequency" in wanted else {}
            rows = word_rows(counted, wanted, guesses, per_word=per_word, ends=ends, word_counts=counts)
            write(output, word_header(carried, wanted, guesses), rows)
    totals.check()
    _say_totals(trained, totals, context, adapted=adapt)
    if learner and save_adapted is not None:
        adapted = save_adapted_run(trained, learner, save_adapted, totals)
        notice(f"Saved what it has learnt as run {adapted.name}. To use it: ptbterm chat {adapted.name}")


def _demand(met: bool, sentence: str) -> None:
    """Raise a usage error where options don't go together."""
    if not met:
        raise typer.BadParameter(sentence)


def _more_fields(names: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    for name in wanted:
        _demand(name in MORE_FIELDS, f"{name!r} is none of {', '.join(MORE_FIELDS)}.")
    return wanted


def _layout(file: str, columns: tuple[str, ...], text_column: str | None, *, pairs: bool) -> "Layout":
    """Return where a file has its sentences: its name or the options say whether it is a table."""
    from ptbterm.inference.sentences import Layout, separator_of

    separator = separator_of(file)
    texts = PAIR_COLUMNS if pairs else (text_column or "sentence",)
    return Layout(texts, columns, bool(separator or columns or text_column or pairs), separator)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except (FileNotFoundError, IsADirectoryError) as error:
        raise PtbtermError(f"There is no file {file} to score.") from error


def _counted(scored: Iterable["ScoredSentence"], totals: "Totals", *, ends: bool) -> Iterator["ScoredSentence"]:
    """Yield the sentences, their words counted on the way; ends count where they are rows, or part of a stream."""
    for sentence in scored:
        totals.add(sentence.words, sentence.end if ends else None)
        yield sentence


def _say_totals(trained: "TrainedModel", totals: "Totals", context: Context, *, adapted: bool) -> None:
    from ptbterm.cli.printing import notice

    known = totals.known_perplexity
    notice(
        f"Scored {totals.words:,} words ({totals.ends:,} ends of sentences among them), {CONTEXTS[context]}; "
        f"model trained on {trained.record.run.corpus}{', learning from each sentence' if adapted else ''}."
    )
    notice(
        f"Perplexity {totals.perplexity:.3f} ({totals.bits_per_word:.3f} bits a word); unknown words "
        f"{totals.unknown_words:,} ({percent(totals.unknown_words / totals.words)})"
        + (f", {known:.3f} without them." if known is not None and totals.unknown_words else ".")
    )
