"""Statistics of a corpus, counted in one pass over each split without holding the text in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ptbterm.corpus.decisions import decide_minimum_count, decide_tokenizer
from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.reader import LineReader, reader_of
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import TextSplit
from ptbterm.corpus.vocabulary import Vocabulary, build_vocabulary
from ptbterm.settings.schema import CorpusSettings

Counts = list[tuple[str, int]]
"""Words and their counts, most frequent first."""


@dataclass(frozen=True)
class SplitStatistics:
    """Counts of a split. `words` includes one `<eos>` per sentence; `longest_sentence` has none.

    `unknown` counts the words that are `<unk>` in the text itself; `outside` those missing from the vocabulary,
    which are read as `<unk>`.
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
    """Counts of a corpus; `zipf` has the counts of training words at ranks that increase by a tenth."""

    vocabulary_size: int
    most_frequent: Counts
    zipf: list[tuple[int, int]]
    splits: Mapping[str, SplitStatistics]
    tokenizer: str
    minimum_count: int
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Counted:
    """The result of one pass over a split."""

    counts: Counter[str]
    sentences: int
    longest: list[str]


def corpus_statistics(text: CorpusText, settings: CorpusSettings, most: int = 10) -> CorpusStatistics:
    """Count a corpus, with the vocabulary that training would build; lists of words have `most` entries.

    Raises `PtbtermError` with file, line and byte if the text is not UTF-8.
    """
    by_text = decide_tokenizer(text, settings)
    reader = reader_of(by_text.settings)
    train = _count(text.splits["train"], reader)
    by_counts = decide_minimum_count(text, train.counts, by_text)
    decided = by_counts.settings
    vocabulary = build_vocabulary(train.counts, decided.vocabulary_size, decided.minimum_count)
    ranked = _ranked(train.counts)
    return CorpusStatistics(
        vocabulary_size=len(vocabulary),
        most_frequent=ranked[:most],
        zipf=[(rank, ranked[rank - 1][1]) for rank in _ranks(len(ranked))],
        splits={
            name: _split(train if name == "train" else _count(split, reader), vocabulary, most)
            for name, split in text.splits.items()
        },
        tokenizer=decided.tokenizer,
        minimum_count=decided.minimum_count,
        remarks=by_counts.remarks,
    )


def _count(split: TextSplit, reader: LineReader) -> _Counted:
    counts: Counter[str] = Counter()
    longest: list[str] = []
    sentences = 0
    for words in split.sentences(reader):
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
    """Yield ranks from 1 to the last, each about a tenth larger than the previous: enough for a curve."""
    rank = 1
    while rank < last:
        yield rank
        rank = max(rank + 1, rank * 11 // 10)
    yield last
