"""Trains a model window by window, as the notebook does. Does not know runs and their files."""

import math
from collections.abc import Callable

import numpy as np
import torch

from ptbterm.checkpoints import Checkpoint, Position, load_weights, misfit
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.corpus.windows import count_windows, cut_rows, window
from ptbterm.model.candidates import CandidateSampler
from ptbterm.model.cells.cell import State
from ptbterm.model.device import choose_device, use_precision
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.mode import evaluating
from ptbterm.model.random_streams import random_stream
from ptbterm.model.tensor_names import WEIGHTS
from ptbterm.settings.schema import ModelSettings, TrainingSettings
from ptbterm.training.losses import MAX_NATS, Losses, diverged
from ptbterm.training.optimizers import NamedWeights, Optimizer, build_optimizer
from ptbterm.training.schedules import learning_rate, sampled_windows, total_windows
from ptbterm.training.step_graph import Gradients, StepGraph

OPTIMIZER = "optimizer."
"""Prefix of the optimizer's tensors in a checkpoint."""
STATE = "lstm_state."
"""Prefix of the recurrent state's tensors."""
RANDOM_STREAMS = ("dropout_stream", "candidates_stream")
"""Generator states, whose size depends on the kind of device."""


class Trainer:
    """A model, its optimizer and the training state, all of which `checkpoint` returns."""

    def __init__(
        self,
        model: ModelSettings,
        settings: TrainingSettings,
        corpus: EncodedCorpus,
        *,
        build_model: Callable[[ModelSettings, int], LanguageModel] = LanguageModel,
        build_optimizer: Callable[[TrainingSettings, NamedWeights], Optimizer] = build_optimizer,
    ) -> None:
        self.settings = settings
        self.device = choose_device(settings.device)
        use_precision(settings.matmul_precision)

        # The corpus, whole, on the device: ids of shape (batch, columns).
        ids = torch.from_numpy(corpus.ids["train"].astype(np.int64)).to(self.device)
        self.rows = cut_rows(ids, settings.batch_size)
        self.windows = count_windows(len(ids), settings.batch_size, settings.num_steps)
        self.total_windows = total_windows(settings, self.windows)

        # The parts.
        word_counts = torch.bincount(ids, minlength=len(corpus.vocabulary))
        self.model = build_model(model, len(corpus.vocabulary))
        self.model.reset_parameters(settings.seed, word_counts.cpu())
        self.model.to(self.device).train()
        self.optimizer = build_optimizer(settings, self.model.named_weights().items())
        self.sampler = CandidateSampler(word_counts, settings.sampled_words)

        # Training state, which a checkpoint holds.
        self.epoch, self.window = 1, 0
        self.recurrent_state = self.model.zero_state(settings.batch_size)
        self.losses = Losses(self.device)
        self.dropout_stream = random_stream(settings.seed, "dropout", self.device)
        self.candidates_stream = random_stream(settings.seed, "candidates", self.device)
        self.best_epoch, self.best_valid_perplexity = 0, math.inf

        self.gradient_norm = torch.zeros((), device=self.device)
        self._step_graphs: dict[bool, StepGraph] = {}

    def checkpoint(self) -> Checkpoint:
        """Return everything that determines the rest of the training, besides settings and corpus."""
        tensors: dict[str, torch.Tensor] = {}
        tensors |= {f"{WEIGHTS}{name}": weights for name, weights in self.model.named_weights().items()}
        tensors |= {
            f"{STATE}{name}": part for name, part in zip(self.model.state_names, self.recurrent_state, strict=True)
        }
        tensors |= {f"{OPTIMIZER}{name}": tensor for name, tensor in self.optimizer.state_dict().items()}
        tensors |= {"cost_sum": self.losses.sum, "dropout_stream": self.dropout_stream.get_state()}
        tensors |= {"candidates_stream": self.candidates_stream.get_state()}
        best = self.best_valid_perplexity if self.best_epoch else None
        position = Position(
            epoch=self.epoch, window=self.window, best_epoch=self.best_epoch, best_valid_perplexity=best
        )
        return Checkpoint(tensors, position)

    def restore(self, checkpoint: Checkpoint) -> bool:
        """Restore what `checkpoint` returned; return False if its random streams are of another kind of device.

        Those can't be used here: new ones are made from the seed and the position. Raises `PtbtermError`, naming
        the file, if the checkpoint is of another training.
        """
        expected, tensors, position = self.checkpoint().tensors, checkpoint.tensors, checkpoint.position
        streams = {name for name in RANDOM_STREAMS if name in tensors}
        has_streams = all(tensors[name].shape == expected[name].shape for name in streams)
        checkpoint.check({name: like for name, like in expected.items() if has_streams or name not in streams})
        if position.window > self.windows:
            raise misfit(checkpoint.path, f"window {position.window} of {self.windows}.")

        load_weights(self.model, checkpoint)
        self.recurrent_state = tuple(tensors[f"{STATE}{name}"].to(self.device) for name in self.model.state_names)
        self.losses.sum = tensors["cost_sum"].to(self.device)
        self.optimizer.load_state_dict(checkpoint.named(OPTIMIZER))
        self.epoch, self.window = position.epoch, position.window
        self._step_graphs = {}  # a new one draws from the streams as they are now
        self.best_epoch = position.best_epoch
        if position.best_valid_perplexity is not None:
            self.best_valid_perplexity = position.best_valid_perplexity
        if not has_streams:
            place = f"after {self.windows_done} windows"
            self.dropout_stream = random_stream(self.settings.seed, f"dropout {place}", self.device)
            self.candidates_stream = random_stream(self.settings.seed, f"candidates {place}", self.device)
            return False
        try:
            self.dropout_stream.set_state(tensors["dropout_stream"])
            self.candidates_stream.set_state(tensors["candidates_stream"])
        except RuntimeError as error:
            raise misfit(checkpoint.path, "invalid state of a random stream.") from error
        return True

    def train_window(self) -> None:
        """Train on the next window of the epoch; nothing waits for the device."""
        inputs, targets = window(self.rows, self.window, self.settings.num_steps)
        self.losses.add(self.step(inputs, targets))
        self.window += 1

    def step(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Train on one window, (batch, steps); return its cost: nats, summed over steps, mean over the batch.

        The notebook differentiates this sum; `max_grad_norm` and the learning rate act on its scale.
        """
        # tour shows: step
        cost, self.recurrent_state = self.gradients_by()(inputs, targets, self.recurrent_state)
        self.gradient_norm = self.optimizer.step(self.rate, self.settings.max_grad_norm)

        return cost

    def gradients_by(self) -> Gradients:
        """Return what computes the gradients of the next window: `gradients`, on CUDA recorded as a graph."""
        if self.device.type != "cuda":
            return self.gradients
        is_sampled = self.is_sampled(self.windows_done)
        if is_sampled not in self._step_graphs:
            streams = (self.dropout_stream, self.candidates_stream)
            self._step_graphs = {is_sampled: StepGraph(self.gradients, self.model.parameters(), streams)}
        return self._step_graphs[is_sampled]

    def gradients(self, inputs: torch.Tensor, targets: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Compute the gradient of each weight; return the window's cost and the state after it."""
        # tour shows: gradients
        self.model.zero_grad()
        hidden, state = self.model(inputs, state, self.dropout_stream)
        nats = self.word_nats(hidden, targets)
        cost = nats.sum() / self.settings.batch_size
        cost.backward()  # type: ignore[no-untyped-call]

        # Truncated back-propagation: gradients stop at the window's start.
        return cost.detach(), tuple(part.detach() for part in state)

    def word_nats(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return each target's loss (nats), (batch * steps,); an estimate if the softmax is sampled."""
        if self.is_sampled(self.windows_done):
            candidates = self.sampler.draw(targets.reshape(-1), self.candidates_stream)
            return self.model.sampled_word_nats(hidden, candidates)
        return self.model.word_nats(hidden, targets)

    def begin_next_epoch(self) -> None:
        """Return to the start of the text, with a zero state."""
        self.epoch, self.window = self.epoch + 1, 0
        self.recurrent_state = self.model.zero_state(self.settings.batch_size)
        self.losses.reset()

    @property
    def windows_done(self) -> int:
        """The number of windows trained since the start of the run."""
        return (self.epoch - 1) * self.windows + self.window

    @property
    def is_finished(self) -> bool:
        """Whether all windows are trained and `begin_next_epoch` has closed the last epoch."""
        return not self.window and self.windows_done >= self.total_windows

    @property
    def has_more(self) -> bool:
        """Whether the epoch has windows left to train."""
        return self.window < self.windows and self.windows_done < self.total_windows

    @property
    def rate(self) -> float:
        """The learning rate of the next window."""
        return learning_rate(self.settings, self.windows_done, self.windows)

    def is_sampled(self, windows_done: int) -> bool:
        """Whether the window that follows `windows_done` windows uses the sampled softmax."""
        sampled = 0 < self.settings.sampled_words < self.model.vocabulary_size
        return sampled and windows_done < sampled_windows(self.settings, self.windows)

    @property
    def is_estimate(self) -> bool:
        """Whether the perplexity of this epoch is an estimate, by a sampled softmax."""
        return self.is_sampled((self.epoch - 1) * self.windows)

    def mean_nats(self) -> float:
        """Return the mean loss per word (nats) since the epoch began; raises `PtbtermError` if not finite."""
        return self.losses.mean_nats(self.epoch, self.window, self.settings.num_steps)

    def finite_gradient_norm(self) -> float:
        """Return the last gradient norm before clipping; raises `PtbtermError` if it is not finite."""
        norm = self.gradient_norm.item()
        if not math.isfinite(norm):
            raise diverged(self.epoch, self.window, f"the gradient's norm is {norm:.4g}")
        return norm

    @torch.no_grad()
    def check_finite(self) -> None:
        """Raise `PtbtermError` if the losses, the gradients or a loss with the present weights are not finite.

        The last window's own loss and gradient were computed before its update, so it is read once more.
        """
        self.mean_nats()
        self.finite_gradient_norm()
        inputs, targets = window(self.rows, self.window - 1, self.settings.num_steps)
        with evaluating(self.model):
            hidden, _ = self.model(inputs, self.recurrent_state)
            cost = self.model.word_nats(hidden, targets).sum() / self.settings.batch_size
        mean = (self.losses.sum + cost).item() / ((self.window + 1) * self.settings.num_steps)
        if not mean < MAX_NATS:
            raise diverged(self.epoch, self.window, f"the loss becomes {mean:.4g}")
