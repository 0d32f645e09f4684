"""`ptbterm corpus`: statistics of a corpus, and a book as one sentence per line."""

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ptbterm.cli.options import JsonOption, complete_corpora
from ptbterm.settings.schema import CorpusSettings
from ptbterm.terminal.text.safe_text import to_json, visible

app = typer.Typer(name="corpus", add_completion=False, no_args_is_help=True)


@app.callback()
def corpus() -> None:
    """Show statistics of a corpus, or make one from a book."""


@app.command()
def show(
    source: Annotated[
        str,
        typer.Argument(
            metavar="demo|ptb|PATH",
            help="A name, a folder with train, valid and test files, or a single file.",
            autocompletion=complete_corpora,
        ),
    ],
    vocabulary_size: Annotated[
        int, typer.Option(min=3, help="Maximum vocabulary size, as in corpus.vocabulary_size.")
    ] = CorpusSettings().vocabulary_size,
    minimum_count: Annotated[
        int, typer.Option(min=0, help="Minimum count of a word, as in corpus.minimum_count.")
    ] = CorpusSettings().minimum_count,
    limit: Annotated[
        int,
        typer.Option(
            "--most",
            "-k",
            min=1,
            help="Words to list: the most frequent, and the most frequent out of vocabulary.",
        ),
    ] = 10,
    as_json: JsonOption = False,
) -> None:
    """Count words, sentences, types, unknown and out-of-vocabulary words; plot Zipf's curve."""
    from ptbterm.cli.inputs import open_text
    from ptbterm.cli.screens import chosen_view
    from ptbterm.corpus.statistics import corpus_statistics
    from ptbterm.terminal.pages.corpus import corpus_page
    from ptbterm.terminal.text.symbols import symbols_for

    text = open_text(source)
    settings = CorpusSettings(vocabulary_size=vocabulary_size, minimum_count=minimum_count)
    counted = corpus_statistics(text, settings, limit)
    if as_json:
        facts = {"corpus": text.title, "fingerprint": text.fingerprint, **asdict(counted)}
        print(to_json(facts))
        return
    symbols = symbols_for(sys.stdout.encoding)
    title = symbols.shown(f"{text.title} ({text.splits['train'].path.parent})")
    cells = min(shutil.get_terminal_size().columns, 100)
    on_screen = chosen_view("auto") == "tui"
    for line in corpus_page(title, counted, symbols, cells, plot=on_screen):
        print(line)


@app.command()
def sentences(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text; gzip, bz2 and xz are read too.")],
    language: Annotated[str, typer.Option(metavar="CODE", help="Language of the text, ISO 639.")] = "en",
    by_line: Annotated[
        bool, typer.Option("--by-line", help="Each line is a paragraph; by default a blank line ends one.")
    ] = False,
) -> None:
    """Print a text with one sentence per line; requires the extra `sentences`."""
    from ptbterm.corpus.sentence_splitter import split_sentences
    from ptbterm.corpus.text_files import one_text
    from ptbterm.files import MAX_BYTES

    for sentence in split_sentences(one_text(file).lines(MAX_BYTES), language, by_line=by_line):
        print(visible(sentence) if sys.stdout.isatty() else sentence)
