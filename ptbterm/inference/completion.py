"""Ranked next words and scores for the text that someone is typing, at its cursor. Imports torch."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import torch

from ptbterm.corpus.marks import END_OF_SENTENCE, UNKNOWN
from ptbterm.corpus.text_reader import Token
from ptbterm.corpus.typed_text import NUMBER
from ptbterm.inference.answer import Answer, AnswerOptions, ScoredToken
from ptbterm.inference.neural_cache import NeuralCache
from ptbterm.inference.predictor import Completions, Predictor, entropy_bits
from ptbterm.inference.scoring import TokenScore
from ptbterm.inference.state_cache import PrefixNode
from ptbterm.runs.events import NextWord

GHOST_WORDS = 6
_CACHED_LINES = 4096
_CACHE = NeuralCache()
_NOT_READ = TokenScore(0.0, 0, 0.0)
_LAST_WORD = re.compile(r"\S+\Z")


class Completer:
    """Answers questions about typed text with one model; caches the states of texts that it has read."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.vocabulary = predictor, predictor.vocabulary
        self._read_line = lru_cache(_CACHED_LINES)(predictor.reader.tokens)

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        """Return the scored words of `text`, and the ranked words for `cursor`; a line break ends a sentence.

        A word at the end of the text counts as half typed while the cursor is behind it, and is scored separately.
        The ghost text is left out: each word of it costs a step of the model.
        """
        predictor = self.predictor
        tokens = self._read(text)
        before = list(tokens) if cursor == len(text) else self._read(text[:cursor])
        last = before.pop() if before and _ends_word_at(before[-1], cursor) else None
        node = predictor.states.read(self._ids(_passages(before, options)[-1]))
        own = predictor.with_cache(node, _CACHE) if options.cache else predictor.states.log_probabilities(node)
        probabilities = predictor.probabilities(own, options.temperature, hide_unknown=options.hide_unknown)
        ranked = predictor.rank(probabilities, options.candidates)
        completions = Completions(1.0, len(self.vocabulary), ranked)
        if last:
            completions = self._complete(probabilities, last, options.candidates)
        half_typed = _tokens_of_last_word(text, tokens) if last and cursor == len(text) else []
        passages = _passages(tokens[: len(tokens) - len(half_typed)], options)
        return Answer(
            text=text,
            cursor=cursor,
            words=tuple(word for passage in passages for word in self._words(passage)),
            half_typed=tuple(self._half_typed(node, half_typed)),
            beginning=last.typed if last else "",
            read_as=last.modelled or "" if last else "",
            candidates=completions.words,
            share=completions.share,
            count=completions.count,
            special=tuple(self._special(probabilities, options)),
            before=ranked,
            entropy_bits=entropy_bits(own),
            options=options,
        )

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        """Return a greedy continuation of an answer's text: the rest of the half-typed word, then whole words.

        Empty if the cursor is not at the end, or no word has the beginning typed.
        """
        predictor, vocabulary = self.predictor, self.vocabulary
        if answer.cursor < len(answer.text) or not answer.candidates:
            return ()
        tokens = self._read(answer.text)
        if not answer.beginning:
            node = predictor.states.read(self._ids(_passages(tokens, answer.options)[-1]))
            return tuple(predictor.continue_greedily(node, GHOST_WORDS))
        word = answer.candidates[0].word
        before = self._ids(_passages(tokens[:-1], answer.options)[-1])
        node = predictor.states.read([*before, vocabulary.id_of(word)])
        return (word[len(answer.beginning) :], *predictor.continue_greedily(node, GHOST_WORDS - 1))

    def _complete(self, probabilities: torch.Tensor, token: Token, k: int) -> Completions:
        """Return the words that begin as typed, else in lower case; a number has no completions.

        Without completions, `share` is the probability of the word that the token is read as.
        """
        if token.modelled != NUMBER or token.typed == NUMBER:
            for beginning in (token.typed, token.typed.lower()):
                completions = self.predictor.complete(probabilities, beginning, k)
                if completions.count:
                    return completions
        share = probabilities[self.vocabulary.id_of(token.modelled or UNKNOWN)].item()
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
        states = self.predictor.states
        return self._scored(tokens, states.scores(states.read(self._ids(tokens))))

    def _half_typed(self, node: PrefixNode, tokens: list[Token]) -> Iterator[ScoredToken]:
        """Score the tokens of a half-typed word; `node` is the prefix before the last one, which is not read."""
        ids = self._ids(tokens)
        if not ids:
            return iter(())
        states = self.predictor.states
        scores_before = states.scores(node)
        scores = [*scores_before[len(scores_before) - len(ids) + 1 :], states.next_score(node, ids[-1])]
        return self._scored(tokens, scores)

    def _scored(self, tokens: list[Token], scores: Iterable[TokenScore]) -> Iterator[ScoredToken]:
        vocabulary, remaining_scores = self.vocabulary, iter(scores)
        for token in tokens:
            score = _NOT_READ if token.modelled is None else next(remaining_scores)
            yield ScoredToken(
                typed=token.typed,
                modelled=token.modelled,
                is_unknown=token.modelled is not None
                and vocabulary.id_of(token.modelled) == vocabulary.unknown_id,
                bits=score.surprisal_bits,
                rank=score.rank,
                entropy_bits=score.entropy_bits,
                start=token.start,
                end=token.end,
            )


def _ends_word_at(token: Token, cursor: int) -> bool:
    """Return whether a token that the model reads ends at the cursor, not skipped punctuation or a line break."""
    return token.end == cursor and token.typed != "\n" and token.modelled is not None


def _tokens_of_last_word(text: str, tokens: list[Token]) -> list[Token]:
    last = _LAST_WORD.search(text)
    return [token for token in tokens if last and token.start >= last.start()]


def _passages(tokens: list[Token], options: AnswerOptions) -> list[list[Token]]:
    """Split the tokens into texts read separately: one for all, or one a sentence, the last possibly empty."""
    passages: list[list[Token]] = [[]]
    for token in tokens:
        passages[-1].append(token)
        if options.this_sentence and token.typed == "\n":
            passages.append([])
    return passages
