"""The subject of the lessons: a corpus, a model (untrained or from a run), and a trainer of such a model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import torch

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.corpus.windows import cut_rows, window
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.inference.trained_model import TrainedModel
from ptbterm.lessons.lesson import Check, Verdict
from ptbterm.lessons.short_training import ShortTraining
from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import RunAdapted
from ptbterm.runs.summary import read_state
from ptbterm.settings.resolve import Resolved, read_preset, resolve
from ptbterm.settings.schema import Settings
from ptbterm.training.new_run import check_size
from ptbterm.training.trainer import Trainer


@dataclass(frozen=True)
class Reading:
    """The tensors of the first window as it passes through the model, starting from a zero state."""

    inputs: torch.Tensor
    """Ids (batch, steps)."""
    targets: torch.Tensor
    vectors: torch.Tensor
    """The LSTM's inputs, (steps, batch, hidden)."""
    outputs: torch.Tensor
    """The LSTM's outputs, (steps, batch, hidden)."""
    hidden: torch.Tensor
    """The model's outputs, (batch, steps, hidden)."""
    state: State


class Subject:
    """A corpus and a model; the lessons share cached results and one short training that continues across steps.

    Raises `PtbtermError` if the corpus is too short for one window.
    """

    def __init__(
        self, corpus: EncodedCorpus, resolved: Resolved, runs: Path, trained: TrainedModel | None = None
    ) -> None:
        check_size(corpus, resolved.settings.training)
        self.corpus, self.resolved, self.trained = corpus, resolved, trained
        self.runs = runs
        """A temporary folder, owned by the caller, for the runs that lessons train."""

    @property
    def settings(self) -> Settings:
        """The settings of the model and of its training."""
        return self.resolved.settings

    @cached_property
    def model(self) -> LanguageModel:
        """The model that the lessons open: the run's, or an untrained one."""
        return self.trained.model if self.trained else self.untrained()

    def untrained(self) -> LanguageModel:
        """Return a model with the initial weights of this one."""
        model = LanguageModel(self.settings.model, len(self.corpus.vocabulary))
        counts = np.bincount(self.corpus.ids["train"], minlength=len(self.corpus.vocabulary))
        model.reset_parameters(self.settings.training.seed, torch.from_numpy(counts))
        return model.eval()

    @cached_property
    def training(self) -> ShortTraining:
        """The tour's own short training on the first windows."""
        return ShortTraining(self.corpus, self.resolved, self.runs)

    def trainer(self) -> Trainer:
        """Return a trainer at its first window whose model has the weights of this one."""
        trainer = Trainer(self.resolved.settings.model, self.resolved.settings.training, self.corpus)
        trainer.model.load_state_dict(self.model.state_dict())
        return trainer

    def learn(self) -> Iterator[float]:
        """Finish the short training and yield its progress (0 to 1); a run needs no training."""
        if self.trained is None:
            yield from self.training.continue_to_end()

    def learned_model(self) -> LanguageModel:
        """Return the trained model; call `learn` first."""
        return self.trained.model if self.trained else self.training.model

    def what_was_learned(self) -> str:
        """Return a phrase that says how long the model was trained."""
        if self.trained is None:
            return f"{self.training.windows} windows"
        epochs = f"the {self.trained.epochs} {'epoch' if self.trained.epochs == 1 else 'epochs'} of run"
        if source := self.trained.record.run.adapted_from:
            words = f" of {self.adapted.words:,} words" if self.adapted else ""
            return f"{epochs} {source} and a text{words} that it was adapted to"
        return f"{epochs} {self.trained.run.name}"

    @cached_property
    def adapted(self) -> RunAdapted | None:
        """The event of the adaptation, if the run was made by adapting another run's model to a text."""
        end = read_state(self.trained.run).end if self.trained else None
        return end if isinstance(end, RunAdapted) else None

    @cached_property
    def reading(self) -> Reading:
        """The tensors of the first window, computed once."""
        training, captured = self.settings.training, list[torch.Tensor]()
        ids = torch.from_numpy(self.corpus.ids["train"].astype(np.int64))
        inputs, targets = window(cut_rows(ids, training.batch_size), 0, training.num_steps)
        before = self.model.stack.register_forward_pre_hook(lambda _, arguments: captured.append(arguments[0]))
        after = self.model.stack.register_forward_hook(lambda _, __, result: captured.append(result[0]))
        with torch.no_grad():
            hidden, state = self.model(inputs, self.model.zero_state(training.batch_size))
        before.remove()
        after.remove()
        vectors, outputs = captured
        return Reading(inputs, targets, vectors, outputs, hidden, state)

    @cached_property
    def log_probabilities(self) -> torch.Tensor:
        """The log-probability of every next word in the first window, (batch * steps, vocabulary)."""
        with torch.no_grad():
            return self.model.log_probabilities(self.reading.hidden)

    def words(self, ids: torch.Tensor) -> list[str]:
        """Return the words of ids (any number,)."""
        return [self.corpus.vocabulary[number] for number in ids.tolist()]

    @property
    def title(self) -> str:
        """The model's name for the screen."""
        return f"run {self.trained.run.name}" if self.trained else "untrained model"

    @property
    def is_the_notebooks(self) -> bool:
        """Whether all numbers that do not depend on the initial weights must equal the notebook's."""
        return self.trained is None and self.corpus.text.is_penn_treebank

    def as_in_the_notebook(self, what: str, ours: str, notebooks: str, *, equal: bool | None = None) -> Check:
        """Compare a number with the notebook's; if it may differ, name its model or corpus."""
        if ours == notebooks if equal is None else equal:
            return Check(Verdict.HOLDS, f"{what}: {ours}, as in the notebook")
        here = self.title if self.trained else self.corpus.text.title
        verdict = Verdict.FAILS if self.is_the_notebooks else Verdict.DIFFERS
        return Check(verdict, f"{what}: {ours} ({here}), {notebooks} in the notebook")


def named_weights(model: LanguageModel) -> dict[str, torch.nn.Parameter]:
    """Return the trained tensors by the notebook's names; cells are numbered if there are several."""
    several = len(model.stack.layers) > 1
    names = {"softmax_weight": "softmax_w", "softmax_bias": "softmax_b"}
    for number in range(len(model.stack.layers)):
        for part in ("kernel", "bias"):
            names[f"lstm.layers.{number}.{part}"] = f"{part} {number + 1}" if several else part
    return {names.get(name, name): weights for name, weights in model.named_weights().items()}


def fresh_subject(corpus: EncodedCorpus, runs: Path) -> Subject:
    """Return the notebook's model before training.

    The notebook walks through a model that TensorFlow draws by its own rule (Glorot: a bias within 0.0173), and
    trains another whose variables are drawn within init_scale. A bias of zeros is close to the first, whose losses
    the tour compares; the preset is the second.
    """
    changes = ("model.output_bias=zeros", "training.device=cpu", "training.evaluation=stream")
    return Subject(corpus, resolve(read_preset("notebook"), [("the tour", change) for change in changes]), runs)


def subject_of_run(trained: TrainedModel, corpus: EncodedCorpus, runs: Path) -> Subject:
    """Return a run's model, on the CPU, with the text that it was trained on.

    Raises `PtbtermError` if the text has changed since.
    """
    record = trained.record
    if corpus.text.fingerprint != record.run.corpus_fingerprint:
        raise PtbtermError(
            f"The text of {corpus.text.title} has changed since run {trained.run.name} was trained on it.",
            f"Restore {corpus.text.splits['train'].path} as it was.",
            next_step=NextStep.TOUR_FRESH_MODEL,
        )
    training = msgspec.structs.replace(record.training, device="cpu", evaluation="stream", sampled_words=0)
    settings = msgspec.structs.replace(record.settings, training=training)
    return Subject(corpus, Resolved(record.preset, settings, {}), runs, trained)
