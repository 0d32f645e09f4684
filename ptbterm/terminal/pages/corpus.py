"""A corpus as a page of text: its splits side by side, its words, and their frequencies by rank."""

from collections.abc import Mapping
from textwrap import wrap

from ptbterm.corpus.statistics import CorpusStatistics, Counts, SplitStatistics
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.plot import Plot, Series, Stroke
from ptbterm.terminal.text.symbols import Symbols

PLOT_ROWS = 14
TABLE_RANKS = 5
"""The table that replaces the plot has every fifth of its ranks."""


def corpus_page(title: str, corpus: CorpusStatistics, symbols: Symbols, cells: int, *, plot: bool) -> list[str]:
    """Return the page in lines of at most `cells`; without `plot` a table replaces the curve, for pipes."""
    return [
        title,
        "",
        *_splits(corpus.splits),
        "",
        *(line for remark in corpus.remarks for line in _paragraph(remark, cells)),
        *_paragraph(f"{corpus.vocabulary_size:,} words in the vocabulary, including <unk> and <eos>.", cells),
        *_paragraph(f"Most frequent: {_list(corpus.most_frequent, symbols)}.", cells),
        *(line for name, split in corpus.splits.items() for line in _unknown(name, split, symbols, cells)),
        *_never_trained(corpus.splits, corpus.zipf[-1][1] + 1, cells),
        *_longest(corpus.splits, symbols, cells),
        "",
        *(_curve(corpus, symbols, cells) if plot else _table(corpus)),
    ]


def _splits(splits: Mapping[str, SplitStatistics]) -> list[str]:
    every = splits.values()
    return columns(
        [
            ("", *splits),
            ("words", *(units.count(split.words) for split in every)),
            ("sentences", *(units.count(split.sentences) for split in every)),
            ("words per sentence", *(f"{split.words / split.sentences:.1f}" for split in every)),
            ("longest sentence", *(units.count(len(split.longest_sentence)) for split in every)),
            ("types", *(units.count(split.types) for split in every)),
            ("<unk> in the text", *(units.percent(split.unknown / split.words) for split in every)),
            ("out of vocabulary", *(units.percent(split.outside / split.words) for split in every)),
        ],
        right=1,
    )


def _unknown(name: str, split: SplitStatistics, symbols: Symbols, cells: int) -> list[str]:
    if not split.outside:
        return []
    counts = f"{units.counted(split.outside, 'word')} of {units.counted(split.outside_types, 'type')}"
    words = f"Out of vocabulary in {name}: {counts}"
    return _paragraph(f"{words}, most often {_list(split.most_outside, symbols)}.", cells)


def _never_trained(splits: Mapping[str, SplitStatistics], minimum: int, cells: int) -> list[str]:
    """Return what it means if only the other splits have words that are read as `<unk>`, and the way out.

    `minimum` is the lowest minimum count by which a word of the training text is left out.
    """
    unknown = {name: split.unknown + split.outside for name, split in splits.items()}
    if unknown.pop("train") or not any(unknown.values()):
        return []
    return _paragraph(
        "No word of train is read as <unk>: a model would give it an arbitrary probability in the other splits. "
        f"Train with --set corpus.minimum_count={minimum}",
        cells,
    )


def _longest(splits: Mapping[str, SplitStatistics], symbols: Symbols, cells: int) -> list[str]:
    sentence = splits["train"].longest_sentence
    return _paragraph(f"Longest sentence in train: {' '.join(map(symbols.word, sentence))}", cells)


def _list(counts: Counts, symbols: Symbols) -> str:
    return ", ".join(f"{symbols.word(word)} {count:,}" for word, count in counts)


def _paragraph(text: str, cells: int) -> list[str]:
    return wrap(text, cells, subsequent_indent="  ", break_on_hyphens=False)


def _curve(corpus: CorpusStatistics, symbols: Symbols, cells: int) -> list[str]:
    """Return the counts by rank on two log axes, and those of Zipf's law: 1/n of the first for the n-th word."""
    (first, high), (last, low) = corpus.zipf[0], corpus.zipf[-1]
    level = "" if high > low else " (all equal)"
    plot = Plot(
        x=(first, max(last, 2)),
        y=(max(low * 0.9, 0.5), high * 1.1),
        series=[
            Series([[(rank, high / rank) for rank, _ in corpus.zipf if high / rank >= low]], stroke=Stroke.DOTTED),
            Series([[(float(rank), float(count)) for rank, count in corpus.zipf]]),
        ],
        log_x=True,
        ascii_only=symbols.ascii_only,
    )
    heading = f"How often each word of train occurs, by rank{level}; dotted: {high:,} / rank (Zipf)"
    return [heading, *(plain_text(line).rstrip() for line in plot.render(cells, PLOT_ROWS))]


def _table(corpus: CorpusStatistics) -> list[str]:
    chosen = dict([*corpus.zipf[::TABLE_RANKS], corpus.zipf[-1]])
    rows = [(f"{rank:,}", f"{count:,}") for rank, count in chosen.items()]
    return columns([("rank", "count in train"), *rows], right=0)
