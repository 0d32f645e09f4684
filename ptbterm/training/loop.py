"""The epochs of a run in the order things happen: windows, progress, evaluation, checkpoint; then the test."""

import math
import time
from collections.abc import Callable

from ptbterm.checkpoints import check_size, load_checkpoint, load_weights
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import PtbtermError
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.floor import floor_perplexity
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.runs.events import EpochFinished, EpochStarted, Evaluated, Progress, RunFinished, RunStopped, Warned
from ptbterm.runs.journal import Journal
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState
from ptbterm.training.losses import diverged
from ptbterm.training.progress import ProgressMeter
from ptbterm.training.samples import sample_predictions
from ptbterm.training.saving import Saver
from ptbterm.training.schedules import learning_rate
from ptbterm.training.stopwatch import Stopwatch
from ptbterm.training.trainer import Trainer


class TrainingLoop:
    """Drives a trainer through the epochs of a run; appends events to its journal and saves checkpoints."""

    def __init__(
        self,
        run: Run,
        preset: str,
        corpus: EncodedCorpus,
        trainer: Trainer,
        *,
        journal: Journal,
        stop_requested: Callable[[], bool],
        past: RunState,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.run, self.preset, self.corpus = run, preset, corpus
        self.trainer, self.settings = trainer, trainer.settings
        self.journal, self.stop_requested = journal, stop_requested
        self.stopwatch = Stopwatch(clock, past.training_seconds)
        self.epoch_start_seconds = past.finished_epochs_seconds
        self.progress = ProgressMeter(trainer.windows, self.stopwatch)
        self.saver = Saver(run, journal, self.stopwatch, self.settings.save_minutes)

    def train(self) -> RunFinished | RunStopped:
        """Train until all epochs are done or a stop is requested; save the run either way."""
        while not self.trainer.is_finished:
            if not self.train_epoch():
                return self.stop()
            self.finish_epoch()
        return self.finish()

    def train_epoch(self) -> bool:
        """Train from the current window to the epoch's end; return False if a stop was requested before it."""
        trainer = self.trainer
        self.journal.append(EpochStarted(epoch=trainer.epoch, learning_rate=trainer.rate))
        self.progress.begin(trainer.window)
        with self.stopwatch.running():
            # tour shows: windows
            while trainer.has_more and not self.stop_requested():
                trainer.train_window()
                is_progress_due, is_save_due = self.progress.is_due(trainer.window), self.saver.is_due()
                if is_progress_due or is_save_due:
                    mean = trainer.mean_nats()  # waits for the device, which is still training, so the clock runs
                    with self.stopwatch.paused():
                        if is_progress_due:
                            self.append_progress(mean)
                        if is_save_due:
                            self.save()

            if trainer.window:
                trainer.mean_nats()  # waits for the windows that were only launched: they are training time
        return not trainer.has_more

    def append_progress(self, mean: float) -> None:
        """Append progress, and samples at each tenth of an epoch; `mean` is the loss per word (nats)."""
        trainer, settings = self.trainer, self.settings
        speeds = self.progress.speeds(trainer.window)
        words = settings.batch_size * settings.num_steps
        fraction = (trainer.window - 1) / trainer.windows
        is_tenth = self.progress.is_tenth(trainer.window)
        self.journal.append(
            Progress(
                epoch=trainer.epoch,
                fraction=fraction,
                window=trainer.window - 1,
                tenth=is_tenth,
                perplexity=math.exp(mean),
                estimate=trainer.is_estimate,
                loss=mean,
                words_per_second=speeds.mean * words,
                recent_words_per_second=speeds.recent * words,
                learning_rate=learning_rate(settings, trainer.windows_done - 1, trainer.windows),
                gradient_norm=trainer.finite_gradient_norm(),
                seconds_left=(trainer.total_windows - trainer.windows_done) / speeds.mean,
                training_seconds=self.stopwatch.seconds,
            )
        )
        if is_tenth:
            sample = sample_predictions(
                trainer.model, self.corpus.text_reader(), settings, epoch=trainer.epoch, fraction=fraction
            )
            if sample is not None:
                self.journal.append(sample)

    def finish_epoch(self) -> None:
        """Evaluate the valid split, append the epoch's event, begin the next epoch and save."""
        trainer = self.trainer
        train_perplexity = math.exp(trainer.mean_nats())
        valid = self.evaluate("valid", trainer.epoch)
        is_best = valid < trainer.best_valid_perplexity
        seconds = self.stopwatch.seconds - self.epoch_start_seconds
        words = trainer.window * self.settings.batch_size * self.settings.num_steps
        self.journal.append(
            EpochFinished(
                epoch=trainer.epoch,
                train_perplexity=train_perplexity,
                estimate=trainer.is_estimate,
                valid_perplexity=valid,
                words_per_second=words / seconds,
                training_seconds=seconds,
                best=is_best,
            )
        )
        if is_best:
            trainer.best_epoch, trainer.best_valid_perplexity = trainer.epoch, valid
        trainer.begin_next_epoch()
        self.epoch_start_seconds = self.stopwatch.seconds
        self.save(is_best=is_best)

    def finish(self) -> RunFinished:
        """Evaluate the test split with the weights of the best epoch, and end the run."""
        if self.saver.is_behind:
            self.save(is_end=True)
        self.load_best_weights()
        self.evaluate("test", self.trainer.best_epoch)
        finished = RunFinished(
            best_epoch=self.trainer.best_epoch,
            best_valid_perplexity=self.trainer.best_valid_perplexity,
            training_seconds=self.stopwatch.seconds,
            checkpoint=self.run.best_checkpoint.name,
        )
        self.journal.append(finished)
        return finished

    def load_best_weights(self) -> None:
        """Load the best epoch's weights; if their file is damaged or of another epoch, the last become best."""
        trainer = self.trainer
        try:
            words, batch_size = trainer.model.vocabulary_size, trainer.settings.batch_size
            check_size(self.run.best_checkpoint, trainer.model.settings, words, batch_size)
            best = load_checkpoint(self.run.best_checkpoint)
            if best.position.best_epoch != trainer.best_epoch:
                raise PtbtermError(f"Checkpoint {best.path} is not of epoch {trainer.best_epoch}.")  # noqa: TRY301
        except PtbtermError as error:
            self.journal.append(
                Warned(message=error.message, hint="The weights of the last epoch are used instead.")
            )
            trainer.best_epoch = trainer.epoch - 1
            trainer.best_valid_perplexity = self.evaluate("valid", trainer.best_epoch)
            self.save(is_best=True, is_end=True)
        else:
            load_weights(trainer.model, best)

    def stop(self) -> RunStopped:
        """Save between two windows and end the session."""
        self.save(is_end=True)
        stopped = RunStopped(
            epoch=self.trainer.epoch,
            window=self.trainer.window,
            training_seconds=self.stopwatch.seconds,
            checkpoint=self.run.last_checkpoint.name,
        )
        self.journal.append(stopped)
        return stopped

    def save(self, *, is_best: bool = False, is_end: bool = False) -> None:
        """Write a checkpoint; raises `PtbtermError` if the training diverged."""
        if self.trainer.window:
            self.trainer.check_finite()
        self.saver.save(self.trainer.checkpoint(), is_best=is_best, is_end=is_end)

    def evaluate(self, split: str, epoch: int) -> float:
        """Evaluate a split by the protocol of the settings, append the event, and return the perplexity.

        Raises `PtbtermError` if it is not finite.
        """
        corpus, protocol = self.corpus, self.settings.evaluation
        scorer = ModelScorer(self.trainer.model)
        score = evaluate(scorer, [corpus.ids[split]], protocol, corpus.vocabulary.unknown_id)
        if not math.isfinite(score.perplexity):
            raise diverged(epoch, self.trainer.window, f"the {split} perplexity is {score.perplexity:.4g}")
        self.journal.append(
            Evaluated(
                run=self.run.name,
                preset=self.preset,
                corpus=corpus.text.title,
                split=split,
                protocol=protocol,
                words=score.words,
                unknown_words=score.unknown_words,
                perplexity=score.perplexity,
                known_perplexity=score.known_perplexity,
                bits_per_word=score.bits_per_word,
                floor_perplexity=floor_perplexity(corpus.text, split, corpus.vocabulary, protocol),
                seconds=score.seconds,
                epoch=epoch,
            )
        )
        return score.perplexity
