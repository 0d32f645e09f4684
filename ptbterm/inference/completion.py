"""Ranked next words and scores for the text that someone is typing, at its cursor. Imports torch."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import torch

from ptbterm.corpus.text_files import END_OF_SENTENCE
from ptbterm.corpus.typed_text import NUMBER, Token
from ptbterm.corpus.vocabulary import UNKNOWN
from ptbterm.inference.answer import Answer, AnswerOptions, ScoredToken
from ptbterm.inference.neural_cache import NeuralCache
from ptbterm.inference.predictor import Completions, Predictor, entropy_bits
from ptbterm.inference.scoring import TokenScore
from ptbterm.inference.state_cache import PrefixNode
from ptbterm.runs.events import NextWord

GHOST_WORDS = 6
LINES = 4096
CACHE = NeuralCache()
NOT_READ = TokenScore(0.0, 0, 0.0)
_TYPED = re.compile(r"\S+\Z")


class Completer:
    """Answers for one model; what it has read once costs nothing again."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.vocabulary = predictor, predictor.vocabulary
        self._read_line = lru_cache(LINES)(predictor.reader.tokens)

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        """Return the words of `text` with their bits, and what may come at `cursor`; a line end ends a sentence.

        A word that the text ends with is half typed while the cursor stands there: its bits are apart. The ghost
        is not in the answer: it costs a step of the model a word.
        """
        predictor = self.predictor
        tokens = self._read(text)
        before = list(tokens) if cursor == len(text) else self._read(text[:cursor])
        last = before.pop() if before and _is_piece_at(before[-1], cursor) else None
        here = predictor.prefixes.read(self._ids(_passages(before, options)[-1]))
        own = predictor.with_cache(here, CACHE) if options.cache else predictor.prefixes.log_probabilities(here)
        probabilities = predictor.probabilities(own, options.temperature, hide_unknown=options.hide_unknown)
        ranked = predictor.rank(probabilities, options.candidates)
        found = self._complete(probabilities, last, options.candidates) if last else None
        half_typed = _pieces_of_last_word(text, tokens) if last and cursor == len(text) else []
        passages = _passages(tokens[: len(tokens) - len(half_typed)], options)
        return Answer(
            text=text,
            cursor=cursor,
            words=tuple(word for passage in passages for word in self._words(passage)),
            half_typed=tuple(self._half_typed(here, half_typed)),
            beginning=last.typed if last else "",
            read_as=last.modelled or "" if last else "",
            candidates=ranked if found is None else found.words,
            share=1.0 if found is None else found.share,
            count=len(self.vocabulary) if found is None else found.count,
            special=tuple(self._special(probabilities, options)),
            before=ranked,
            entropy_bits=entropy_bits(own),
            options=options,
        )

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        """Return how an answer's text may go on: the rest of the word half typed, then the likeliest words.

        Nothing where the cursor is not at its end, or no word begins as typed.
        """
        predictor, vocabulary = self.predictor, self.vocabulary
        if answer.cursor < len(answer.text) or not answer.candidates:
            return ()
        tokens = self._read(answer.text)
        if not answer.beginning:
            here = predictor.prefixes.read(self._ids(_passages(tokens, answer.options)[-1]))
            return tuple(predictor.continue_greedily(here, GHOST_WORDS))
        word = answer.candidates[0].word
        before = self._ids(_passages(tokens[:-1], answer.options)[-1])
        following = predictor.prefixes.read([*before, vocabulary.id_of(word)])
        return (word[len(answer.beginning) :], *predictor.continue_greedily(following, GHOST_WORDS - 1))

    def _complete(self, probabilities: torch.Tensor, piece: Token, k: int) -> Completions:
        """Return the words that begin as typed, else in lower case; a number is completed by nothing but `N`.

        Without any, the share is that of the word as which the piece is read.
        """
        predictor = self.predictor
        if piece.modelled != NUMBER or piece.typed == NUMBER:
            for beginning in (piece.typed, piece.typed.lower()):
                found = predictor.complete(probabilities, beginning, k)
                if found.count:
                    return found
        share = probabilities[self.vocabulary.id_of(piece.modelled or UNKNOWN)].item()
        return Completions(share=share, count=0, words=())

    def _special(self, probabilities: torch.Tensor, options: AnswerOptions) -> Iterator[tuple[int, NextWord]]:
        for word in (END_OF_SENTENCE,) if options.hide_unknown else (END_OF_SENTENCE, UNKNOWN):
            probability = probabilities[self.vocabulary.id_of(word)]
            rank = 1 + int((probabilities > probability).sum())
            yield rank, NextWord(word, probability.item())

    def _read(self, text: str) -> list[Token]:
        """Return the tokens of all lines, and an end of sentence for each line end."""
        tokens: list[Token] = []
        start = 0
        for line in text.split("\n"):
            if start:
                tokens.append(Token("\n", END_OF_SENTENCE, start - 1, start))
            tokens += (
                Token(token.typed, token.modelled, token.start + start, token.end + start)
                for token in self._read_line(line)
            )
            start += len(line) + 1
        return tokens

    def _ids(self, tokens: Iterable[Token]) -> list[int]:
        id_of = self.vocabulary.id_of
        return [id_of(token.modelled) for token in tokens if token.modelled is not None]

    def _words(self, tokens: list[Token]) -> Iterator[ScoredToken]:
        prefixes = self.predictor.prefixes
        return self._judged(tokens, prefixes.expectations(prefixes.read(self._ids(tokens))))

    def _half_typed(self, here: PrefixNode, pieces: list[Token]) -> Iterator[ScoredToken]:
        """Judge the pieces of a word, of which all but the last stand before `here`: that one isn't read."""
        ids = self._ids(pieces)
        if not ids:
            return iter(())
        prefixes = self.predictor.prefixes
        earlier = prefixes.expectations(here)
        expectations = [*earlier[len(earlier) - len(ids) + 1 :], prefixes.expectation(here, ids[-1])]
        return self._judged(pieces, expectations)

    def _judged(self, tokens: list[Token], expectations: Iterable[TokenScore]) -> Iterator[ScoredToken]:
        vocabulary, expected_of_each = self.vocabulary, iter(expectations)
        for token in tokens:
            expected = NOT_READ if token.modelled is None else next(expected_of_each)
            yield ScoredToken(
                typed=token.typed,
                modelled=token.modelled,
                is_unknown=token.modelled is not None
                and vocabulary.id_of(token.modelled) == vocabulary.unknown_id,
                bits=expected.surprisal_bits,
                rank=expected.rank,
                entropy_bits=expected.entropy_bits,
                start=token.start,
                end=token.end,
            )


def _is_piece_at(token: Token, cursor: int) -> bool:
    """Tell whether a word, and no punctuation that the model does not read, ends at the cursor."""
    return token.end == cursor and token.typed != "\n" and token.modelled is not None


def _pieces_of_last_word(text: str, tokens: list[Token]) -> list[Token]:
    last = _TYPED.search(text)
    return [token for token in tokens if last and token.start >= last.start()]


def _passages(tokens: list[Token], options: AnswerOptions) -> list[list[Token]]:
    """Return what is read as one text each: all of it, or the sentences, the last of which may be empty."""
    passages: list[list[Token]] = [[]]
    for token in tokens:
        passages[-1].append(token)
        if options.this_sentence and token.typed == "\n":
            passages.append([])
    return passages
