"""A trained model, loaded from its run: the class behind `ptbterm.load`."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ptbterm import environment
from ptbterm.checkpoints import (
    OtherVersionError,
    Position,
    check_size,
    load_checkpoint,
    load_weights,
    shapes_of_weights,
)
from ptbterm.corpus.corpus_text import text_reader
from ptbterm.corpus.marks import END_OF_SENTENCE
from ptbterm.corpus.text_reader import TextReader
from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary, read_word_counts
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.inference.embeddings import Neighbor, WordVectors, word_vectors
from ptbterm.inference.generation import DrawnWord, Sampling, detokenize, generate
from ptbterm.inference.predictor import Prediction, Predictor
from ptbterm.inference.sentence import Sentence
from ptbterm.inference.surprisal import ScoredSentence, WordSurprisal, score
from ptbterm.inference.totals import Totals
from ptbterm.model.device import choose_device, use_precision
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.catalog import find_run
from ptbterm.runs.events import NextWord
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.settings.choices import Context, Form, Side, check_choice

_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class TrainedModel:
    """The model of a run with the lowest valid perplexity, its vocabulary and its settings.

    Texts are read in `form`: "typed" as people write, or "corpus" as the training text was. Words outside the
    vocabulary are read as `<unk>`. Safe to use from several threads.
    """

    run: Run
    record: RunRecord
    vocabulary: Vocabulary
    model: LanguageModel
    position: Position
    form: Form

    @property
    def epochs(self) -> int:
        """The number of epochs that the model was trained."""
        return self.position.epochs_done

    @cached_property
    def predictor(self) -> Predictor:
        """The model's predictor, which caches the states of texts that it has read."""
        return Predictor(self.model, self.vocabulary, self.reader())

    def reader(self, form: Form | None = None) -> TextReader:
        """Return the reader of texts in a form, by default the model's own."""
        return text_reader(self.record.corpus, self.vocabulary, form or self.form)

    def predict(self, context: str, k: int = 10) -> Prediction:
        """Return the `k` most probable next words after `context`, how it was read, and the entropy in bits."""
        return self.predictor.predict(context, k)

    def next_words(self, context: str, k: int = 10) -> list[NextWord]:
        """Return the `k` most probable next words after `context`, most probable first."""
        return list(self.predict(context, k).next_words)

    def word_counts(self) -> dict[str, int]:
        """Return the count of each word of the vocabulary in the training text.

        Raises `PtbtermError` if the run has no word counts.
        """
        counts = read_word_counts(self.run.word_counts_file, len(self.vocabulary))
        return dict(zip(self.vocabulary, counts, strict=True))

    def surprisal(
        self, text: str, *, context: Context = "sentence", form: Form | None = None
    ) -> list[WordSurprisal]:
        """Return the scores of each word that the model reads; `text` has one sentence on each line.

        In context "sentence" each line is scored on its own, in "stream" the lines are one text. `form` is that of
        `reader`. Raises `PtbtermError` for another context or form.
        """
        return [word for sentence in self._score(text, context, form) for word in sentence.words]

    def perplexity(self, text: str, *, context: Context = "sentence", form: Form | None = None) -> float:
        """Return exp(nats / words) of a text; in context "stream" the ends of sentences count as words.

        Raises `PtbtermError` if the text has no words.
        """
        totals = Totals()
        for sentence in self._score(text, context, form):
            totals.add(sentence, in_stream=context == "stream")
        totals.check()
        return totals.perplexity

    def _score(self, text: str, context: Context, form: Form | None) -> Iterator[ScoredSentence]:
        check_choice("context", context, Context)
        if form is not None:
            check_choice("form", form, Form)
        sentences = (Sentence(line) for line in _LINE_END.split(text) if line.strip())
        return score(self.model, self.vocabulary, sentences, context, reader=self.reader(form))

    def generate(
        self,
        prompt: str = "",
        words: int = 50,
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
    ) -> str:
        """Return `prompt` continued by `words` sampled words, one sentence per line.

        Raises `PtbtermError` if `sampling` excludes a word that is not in the vocabulary.
        """
        prompt_words, columns = self.draw(prompt, words, 1, sampling)
        return "".join(detokenize(chain(prompt_words, (self.vocabulary[word.id] for (word,) in columns))))

    def draw(
        self, prompt: str, words: int, samples: int, sampling: Sampling
    ) -> tuple[list[str], Iterator[list[DrawnWord]]]:
        """Return the words that `prompt` is read as, and what `generation.generate` yields after them."""
        prompt_words = self.reader().words(prompt)
        context = [self.vocabulary.id_of(word) for word in (END_OF_SENTENCE, *prompt_words)]
        return prompt_words, generate(self.model, self.vocabulary, context, words, samples, sampling)

    def word_vectors(self, side: Side = "both") -> WordVectors:
        """Return the vectors of all words: the "input" (embedding), the "output" (softmax), or "both" joined."""
        if side not in self._word_vectors:
            self._word_vectors[side] = word_vectors_of(self.model, self.vocabulary, side)
        return self._word_vectors[side]

    @cached_property
    def _word_vectors(self) -> dict[Side, WordVectors]:
        return {}

    def embedding(self, word: str) -> npt.NDArray[np.float32]:
        """Return the word's row of the embedding, (hidden_size,). Raises `PtbtermError` for an unknown word."""
        return self.word_vectors("input").vector(word)

    def neighbors(self, word: str, k: int = 10, side: Side = "both") -> list[Neighbor]:
        """Return the `k` words with the highest cosine similarity to `word`, highest first.

        Raises `PtbtermError` for an unknown word.
        """
        return self.word_vectors(side).neighbors(word, k)


def word_vectors_of(model: LanguageModel, vocabulary: Vocabulary, side: Side = "both") -> WordVectors:
    """Return a model's word vectors as they are now: a copy that later training does not change."""
    read = model.embedding.detach().cpu().numpy().copy()
    if model.settings.tied:
        return word_vectors(vocabulary, read, None, side)
    return word_vectors(vocabulary, read, model.softmax.vectors().detach().cpu().numpy().copy(), side)


def load_run(run: Run, device: str = "auto", form: Form | None = None) -> TrainedModel:
    """Load a run's best model, to read texts in `form`, by default the one in its record.

    Raises `PtbtermError` if the run has no checkpoint or its files are damaged.
    """
    record = run.read_record()
    file = run.checkpoint_to_use()
    vocabulary = _vocabulary_of(run, record)
    check_size(file, record.model, len(vocabulary), record.training.batch_size)
    try:
        checkpoint = load_checkpoint(file)
    except OtherVersionError as error:
        details = {"settings_file": str(run.settings_file)}
        raise PtbtermError(error.message, next_step=NextStep.RETRAIN, **details) from error
    except PtbtermError as error:
        raise run.unusable(file, error.message) from error
    checkpoint.check(shapes_of_weights(record.model, len(vocabulary)))  # before memory is taken for the model
    model = LanguageModel(record.model, len(vocabulary))
    load_weights(model, checkpoint)
    model.to(choose_device(device)).eval()
    use_precision(record.training.matmul_precision)  # as the trainer does, so that evaluations are equal
    return TrainedModel(run, record, vocabulary, model, checkpoint.position, form or record.run.text_form)


def _vocabulary_of(run: Run, record: RunRecord) -> Vocabulary:
    vocabulary = read_vocabulary(run.vocabulary_file, record.run.vocabulary_size)
    expected = record.run.vocabulary_sha256
    if expected and hashlib.sha256(vocabulary.as_text().encode()).hexdigest() != expected:
        raise PtbtermError(
            f"{run.vocabulary_file} is not the vocabulary that run {run.name} was trained with.",
            "Restore the file from a copy.",
            next_step=NextStep.TRAIN_NEW,
            settings_file=str(run.settings_file),
        )
    return vocabulary


def load(run: str | Path | None = None, *, device: str = "auto", form: Form | None = None) -> TrainedModel:
    """Load the best model of a run, given by name, unique prefix or path; without `run`, of the newest run.

    `device` is "auto", "cpu" or "cuda", `form` that of the texts, "typed" or "corpus", by default the run's own.
    Raises `PtbtermError` if the run does not exist, has no checkpoint, or its files are damaged.
    """
    if form is not None:
        check_choice("form", form, Form)
    return load_run(find_run(environment.runs(), None if run is None else str(run)), device, form)
