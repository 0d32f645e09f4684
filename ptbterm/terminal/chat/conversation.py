"""A model that answers for a text and a cursor. Imports torch: the screen comes here in a thread."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import torch

from ptbterm.corpus.text_files import END_OF_SENTENCE
from ptbterm.corpus.tokenizer import NUMBER, Reading, read_text
from ptbterm.inference.cache import Cache
from ptbterm.inference.expectations import Expectation
from ptbterm.inference.predictor import Completions, Predictor, entropy_bits
from ptbterm.inference.prefixes import Prefix
from ptbterm.terminal.chat.answer import Answer, Options, ReadWord

GHOST_WORDS = 6
LINES = 4096
CACHE = Cache()
NOT_READ = Expectation(0.0, 0, 0.0)
_HALF_TYPED = re.compile(r"\S+\Z")


class Conversation:
    """Answers for one model; what it has read once costs nothing again."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.vocabulary = predictor, predictor.vocabulary
        self._read_line = lru_cache(LINES)(lambda line: read_text(line, predictor.vocabulary))

    def answer(self, text: str, cursor: int, options: Options) -> Answer:
        """Return the words of `text` with their bits, and what may come at `cursor`; a line end ends a sentence.

        A word that the cursor stands at the end of is half typed: it has no bits yet.
        """
        predictor, before = self.predictor, text[:cursor]
        half_typed = None if text[cursor : cursor + 1].strip() else _HALF_TYPED.search(before)
        beginning = half_typed[0] if half_typed else ""
        read_before = self._read(before[: len(before) - len(beginning)])
        here = predictor.prefixes.read(self._ids(_passages(read_before, options)[-1]))
        readings = [
            reading
            for reading in self._read(text)
            if not beginning or reading.end <= cursor - len(beginning) or reading.start >= cursor
        ]
        own = predictor.with_cache(here, CACHE) if options.cache else predictor.prefixes.log_probabilities(here)
        probabilities = predictor.probabilities(own, options.temperature, hide_unknown=options.hide_unknown)
        ranked = predictor.rank(probabilities, options.candidates)
        found = self._complete(probabilities, beginning, options.candidates) if beginning else None
        return Answer(
            text=text,
            cursor=cursor,
            words=tuple(word for passage in _passages(readings, options) for word in self._words(passage)),
            beginning=beginning,
            candidates=ranked if found is None else found.words,
            share=1.0 if found is None else found.share,
            count=len(self.vocabulary) if found is None else found.count,
            unknown_share=probabilities[self.vocabulary.unknown_id].item(),
            before=ranked,
            entropy_bits=entropy_bits(own),
            ghost=self._ghost(here, beginning, found) if options.ghost else (),
            options=options,
        )

    def _complete(self, probabilities: torch.Tensor, beginning: str, k: int) -> Completions:
        """Return the words that begin as typed, else in lower case; a number is completed by nothing but `N`."""
        predictor, vocabulary = self.predictor, self.vocabulary
        if beginning[0].isdigit() and NUMBER in vocabulary:
            number = probabilities[vocabulary.id_of(NUMBER)].item()
            return Completions(share=number, count=1, words=())
        found = predictor.complete(probabilities, beginning, k)
        return found if found.count else predictor.complete(probabilities, beginning.lower(), k)

    def _ghost(self, here: Prefix, beginning: str, found: Completions | None) -> tuple[str, ...]:
        """Return how the text may go on: the rest of the word half typed, then the likeliest words."""
        predictor = self.predictor
        if found is None:
            return tuple(predictor.continue_greedily(here, GHOST_WORDS))
        if not found.words:
            return ()
        word = found.words[0].word
        path = [step.id for step in here.path()]
        following = predictor.prefixes.read([*path, self.vocabulary.id_of(word)])
        return (word[len(beginning) :], *predictor.continue_greedily(following, GHOST_WORDS - 1))

    def _read(self, text: str) -> list[Reading]:
        """Return the readings of all lines, and an end of sentence for each line end."""
        readings: list[Reading] = []
        start = 0
        for line in text.split("\n"):
            if start:
                readings.append(Reading("\n", END_OF_SENTENCE, start - 1, start))
            readings += (
                Reading(reading.typed, reading.modelled, reading.start + start, reading.end + start)
                for reading in self._read_line(line)
            )
            start += len(line) + 1
        return readings

    def _ids(self, readings: Iterable[Reading]) -> list[int]:
        id_of = self.vocabulary.id_of
        return [id_of(reading.modelled) for reading in readings if reading.modelled is not None]

    def _words(self, readings: list[Reading]) -> Iterator[ReadWord]:
        prefixes, vocabulary = self.predictor.prefixes, self.vocabulary
        expectations = iter(prefixes.expectations(prefixes.read(self._ids(readings))))
        for reading in readings:
            expected = NOT_READ if reading.modelled is None else next(expectations)
            yield ReadWord(
                typed=reading.typed,
                modelled=reading.modelled,
                is_unknown=reading.modelled is not None
                and vocabulary.id_of(reading.modelled) == vocabulary.unknown_id,
                bits=expected.surprisal_bits,
                rank=expected.rank,
                entropy_bits=expected.entropy_bits,
                start=reading.start,
                end=reading.end,
            )


def _passages(readings: list[Reading], options: Options) -> list[list[Reading]]:
    """Return what is read as one text each: all of it, or the sentences, the last of which may be empty."""
    passages: list[list[Reading]] = [[]]
    for reading in readings:
        passages[-1].append(reading)
        if options.this_sentence and reading.typed == "\n":
            passages.append([])
    return passages
