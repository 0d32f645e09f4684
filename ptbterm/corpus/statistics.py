"""What a corpus holds, counted in one pass over each split; memory holds a counter of words, never the text."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import TextSplit
from ptbterm.corpus.vocabulary import UNKNOWN, Vocabulary, build_vocabulary
from ptbterm.settings.schema import CorpusSettings

Counts = list[tuple[str, int]]
"""Words and how often each is there, the most frequent first."""


@dataclass(frozen=True)
class SplitStatistics:
    """A split in figures. `words` counts an `<eos>` a sentence, as everywhere; the longest sentence is without.

    `unknown` words are those that the text itself has as `<unk>`; those `outside` the vocabulary are read so.
    """

    words: int
    sentences: int
    types: int
    unknown: int
    outside: int
    outside_types: int
    most_outside: Counts
    longest_sentence: list[str]


@dataclass(frozen=True)
class CorpusStatistics:
    """A corpus in figures; `zipf` is the count of training words at ranks that grow by a tenth."""

    vocabulary_size: int
    most_frequent: Counts
    zipf: list[tuple[int, int]]
    splits: Mapping[str, SplitStatistics]


@dataclass(frozen=True)
class _Counted:
    """What one pass over a split finds."""

    counts: Counter[str]
    sentences: int
    longest: list[str]


def corpus_statistics(text: CorpusText, settings: CorpusSettings, most: int = 10) -> CorpusStatistics:
    """Count a corpus; lists of words have `most` of them. The vocabulary is what a training would build.

    Raises `PtbtermError` naming file, line and byte where the text is not UTF-8.
    """
    train = _count(text.splits["train"])
    vocabulary = build_vocabulary(train.counts, settings.vocabulary_size, settings.minimum_count)
    ranked = _ranked(train.counts)
    return CorpusStatistics(
        vocabulary_size=len(vocabulary),
        most_frequent=ranked[:most],
        zipf=[(rank, ranked[rank - 1][1]) for rank in _ranks(len(ranked))],
        splits={
            name: _split(train if name == "train" else _count(split), vocabulary, most)
            for name, split in text.splits.items()
        },
    )


def _count(split: TextSplit) -> _Counted:
    counts: Counter[str] = Counter()
    longest: list[str] = []
    sentences = 0
    for words in split.sentences():
        counts.update(words)
        sentences += 1
        if len(words) > len(longest):
            longest = words
    return _Counted(counts, sentences, longest[:-1])


def _split(counted: _Counted, vocabulary: Vocabulary, most: int) -> SplitStatistics:
    outside = Counter({word: count for word, count in counted.counts.items() if word not in vocabulary})
    return SplitStatistics(
        words=counted.counts.total(),
        sentences=counted.sentences,
        types=len(counted.counts),
        unknown=counted.counts[UNKNOWN],
        outside=outside.total(),
        outside_types=len(outside),
        most_outside=_ranked(outside)[:most],
        longest_sentence=counted.longest,
    )


def _ranked(counts: Counter[str]) -> Counts:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _ranks(last: int) -> Iterator[int]:
    """Yield ranks from 1 to the last, each about a tenth above the one before: enough for a curve."""
    rank = 1
    while rank < last:
        yield rank
        rank = max(rank + 1, rank * 11 // 10)
    yield last
