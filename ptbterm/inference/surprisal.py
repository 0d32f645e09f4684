"""The surprisal of every word of ordinary text: -log2 p(word | words before it) (Hale 2001, Levy 2008).

In context `sentence` each sentence is read by itself, from a fresh state, after `<eos>`: their order changes
nothing. In context `stream` all are one running text that begins after `<eos>`, with `<eos>` after each
sentence and the state carried on: the sums over its words and ends are those of `evaluation.evaluate`, protocol
`stream`, on the same ids with an `<eos>` before them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from msgspec import Struct

from ptbterm.corpus.text_files import END_OF_SENTENCE
from ptbterm.corpus.typed_text import TextReader
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.dynamic_evaluation import DynamicEvaluation
from ptbterm.inference.evaluation import perplexity
from ptbterm.inference.scoring import NATS_PER_BIT, BatchScorer, Ids, TokenScores
from ptbterm.inference.sentences import Sentence
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import NextWord
from ptbterm.settings.choices import Context

BUFFER_CHARACTERS = 2**16
"""So much text is gathered before it is scored: memory does not grow with the text."""


class WordSurprisal(Struct, frozen=True):
    """How a word was read, and how far it was expected; None where the model read nothing of it.

    `log_probability` is in nats. `rank` is 1 for the likeliest word; words as likely as each other share the best
    rank. The entropies (bits) are those of the next word's distribution before this word and after it. `start` is
    where the word begins in its sentence. `guesses` are the likeliest words before it was read, if asked for.
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
        """max(0, entropy before - entropy after), bits (Hale 2006), by the entropies of the next word alone."""
        if self.entropy_bits is None or self.entropy_after_bits is None:
            return None
        return max(0.0, self.entropy_bits - self.entropy_after_bits)


@dataclass(frozen=True)
class ScoredSentence:
    """The words of a sentence that the model reads, scored, and its end, `<eos>`; None if it reads no word.

    The entropy after the end is not known.
    """

    sentence: Sentence
    words: list[WordSurprisal]
    end: WordSurprisal | None


@dataclass
class Totals:
    """Sums over words as modelled, the ends of sentences among them; `nats` are the sums of -log p."""

    words: int = 0
    ends: int = 0
    unknown_words: int = 0
    nats: float = 0.0
    unknown_nats: float = 0.0

    def add(self, words: Iterable[WordSurprisal], end: WordSurprisal | None = None) -> None:
        """Count words that were scored, and the end of a sentence."""
        self.ends += end is not None
        for word in (*words, end) if end else words:
            nats = -(word.log_probability or 0.0)
            self.words += 1
            self.nats += nats
            if word.is_unknown:
                self.unknown_words += 1
                self.unknown_nats += nats

    def check(self) -> None:
        """Raise `PtbtermError` if no word was counted: then there is no perplexity."""
        if not self.words:
            raise PtbtermError("There is no word to score in the text.", "Give a sentence a line.")

    @property
    def perplexity(self) -> float:
        """exp(nats / words) over all words."""
        return perplexity(self.nats, self.words)

    @property
    def known_perplexity(self) -> float | None:
        """The same over the words that are not unknown; None if all are."""
        known = self.words - self.unknown_words
        return perplexity(self.nats - self.unknown_nats, known) if known else None

    @property
    def bits_per_word(self) -> float:
        """log2 of the perplexity."""
        return self.nats / self.words / NATS_PER_BIT


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
    buffer_characters: int = BUFFER_CHARACTERS,
) -> Iterator[ScoredSentence]:
    """Yield the sentences in order with their words scored, each time so many characters have been gathered.

    `unseen_types` spreads the probability of `<unk>` as in `BatchScorer`; each word gets `guesses` guesses.
    A `learner` of the model learns from each sentence after it was scored, before the next is read.
    """
    model = learner.model if learner else model.eval()
    reader = BatchScorer(model, vocabulary, unseen_types, guesses)
    for buffer in _buffers(sentences, buffer_characters):
        typed = [_read(sentence, vocabulary) for sentence in buffer]
        expectations = _expectations(reader, [one.ids for one in typed if one.ids], context, learner)
        for one in typed:
            if one.ids:
                yield _scored(one, next(expectations), vocabulary)
            else:
                yield ScoredSentence(one.sentence, [], None)


def _expectations(
    reader: BatchScorer, texts: Sequence[Ids], context: Context, learner: DynamicEvaluation | None
) -> Iterator[TokenScores]:
    if learner is None:
        yield from reader.read_apart(texts) if context == "sentence" else reader.read_on(texts)
        return
    for text in texts:
        state = reader.state
        expectations = reader.read_alone(text) if context == "sentence" else reader.read_on([text])[0]
        learner.learn(*reader.inputs_and_targets(text), state)
        yield expectations


def words_as_typed(scored: ScoredSentence) -> list[WordSurprisal]:
    """Return one record for each word that spaces divide, with the sum of its pieces' log-probabilities (nats).

    Rank, entropy and guesses are those of its first piece, the entropy after it is that after its last; it is
    unknown if a piece is; `modelled_as` joins the pieces with spaces. The numbers are None where there is none.
    """
    typed: list[WordSurprisal] = []
    first = 0
    for match in re.finditer(r"\S+", scored.sentence.text):
        last = first
        while last < len(scored.words) and scored.words[last].start < match.end():
            last += 1
        typed.append(_joined(match[0], match.start(), scored.words[first:last]))
        first = last
    return typed


@dataclass(frozen=True)
class _Read:
    """The pieces of a sentence that are modelled (typed, modelled, start); their ids and `<eos>`'s, if any."""

    sentence: Sentence
    pieces: list[tuple[str, str, int]]
    ids: Ids


def _read(sentence: Sentence, vocabulary: Vocabulary) -> _Read:
    tokens = TextReader(vocabulary).tokens(sentence.text)
    pieces = [(token.typed, token.modelled, token.start) for token in tokens if token.modelled is not None]
    ids = (vocabulary.id_of(modelled) for _, modelled, _ in pieces)
    return _Read(sentence, pieces, (*ids, vocabulary.end_of_sentence_id) if pieces else ())


def _scored(read: _Read, expectations: TokenScores, vocabulary: Vocabulary) -> ScoredSentence:
    rows: list[list[float]] = expectations.tolist()
    pieces = [*read.pieces, (END_OF_SENTENCE, END_OF_SENTENCE, len(read.sentence.text))]
    entropies_after = [*(row[2] for row in rows[1:]), None]
    *words, end = (
        WordSurprisal(
            word=typed,
            modelled_as=modelled,
            is_unknown=number == vocabulary.unknown_id,
            log_probability=nats,
            rank=int(rank),
            entropy_bits=entropy,
            entropy_after_bits=after,
            start=start,
            guesses=_guesses(guessed, vocabulary),
        )
        for (typed, modelled, start), number, (nats, rank, entropy, *guessed), after in zip(
            pieces, read.ids, rows, entropies_after, strict=True
        )
    )
    return ScoredSentence(read.sentence, words, end)


def _guesses(numbers: Sequence[float], vocabulary: Vocabulary) -> tuple[NextWord, ...]:
    """From probability and id of each in turn."""
    return tuple(NextWord(vocabulary[int(one)], p) for p, one in zip(numbers[::2], numbers[1::2], strict=True))


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


def _joined(word: str, start: int, pieces: Sequence[WordSurprisal]) -> WordSurprisal:
    return WordSurprisal(
        word=word,
        modelled_as=" ".join(piece.modelled_as for piece in pieces),
        is_unknown=any(piece.is_unknown for piece in pieces),
        log_probability=sum(piece.log_probability or 0.0 for piece in pieces) if pieces else None,
        rank=pieces[0].rank if pieces else None,
        entropy_bits=pieces[0].entropy_bits if pieces else None,
        entropy_after_bits=pieces[-1].entropy_after_bits if pieces else None,
        start=start,
        guesses=pieces[0].guesses if pieces else (),
    )
