"""Minimal pairs: which of two sentences is more probable, and at which word they differ."""

from collections.abc import Sequence
from itertools import zip_longest

from msgspec import Struct

from ptbterm.inference.surprisal import WordSurprisal


class PairComparison(Struct, frozen=True):
    """The surprisal (bits) of two sentences, and the number of the more probable one.

    `likelier` is 1 or 2; None if they are equally probable, or if one has no scored words. Differences are the
    bits of the second minus those of the first, so they are positive if the first is more probable.
    `first_difference` is the position, from 1, of the first word modelled differently, or None.
    `first_difference_bits` is None also if one sentence has ended there, or has a skipped word there.
    """

    likelier: int | None
    surprisal_bits_1: float
    surprisal_bits_2: float
    difference_bits: float
    first_difference: int | None
    first_difference_bits: float | None


def compare(first: Sequence[WordSurprisal], second: Sequence[WordSurprisal]) -> PairComparison:
    """Compare the scored words of two sentences."""
    bits_1, bits_2 = (sum(word.surprisal_bits or 0.0 for word in words) for words in (first, second))
    comparable = all(any(word.modelled_as for word in words) for words in (first, second))
    position = _first_difference(first, second)
    return PairComparison(
        likelier=(1 if bits_1 < bits_2 else 2) if comparable and bits_1 != bits_2 else None,
        surprisal_bits_1=bits_1,
        surprisal_bits_2=bits_2,
        difference_bits=bits_2 - bits_1,
        first_difference=position,
        first_difference_bits=None if position is None else _difference_at(position, first, second),
    )


def _first_difference(first: Sequence[WordSurprisal], second: Sequence[WordSurprisal]) -> int | None:
    for position, (word_1, word_2) in enumerate(zip_longest(first, second), 1):
        if word_1 is None or word_2 is None or word_1.modelled_as != word_2.modelled_as:
            return position
    return None


def _difference_at(position: int, first: Sequence[WordSurprisal], second: Sequence[WordSurprisal]) -> float | None:
    if position > min(len(first), len(second)):
        return None
    bits_1, bits_2 = first[position - 1].surprisal_bits, second[position - 1].surprisal_bits
    return None if bits_1 is None or bits_2 is None else bits_2 - bits_1
