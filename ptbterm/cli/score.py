"""`ptbterm score`: the surprisal of every word of a text."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ptbterm import locations
from ptbterm.cli.options import DeviceOption, complete_runs
from ptbterm.errors import PtbtermError
from ptbterm.terminal.safe_text import plain_json, visible
from ptbterm.terminal.units import percent

if TYPE_CHECKING:
    from ptbterm.inference.surprisal import ScoredSentence, Totals, WordSurprisal
    from ptbterm.inference.texts import Layout
    from ptbterm.inference.trained_model import TrainedModel


class Format(StrEnum):
    """How rows are written."""

    TSV = "tsv"
    JSONL = "jsonl"


class Context(StrEnum):
    """What is read before a sentence."""

    SENTENCE = "sentence"
    STREAM = "stream"


class Unknown(StrEnum):
    """What the probability of `<unk>` means."""

    WORD = "word"
    UNIFORM = "uniform"


Value = str | float | bool | None

FIELDS = (
    *("sentence", "position", "word", "modelled_as", "is_unknown"),
    *("log_probability", "surprisal_bits", "rank", "entropy_bits"),
)
PAIR_FIELDS = (
    *("pair", "likelier", "surprisal_bits_1", "surprisal_bits_2", "difference_bits"),
    *("first_difference", "first_difference_bits"),
)
PAIR_COLUMNS = ("sentence_1", "sentence_2")
MORE_FIELDS = ("entropy_reduction", "length", "previous_surprisal")
CONTEXTS = {
    "sentence": "each sentence by itself, after <eos>",
    "stream": "one running text, <eos> after each sentence",
}


def command(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Plain text, .tsv or .csv, gzip or not.")] = "-",
    run: Annotated[str | None, typer.Option(help="The run's name.", autocompletion=complete_runs)] = None,
    output: Annotated[Format, typer.Option("--format", help="How rows are written.")] = Format.TSV,
    context: Annotated[Context, typer.Option(help="What is read before a sentence.")] = Context.SENTENCE,
    columns: Annotated[list[str] | None, typer.Option("--column", help="Carry a column through.")] = None,
    text_column: Annotated[str | None, typer.Option(help="The column of the sentences [sentence].")] = None,
    per_word: Annotated[bool, typer.Option("--per-word", help="A row for each word as typed.")] = False,
    ends: Annotated[bool, typer.Option("--eos", help="A row for each end of a sentence as well.")] = False,
    more: Annotated[str, typer.Option("--with", help=f"More columns: {','.join(MORE_FIELDS)}.")] = "",
    unknown: Annotated[Unknown, typer.Option(help="uniform: share <unk> out among unseen words.")] = Unknown.WORD,
    unknown_types: Annotated[int, typer.Option(min=1, help="How many unseen words share it.")] = 1,
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare two sentences a line.")] = False,
    device: DeviceOption = None,
) -> None:
    """Write the surprisal of every word of a text: a row a word, TSV or JSON lines."""
    from ptbterm.cli.notices import notice
    from ptbterm.runs.run import find_run

    wanted = _more_fields(more)
    found = find_run(locations.runs(), run)
    notice(f"Run: {found.name}")

    from ptbterm.inference.surprisal import Totals, score
    from ptbterm.inference.texts import read_sentences
    from ptbterm.inference.trained_model import load_run  # torch: seconds

    carried = tuple(columns or ())
    layout = _layout(file, carried, text_column, pairs=pairs)
    totals = Totals()
    with _opened(file) as stream:
        sentences = read_sentences(stream, "stdin" if file == "-" else file, layout)
        trained = load_run(found, device or "auto")
        unseen_types = unknown_types if unknown is Unknown.UNIFORM else 1
        scored = score(trained.model, trained.vocabulary, sentences, context.value, unseen_types=unseen_types)
        counted = _counted(scored, totals, ends=ends or context is Context.STREAM)
        if pairs:
            _write(output, (*carried, *PAIR_FIELDS), _pair_rows(counted, per_word=per_word))
        else:
            header = (*FIELDS[:2], *carried, *FIELDS[2:], *wanted)
            _write(output, header, _rows(counted, wanted, per_word=per_word, ends=ends))
    if not totals.words:
        raise PtbtermError("There is no word to score in the text.", "Give a sentence a line.")
    _say_totals(trained, totals, context)


def _more_fields(names: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    for name in wanted:
        if name not in MORE_FIELDS:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(MORE_FIELDS)}.")
    return wanted


def _layout(file: str, columns: tuple[str, ...], text_column: str | None, *, pairs: bool) -> "Layout":
    from ptbterm.inference.texts import Layout, separator_of

    separator = separator_of(file) or ("\t" if columns or text_column else "")
    texts = PAIR_COLUMNS if pairs else (text_column or "sentence",)
    return Layout(texts, columns, separator)


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


def _rows(
    scored: Iterable["ScoredSentence"], more: tuple[str, ...], *, per_word: bool, ends: bool
) -> Iterator[Sequence[Value]]:
    from ptbterm.inference.surprisal import words_as_typed

    for number, sentence in enumerate(scored, 1):
        words = words_as_typed(sentence) if per_word else list(sentence.words)
        if ends and sentence.end:
            words.append(sentence.end)
        previous: float | None = None
        for position, word in enumerate(words, 1):
            extra = {
                "entropy_reduction": word.entropy_reduction,
                "length": len(word.word),
                "previous_surprisal": previous,
            }
            yield (number, position, *sentence.sentence.columns, *_figures(word), *(extra[name] for name in more))
            previous = word.surprisal_bits


def _figures(word: "WordSurprisal") -> tuple[Value, ...]:
    return (
        word.word,
        word.modelled_as,
        word.is_unknown,
        word.log_probability,
        word.surprisal_bits,
        word.rank,
        word.entropy_bits,
    )


def _pair_rows(scored: Iterable["ScoredSentence"], *, per_word: bool) -> Iterator[Sequence[Value]]:
    from ptbterm.inference.minimal_pairs import compare
    from ptbterm.inference.surprisal import words_as_typed

    sentences = iter(scored)
    for number, (first, second) in enumerate(zip(sentences, sentences, strict=True), 1):
        words = [words_as_typed(one) if per_word else one.words for one in (first, second)]
        pair = compare(*words)
        yield (
            *first.sentence.columns,
            number,
            pair.likelier,
            pair.surprisal_bits_1,
            pair.surprisal_bits_2,
            pair.difference_bits,
            pair.first_difference,
            pair.first_difference_bits,
        )


def _write(output: Format, header: tuple[str, ...], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows as they come; in TSV nothing is an empty cell, truth 1."""
    if output is Format.JSONL:
        for row in rows:
            print(plain_json(json.dumps(dict(zip(header, row, strict=True)))))
        return
    table = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    table.writerow(map(visible, header))
    table.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Value) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.9g}"
    return "" if value is None else visible(str(value))


def _say_totals(trained: "TrainedModel", totals: "Totals", context: Context) -> None:
    from ptbterm.cli.notices import notice

    known = totals.known_perplexity
    notice(
        f"Scored {totals.words:,} words ({totals.ends:,} ends of sentences among them), {CONTEXTS[context]}; "
        f"model trained on {trained.record.run.corpus}."
    )
    notice(
        f"Perplexity {totals.perplexity:.3f} ({totals.bits_per_word:.3f} bits a word); unknown words "
        f"{totals.unknown_words:,} ({percent(totals.unknown_words / totals.words)})"
        + (f", {known:.3f} without them." if known is not None and totals.unknown_words else ".")
    )
