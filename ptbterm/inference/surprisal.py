"""The surprisal of every word of ordinary text: -log2 p(word | words before it) (Hale 2001, Levy 2008).

In context `sentence` each sentence is scored on its own, from a zero state, after `<eos>`: the order of sentences
changes nothing. In context `stream` they are one text, with `<eos>` after each sentence and the state carried on:
the sums over its words and ends are those of `evaluation.evaluate`, protocol `stream`, on the same ids. Its first
word is only read there; here it is scored after `<eos>`, and `Totals` leave it out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from msgspec import Struct

from ptbterm.corpus.marks import END_OF_SENTENCE, without_end
from ptbterm.corpus.text_reader import TextReader, Token
from ptbterm.corpus.typed_text import TypedTextReader
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.dynamic_evaluation import DynamicEvaluation
from ptbterm.inference.scoring import BATCH_ROWS, NATS_PER_BIT, BatchScorer, Ids, TokenScores
from ptbterm.inference.sentence import Sentence
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import NextWord
from ptbterm.settings.choices import Context

BUFFER_CHARACTERS = 2**16
"""Text that is collected before it is scored, so that memory does not grow with the input."""


class WordSurprisal(Struct, frozen=True):
    """A word, how it was modelled, and its scores; they are None if the model skipped all of it.

    `word` is as typed, `modelled_as` the words of the vocabulary that it was read as, `start` its first character
    in the sentence. `log_probability` is in nats. `rank` is 1 for the most probable word; words of equal
    probability share the best rank. `entropy_bits` and `entropy_after_bits` are the entropies of the next word's
    distribution before and after this word. `guesses` are the most probable words at its place, if asked for.
    """

    word: str
    modelled_as: str
    is_unknown: bool
    log_probability: float | None
    rank: int | None
    entropy_bits: float | None
    entropy_after_bits: float | None
    start: int
    guesses: tuple[NextWord, ...] = ()

    @property
    def surprisal_bits(self) -> float | None:
        """-log2 of the probability."""
        return None if self.log_probability is None else (0.0 - self.log_probability) / NATS_PER_BIT

    @property
    def entropy_reduction(self) -> float | None:
        """max(0, entropy before - entropy after) in bits (Hale 2006), of the next word's distribution only."""
        if self.entropy_bits is None or self.entropy_after_bits is None:
            return None
        return max(0.0, self.entropy_bits - self.entropy_after_bits)


@dataclass(frozen=True)
class ScoredSentence:
    """The scored words of a sentence, and its end, `<eos>`; no words and no end if the model skipped all of it.

    The entropy after the end is None.
    """

    sentence: Sentence
    words: list[WordSurprisal]
    end: WordSurprisal | None


@torch.inference_mode()
def score(
    model: LanguageModel,
    vocabulary: Vocabulary,
    sentences: Iterable[Sentence],
    context: Context = "sentence",
    *,
    unseen_types: int = 1,
    guesses: int = 0,
    learner: DynamicEvaluation | None = None,
    reader: TextReader | None = None,
    buffer_characters: int = BUFFER_CHARACTERS,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[ScoredSentence]:
    """Yield the sentences in order with their words scored, a buffer of `buffer_characters` at a time.

    `unseen_types`, `guesses` and `batch_rows` are those of `BatchScorer`. A `learner`, made from the model, learns
    from each sentence after scoring it and before scoring the next. Without a `reader` the text is read as typed.
    """
    model = learner.model if learner else model
    reader = reader or TypedTextReader(vocabulary)
    scorer = BatchScorer(model, vocabulary, unseen_types, guesses, batch_rows)
    for buffer in _buffers(sentences, buffer_characters):
        typed = [_read(sentence, reader) for sentence in buffer]
        scores = _scores(scorer, [text.ids for text in typed if text.ids], context, learner)
        for text in typed:
            if text.ids:
                yield _scored(text, next(scores), vocabulary)
            else:
                yield ScoredSentence(text.sentence, [], None)


def _scores(
    scorer: BatchScorer, texts: Sequence[Ids], context: Context, learner: DynamicEvaluation | None
) -> Iterator[TokenScores]:
    if learner is None:
        yield from scorer.score_separately(texts) if context == "sentence" else scorer.score_stream(texts)
        return
    for text in texts:
        state = scorer.state
        scores = scorer.score_alone(text) if context == "sentence" else scorer.score_stream([text])[0]
        learner.learn(*scorer.inputs_and_targets(text), state)
        yield scores


@dataclass(frozen=True)
class _TypedSentence:
    """The tokens of a sentence that are not skipped; their ids and that of `<eos>`, or no ids without tokens."""

    sentence: Sentence
    tokens: list[Token]
    ids: Ids


def _read(sentence: Sentence, reader: TextReader) -> _TypedSentence:
    tokens = [token for token in reader.tokens(sentence.text) if token.modelled is not None]
    tokens = without_end(tokens, lambda token: token.modelled)
    ids = (reader.vocabulary.id_of(str(token.modelled)) for token in tokens)
    return _TypedSentence(sentence, tokens, (*ids, reader.vocabulary.end_of_sentence_id) if tokens else ())


def _scored(typed: _TypedSentence, scores: TokenScores, vocabulary: Vocabulary) -> ScoredSentence:
    length = len(typed.sentence.text)
    tokens = [*typed.tokens, Token(END_OF_SENTENCE, END_OF_SENTENCE, length, length)]
    rows: list[list[float]] = scores.tolist()
    entropies_after = [*(row[2] for row in rows[1:]), None]
    *words, end = (
        WordSurprisal(
            word=token.typed,
            modelled_as=str(token.modelled),
            is_unknown=number == vocabulary.unknown_id,
            log_probability=log_probability,
            rank=int(rank),
            entropy_bits=entropy,
            entropy_after_bits=entropy_after,
            start=token.start,
            guesses=_guesses(best_words, vocabulary),
        )
        for token, number, (log_probability, rank, entropy, *best_words), entropy_after in zip(
            tokens, typed.ids, rows, entropies_after, strict=True
        )
    )
    return ScoredSentence(typed.sentence, words, end)


def _guesses(values: Sequence[float], vocabulary: Vocabulary) -> tuple[NextWord, ...]:
    """Convert probability and id of each word in turn."""
    return tuple(NextWord(vocabulary[int(number)], p) for p, number in zip(values[::2], values[1::2], strict=True))


def _buffers(sentences: Iterable[Sentence], characters: int) -> Iterator[list[Sentence]]:
    buffer: list[Sentence] = []
    size = 0
    for sentence in sentences:
        buffer.append(sentence)
        size += len(sentence.text)
        if size >= characters:
            yield buffer
            buffer, size = [], 0
    if buffer:
        yield buffer
