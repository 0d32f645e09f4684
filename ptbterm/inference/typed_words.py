"""Scores of words as typed, and of regions: those of the parts that they were split into, added up."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from ptbterm.inference.sentence import Sentence, Span
from ptbterm.inference.surprisal import ScoredSentence, WordSurprisal


def _spans_of(sentence: Sentence) -> tuple[Span, ...]:
    """Return the regions of a sentence; one that has none has one for each word between spaces."""
    words = re.finditer(r"\S+", sentence.text)
    return sentence.spans or tuple(Span(match.start(), match.end(), sentence.columns) for match in words)


def words_as_typed(scored: ScoredSentence) -> list[WordSurprisal]:
    """Return one record for each span, with the sum of its parts' log-probabilities (nats).

    `modelled_as` joins the parts with spaces; the span is unknown if a part is. Rank, entropy and guesses are
    those of the first part, the entropy after it is that of the last. A span without parts has scores of None.
    """
    words: list[WordSurprisal] = []
    first = 0
    for span in _spans_of(scored.sentence):
        last = first
        while last < len(scored.words) and scored.words[last].start < span.end:
            last += 1
        words.append(_sum(scored.sentence.text[span.start : span.end], span.start, scored.words[first:last]))
        first = last
    return words


def count_empty(scored: ScoredSentence) -> int:
    """Return the number of regions without scored words; for a sentence without regions, whether it has none."""
    if not scored.sentence.spans:
        return int(not scored.words)
    starts = [word.start for word in scored.words]
    return sum(bisect_left(starts, span.start) == bisect_left(starts, span.end) for span in scored.sentence.spans)


def _sum(word: str, start: int, parts: Sequence[WordSurprisal]) -> WordSurprisal:
    return WordSurprisal(
        word=word,
        modelled_as=" ".join(part.modelled_as for part in parts),
        is_unknown=any(part.is_unknown for part in parts),
        log_probability=sum(part.log_probability or 0.0 for part in parts) if parts else None,
        rank=parts[0].rank if parts else None,
        entropy_bits=parts[0].entropy_bits if parts else None,
        entropy_after_bits=parts[-1].entropy_after_bits if parts else None,
        start=start,
        guesses=parts[0].guesses if parts else (),
    )
