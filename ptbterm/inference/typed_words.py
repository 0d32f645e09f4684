"""Scores per word as typed: those of the parts that a word was split into (don't, $5), added up."""

import re
from collections.abc import Sequence

from ptbterm.inference.surprisal import ScoredSentence, WordSurprisal


def words_as_typed(scored: ScoredSentence) -> list[WordSurprisal]:
    """Return one record for each word between spaces, with the sum of its parts' log-probabilities (nats).

    `modelled_as` joins the parts with spaces; the word is unknown if a part is. Rank, entropy and guesses are
    those of the first part, the entropy after the word is that of the last. A word without parts has scores of
    None.
    """
    words: list[WordSurprisal] = []
    first = 0
    for match in re.finditer(r"\S+", scored.sentence.text):
        last = first
        while last < len(scored.words) and scored.words[last].start < match.end():
            last += 1
        words.append(_sum(match[0], match.start(), scored.words[first:last]))
        first = last
    return words


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
