"""What `auto` decides about a user's own text, and the sentences that say so, with the figures behind them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from ptbterm.corpus.marks import END_MARKS, READ_AS, START_MARKS, UNKNOWN, UNKNOWN_MARKS, marks_apart
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_form import foreign_form
from ptbterm.settings.choices import Tokenizer
from ptbterm.settings.schema import CorpusSettings

SAMPLED_LINES = 10_000
MAX_ATTACHED = 0.05
"""Share of word types with punctuation at their end above which a text is not tokenized yet."""
OWN_MINIMUM = 2
"""Words that occur once stand for all words that a text of one's own lacks: Zipf's tail."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese characters."""
_LONG_RUN = 5


@dataclass(frozen=True)
class Decided:
    """Settings without `auto`, and sentences about what was decided or noticed."""

    settings: CorpusSettings
    remarks: tuple[str, ...]


def decide_tokenizer(text: CorpusText, settings: CorpusSettings) -> Decided:
    """Choose the tokenizer of a corpus if it is `auto`, by the first lines of its training text."""
    if not text.is_own:
        known: Tokenizer = "whitespace" if settings.tokenizer == "auto" else settings.tokenizer
        return Decided(msgspec.structs.replace(settings, tokenizer=known), ())
    lines = list(islice(text.splits["train"].lines(), SAMPLED_LINES))
    remarks = noticed(lines)
    if settings.tokenizer == "auto":
        share = attached_punctuation(lines)
        chosen, why = _tokenizer(share)
        settings = msgspec.structs.replace(settings, tokenizer=chosen)
        remarks = (f"{100 * share:.1f} % of the word types end in punctuation: {why}", *remarks)
    if settings.tokenizer == "whitespace":
        remarks = (*remarks, *_attached_marks(lines))
    return Decided(settings, remarks)


def _tokenizer(share: float) -> tuple[Tokenizer, str]:
    if share > MAX_ATTACHED:
        return "words", "words and punctuation are split apart (corpus.tokenizer=words)."
    return "whitespace", "the text is read as tokenized, split at spaces (corpus.tokenizer=whitespace)."


def attached_punctuation(lines: Iterable[str]) -> float:
    """Return the share of word types that end in punctuation, 0 to 1; marks such as `<unk>` don't count."""
    types = {word for line in lines for word in line.split()}
    return sum(map(_is_attached, types)) / max(1, len(types))


def _is_attached(word: str) -> bool:
    return len(word) > 1 and unicodedata.category(word[-1])[0] == "P" and any(map(str.isalnum, word))


def decide_minimum_count(text: CorpusText, counts: Counter[str], decided: Decided) -> Decided:
    """Choose the minimum count of a word if it is 0, so that `<unk>` occurs in the training of one's own text.

    `counts` are those of the training text, read by the tokenizer that was `decided`.
    """
    settings = decided.settings
    if settings.minimum_count:
        return decided
    rare = sum(1 for count in counts.values() if count < OWN_MINIMUM)
    if text.is_own and not counts[UNKNOWN] and len(counts) < settings.vocabulary_size and rare:
        remark = (
            "Word types that occur once are read as <unk>, so that the model learns about unknown words: "
            f"{rare:,} (corpus.minimum_count={OWN_MINIMUM})."
        )
        return Decided(msgspec.structs.replace(settings, minimum_count=OWN_MINIMUM), (*decided.remarks, remark))
    return Decided(msgspec.structs.replace(settings, minimum_count=1), decided.remarks)


def noticed(lines: Sequence[str]) -> tuple[str, ...]:
    """Return sentences about marks in a text, and about a form that is not one sentence a line."""
    filled = [line.strip() for line in lines if line.strip()]
    return (*_marks(filled), *_unspaced(filled), *_form(filled))


def _marks(lines: Sequence[str]) -> Iterable[str]:
    """Yield a sentence for each mark in each of its places."""
    words = [line.split() for line in lines]
    first, last = Counter(line[0] for line in words), Counter(line[-1] for line in words)
    anywhere = Counter(word for line in words for word in line)
    for mark in sorted(START_MARKS & anywhere.keys()):
        yield f"{first[mark]:,} of {len(lines):,} lines start with {mark}: it is skipped, wherever it stands."
    for mark in sorted(END_MARKS & anywhere.keys()):
        if last[mark]:
            yield f"{last[mark]:,} of {len(lines):,} lines end with {mark}: it is read as the end of the line."
        if within := anywhere[mark] - last[mark]:
            yield f"{mark} within lines is read as the end of a sentence (occurrences: {within:,})."
    for mark in sorted((UNKNOWN_MARKS & anywhere.keys()) - {UNKNOWN}):
        yield f"{mark} is read as <unk> (occurrences: {anywhere[mark]:,})."


def _attached_marks(lines: Sequence[str]) -> Iterable[str]:
    """Yield a sentence for each mark that stands within words, which a split at spaces leaves there."""
    words = {word for line in lines for word in line.split()}
    attached = Counter(part for word in words for part in marks_apart(word) if part in READ_AS and part != word)
    for mark, count in sorted(attached.items()):
        yield f"{mark} is attached to other characters (in {count:,} word types) and read as a part of them."


def _unspaced(lines: Sequence[str]) -> Iterable[str]:
    """Yield a sentence if most words are long runs of characters of a script that is written without spaces."""
    words = [word for line in lines for word in line.split() if any(map(str.isalpha, word))]
    unspaced = sum(1 for word in words if len(_UNSPACED.findall(word)) >= _LONG_RUN)
    if words and unspaced >= len(words) / 2:
        yield (
            "Most words are long runs of characters from a script without spaces (Chinese, Japanese, Thai, ...): "
            "put spaces between the words first, with a word segmenter."
        )


def _form(lines: Sequence[str]) -> Iterable[str]:
    if form := foreign_form(lines):
        yield f"The text looks like {form}; each line is read as a sentence. To train on a part, save that alone."
