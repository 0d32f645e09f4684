"""Two sentences that differ a little: which one the model finds likelier, and at which word."""

from collections.abc import Sequence
from itertools import zip_longest

from msgspec import Struct

from ptbterm.inference.surprisal import WordSurprisal


class PairComparison(Struct, frozen=True):
    """The bits of two sentences; `likelier` is 1 or 2, or None where they are equal or one has no word to score.

    Differences are the second's bits less the first's: above 0 where the first is likelier. `first_difference` is
    the position, from 1, of the first word that is modelled differently; None where there is none. Its bits are
    None where one sentence has ended before, or has no number there.
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
    for position, (one, other) in enumerate(zip_longest(first, second), 1):
        if one is None or other is None or one.modelled_as != other.modelled_as:
            return position
    return None


def _difference_at(position: int, first: Sequence[WordSurprisal], second: Sequence[WordSurprisal]) -> float | None:
    if position > min(len(first), len(second)):
        return None
    bits_1, bits_2 = first[position - 1].surprisal_bits, second[position - 1].surprisal_bits
    return None if bits_1 is None or bits_2 is None else bits_2 - bits_1
