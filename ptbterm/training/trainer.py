"""The training loop: the notebook's recipe, one window after another, from wherever a checkpoint left off."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.corpus.windows import count_windows, cut_rows, window
from ptbterm.errors import PtbtermError
from ptbterm.inference.evaluation import evaluate_split
from ptbterm.model.candidates import CandidateSampler
from ptbterm.model.checkpoint import (
    WEIGHTS,
    Checkpoint,
    Position,
    load_checkpoint,
    load_weights,
    save_checkpoint,
)
from ptbterm.model.device import choose_device, use_precision
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.model.stacked_lstm import LSTMState
from ptbterm.runs.events import (
    CheckpointSaved,
    EpochFinished,
    EpochStarted,
    Progress,
    RunFinished,
    RunStopped,
)
from ptbterm.runs.journal import Journal
from ptbterm.runs.run import Run, RunRecord
from ptbterm.runs.state import RunState
from ptbterm.training.glimpses import glimpse
from ptbterm.training.optimizers import build_optimizer
from ptbterm.training.schedules import learning_rate, sampled_windows, total_windows
from ptbterm.training.stopwatch import Moment, Stopwatch

REPORTS = 200
"""How often in an epoch progress is told: often enough for a live curve, too rarely to cost anything."""

OPTIMIZER = "optimizer."
"""What the names of the optimizer's tensors begin with in a checkpoint."""


class Trainer:
    """Trains the model of a run and tells its journal; what decides the future is in `state_dict`, all of it."""

    def __init__(
        self,
        run: Run,
        record: RunRecord,
        corpus: EncodedCorpus,
        *,
        journal: Journal,
        stop_requested: Callable[[], bool],
        known: RunState,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        # Given.
        self.run, self.record, self.corpus = run, record, corpus
        self.settings = record.training
        self.journal = journal
        self.stop_requested = stop_requested
        self.device = choose_device(self.settings.device)
        use_precision(self.settings.matmul_precision)

        # The corpus, whole, on the device: ids of shape (batch, columns).
        ids = torch.from_numpy(corpus.ids["train"].astype(np.int64)).to(self.device)
        self.rows = cut_rows(ids, self.settings.batch_size)
        self.windows = count_windows(len(ids), self.settings.batch_size, self.settings.num_steps)
        self.total_windows = total_windows(self.settings, self.windows)

        # The parts.
        word_counts = torch.bincount(ids, minlength=len(corpus.vocabulary))
        self.model = LanguageModel(record.model, len(corpus.vocabulary))
        self.model.reset_parameters(self.settings.seed, word_counts.cpu())
        self.model.to(self.device).train()
        self.optimizer = build_optimizer(self.settings, self.model.named_parameters())
        self.sampler = CandidateSampler(word_counts, self.settings.sampled_words)

        # Training state: what a checkpoint holds.
        self.epoch, self.window = 1, 0
        self.lstm_state = self.model.zero_state(self.settings.batch_size)
        self.cost_sum = torch.zeros((), dtype=torch.float64, device=self.device)
        self.dropout_stream = random_stream(self.settings.seed, "dropout", self.device)
        self.candidates_stream = random_stream(self.settings.seed, "candidates", self.device)
        self.best_epoch, self.best_valid_perplexity = 0, math.inf

        # Time, which decides nothing.
        self.stopwatch = Stopwatch(clock, known.training_seconds)
        self.epoch_began = known.finished_epochs_seconds
        self.session_began = self.reported = Moment(self.stopwatch.seconds, 0)

    def state_dict(self) -> Checkpoint:
        """Return everything that decides how training goes on, beside the settings and the corpus."""
        tensors = {f"{WEIGHTS}{name}": tensor for name, tensor in self.model.state_dict().items()}
        tensors |= {"lstm_state.h": self.lstm_state.h, "lstm_state.c": self.lstm_state.c}
        tensors |= {f"{OPTIMIZER}{name}": tensor for name, tensor in self.optimizer.state_dict().items()}
        tensors |= {"cost_sum": self.cost_sum, "dropout_stream": self.dropout_stream.get_state()}
        tensors |= {"candidates_stream": self.candidates_stream.get_state()}
        best = self.best_valid_perplexity if self.best_epoch else None
        position = Position(
            epoch=self.epoch, window=self.window, best_epoch=self.best_epoch, best_valid_perplexity=best
        )
        return Checkpoint(tensors, position)

    def load_state_dict(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint: the reverse of `state_dict`."""
        tensors, position = checkpoint.tensors, checkpoint.position
        load_weights(self.model, checkpoint)
        h, c = (tensors[f"lstm_state.{name}"].to(self.device) for name in ("h", "c"))
        self.lstm_state = LSTMState(h, c)
        self.cost_sum = tensors["cost_sum"].to(self.device)
        self.optimizer.load_state_dict(checkpoint.named(OPTIMIZER))
        self.dropout_stream.set_state(tensors["dropout_stream"])
        self.candidates_stream.set_state(tensors["candidates_stream"])
        self.epoch, self.window = position.epoch, position.window
        self.best_epoch = position.best_epoch
        if position.best_valid_perplexity is not None:
            self.best_valid_perplexity = position.best_valid_perplexity

    def train(self) -> RunFinished | RunStopped:
        """Train until all epochs are done, or until asked to stop; the run is saved either way."""
        while self.windows_done < self.total_windows:
            if not self.train_epoch():
                return self.stop()
            self.finish_epoch()
        return self.finish()

    def train_epoch(self) -> bool:
        """Train from the current window to the epoch's end; False if asked to stop before it."""
        self.journal.append(EpochStarted(epoch=self.epoch, learning_rate=self.rate))
        self.session_began = self.reported = self.moment
        with self.stopwatch.running():
            while self.window < self.windows and self.windows_done < self.total_windows:
                if self.stop_requested():
                    return False
                inputs, targets = window(self.rows, self.window, self.settings.num_steps)
                self.cost_sum += self.step(inputs, targets)
                self.window += 1
                if self.report_is_due():
                    with self.stopwatch.paused():
                        self.report_progress()
        return True

    def step(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Learn from one window, (batch, steps); return its cost: nats, summed over steps, mean over the batch.

        The notebook differentiates this sum; `max_grad_norm` and the learning rate act on its scale.
        """
        self.model.zero_grad()
        hidden, state = self.model(inputs, self.lstm_state, self.dropout_stream)
        self.lstm_state = state.detach()  # truncated back-propagation: gradients stop at the window's start
        if self.is_sampled(self.windows_done):
            candidates = self.sampler.draw(targets.reshape(-1), self.candidates_stream)
            nats = self.model.sampled_word_nats(hidden, candidates)
        else:
            nats = self.model.word_nats(hidden, targets)
        cost = nats.sum() / self.settings.batch_size
        cost.backward()  # type: ignore[no-untyped-call]
        self.gradient_norm = self.optimizer.step(self.rate, self.settings.max_grad_norm)
        return cost.detach()

    @property
    def windows_done(self) -> int:
        """Windows trained since the start of the run."""
        return (self.epoch - 1) * self.windows + self.window

    @property
    def rate(self) -> float:
        """The learning rate of the next window."""
        return learning_rate(self.settings, self.windows_done, self.windows)

    def is_sampled(self, windows_done: int) -> bool:
        """Whether the softmax of the window after so many is a sampled one."""
        sampled = 0 < self.settings.sampled_words < self.model.vocabulary_size
        return sampled and windows_done < sampled_windows(self.settings, self.windows)

    @property
    def moment(self) -> Moment:
        """How far the epoch is, and the seconds of training so far."""
        return Moment(self.stopwatch.seconds, self.window)

    def report_is_due(self) -> bool:
        """Whether to read the losses from the device here: `REPORTS` times in an epoch, and at its tenths."""
        return (self.window - 1) % max(self.windows // REPORTS, 1) == 0 or self.is_tenth()

    def is_tenth(self) -> bool:
        """Whether the notebook prints here: after step i (from 0) where i % (windows // 10) == 10."""
        every = max(self.windows // 10, 1)
        return (self.window - 1) % every == 10 % every

    def report_progress(self) -> None:
        """Read the losses from the device, which nothing else in the epoch does, and tell the journal."""
        now = self.moment
        windows_per_second = now.windows_per_second_since(self.session_began)
        recent = now.windows_per_second_since(self.reported)
        self.reported = now
        words = self.settings.batch_size * self.settings.num_steps
        mean = self.mean_nats()
        fraction = (self.window - 1) / self.windows
        self.journal.append(
            Progress(
                epoch=self.epoch,
                fraction=fraction,
                window=self.window - 1,
                tenth=self.is_tenth(),
                perplexity=math.exp(mean),
                estimate=self.is_estimate,
                loss=mean,
                words_per_second=windows_per_second * words,
                recent_words_per_second=recent * words,
                learning_rate=learning_rate(self.settings, self.windows_done - 1, self.windows),
                gradient_norm=self.finite_gradient_norm(),
                seconds_left=(self.total_windows - self.windows_done) / windows_per_second,
                training_seconds=now.seconds,
            )
        )
        if self.is_tenth():
            self.journal.append(
                glimpse(self.model, self.corpus.vocabulary, self.settings, epoch=self.epoch, fraction=fraction)
            )
            self.model.train()

    @property
    def is_estimate(self) -> bool:
        """Whether a sampled softmax makes the perplexity since the epoch began an estimate."""
        return self.is_sampled((self.epoch - 1) * self.windows)

    def finite_gradient_norm(self) -> float:
        """Return the last gradients' norm before they were clipped; raises `PtbtermError` if it is no number."""
        norm = self.gradient_norm.item()
        if not math.isfinite(norm):
            raise self.diverged(f"the gradient's norm is {norm:.4g}")
        return norm

    def mean_nats(self) -> float:
        """Return the mean loss a word (nats) since the epoch began; raises `PtbtermError` if it is no number."""
        mean = self.cost_sum.item() / (self.window * self.settings.num_steps)
        if not mean < math.log(1e300):
            raise self.diverged(f"the loss is {mean:.4g}")
        return mean

    def diverged(self, sign: str) -> PtbtermError:
        """Return the error that ends a training whose numbers have left all bounds."""
        return PtbtermError(
            f"Training diverged: after window {self.window} of epoch {self.epoch} {sign}.",
            "Lower training.learning_rate or training.max_grad_norm; the last checkpoint is untouched.",
        )

    def finish_epoch(self) -> None:
        """Score the valid split, tell the journal, move on to the next epoch's start and save."""
        train_perplexity = math.exp(self.mean_nats())
        valid = self.evaluate("valid", self.epoch)
        is_best = valid < self.best_valid_perplexity
        seconds = self.stopwatch.seconds - self.epoch_began
        words = self.window * self.settings.batch_size * self.settings.num_steps
        self.journal.append(
            EpochFinished(
                epoch=self.epoch,
                train_perplexity=train_perplexity,
                estimate=self.is_estimate,
                valid_perplexity=valid,
                words_per_second=words / seconds,
                training_seconds=seconds,
                best=is_best,
            )
        )
        if is_best:
            self.best_epoch, self.best_valid_perplexity = self.epoch, valid
        self.epoch, self.window = self.epoch + 1, 0
        self.lstm_state = self.model.zero_state(self.settings.batch_size)
        self.cost_sum.zero_()
        self.epoch_began = self.stopwatch.seconds
        if is_best:
            self.save(self.run.best_checkpoint)
        self.save(self.run.last_checkpoint)  # second, for it says that best is there

    def finish(self) -> RunFinished:
        """Score the test split with the weights of the best epoch, and end the run."""
        best = load_checkpoint(self.run.best_checkpoint)
        load_weights(self.model, best)
        self.evaluate("test", self.best_epoch)
        finished = RunFinished(
            best_epoch=self.best_epoch,
            best_valid_perplexity=self.best_valid_perplexity,
            training_seconds=self.stopwatch.seconds,
            checkpoint=self.run.best_checkpoint.name,
        )
        self.journal.append(finished)
        return finished

    def stop(self) -> RunStopped:
        """Save between two windows, and end the session."""
        if self.window:
            self.mean_nats()
        self.save(self.run.last_checkpoint)
        stopped = RunStopped(
            epoch=self.epoch,
            window=self.window,
            training_seconds=self.stopwatch.seconds,
            checkpoint=self.run.last_checkpoint.name,
        )
        self.journal.append(stopped)
        return stopped

    def evaluate(self, split: str, epoch: int) -> float:
        """Score a split as the settings say, tell the journal, and return the perplexity.

        Raises `PtbtermError` if it is no number.
        """
        evaluated = evaluate_split(
            self.model,
            self.corpus.vocabulary,
            [self.corpus.ids[split]],
            text=self.corpus.text,
            split=split,
            protocol=self.settings.evaluation,
            run=self.run.name,
            preset=self.record.preset,
            epoch=epoch,
        )
        if not math.isfinite(evaluated.perplexity):
            raise self.diverged(f"the {split} perplexity is {evaluated.perplexity:.4g}")
        self.journal.append(evaluated)
        return evaluated.perplexity

    def save(self, path: Path) -> None:
        """Write a checkpoint and tell the journal."""
        save_checkpoint(self.state_dict(), path)
        self.journal.append(CheckpointSaved(checkpoint=path.name, epoch=self.epoch, window=self.window))
