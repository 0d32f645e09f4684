"""What every section measures with: the corpus, the device, and trainers and programs on it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

import torch

from benchmarks import ours
from benchmarks.pace import Step, Windows, seconds_for
from benchmarks.textbook import Textbook
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.settings.schema import Settings
from ptbterm.training.trainer import Trainer

WARM_UP = 8
"""Windows before a clock starts: libraries set themselves up, and our step is recorded."""


@dataclass(frozen=True)
class Bench:
    """A corpus and a device; `changes` are settings that hold for all presets."""

    corpus: EncodedCorpus
    device: torch.device
    folder: Path
    changes: tuple[str, ...] = ()
    seconds: float = 0.4

    @property
    def is_cuda(self) -> bool:
        """Whether there are kernels, launches and device memory to count."""
        return self.device.type == "cuda"

    def settings(self, preset: str, *changes: str, device: str = "") -> Settings:
        """Return a preset's settings for the device, or for another."""
        place = f"training.device={device or self.device}"
        return ours.settings(preset, *self.changes, *changes, place).settings

    def trainer(self, preset: str, *changes: str, device: str = "") -> Trainer:
        """Return a trainer at its start."""
        settings = self.settings(preset, *changes, device=device)
        return Trainer(settings.model, settings.training, self.corpus)

    def textbook(self, preset: str) -> Textbook:
        """Return the textbook program at a preset's sizes."""
        model = self.settings(preset).model
        with self.device:
            return Textbook(len(self.corpus.vocabulary), model.hidden_size, model.num_layers, model.keep_prob)

    def same_settings(self, preset: str) -> Textbook:
        """Return the same program with the preset's own optimizer, torch's fused one, and its tied weights."""
        program, settings = self.textbook(preset), self.settings(preset)
        if settings.model.tied:
            program.decoder.weight = program.embedding.weight
        kinds: dict[str, Callable[..., torch.optim.Optimizer]] = {
            "sgd": torch.optim.SGD,
            "adamw": partial(torch.optim.AdamW, weight_decay=settings.training.weight_decay),
        }
        parameters = program.parts.parameters()
        program.optimizer = kinds[settings.training.optimizer](parameters, lr=1e-3, fused=True)
        return program

    def synchronize(self) -> None:
        """Wait until the device has done everything."""
        if self.is_cuda:
            torch.cuda.synchronize(self.device)

    def count_for(self, step: Step, windows: Windows) -> int:
        """Warm a step up, and return how many windows fill the seconds of a measurement."""
        seconds_for(WARM_UP, step, windows)
        return max(3, int(self.seconds / (seconds_for(5, step, windows) / 5)))

    def seconds_of(self, task: Callable[[], object]) -> float:
        """Return the seconds that a task takes, until the device has done it."""
        self.synchronize()
        started = time.perf_counter()
        task()
        self.synchronize()
        return time.perf_counter() - started


def by_calls(trainer: Trainer) -> Step:
    """Return a trainer's step without the recorded graph: every kernel is launched by a call of its own."""

    def step(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        cost, trainer.recurrent_state = trainer.gradients(inputs, targets, trainer.recurrent_state)
        trainer.gradient_norm = trainer.optimizer.step(trainer.rate, trainer.settings.max_grad_norm)
        return cost

    return step


def made_up_text(folder: Path, types: int = 9_998, words: int = 400_000) -> Path:
    """Write sentences of words drawn by Zipf's law, where no corpus is given; each word comes at least once."""
    chance = random.Random(1)
    names = [f"w{number}" for number in range(types)]
    shares = list(accumulate(1 / (number + 3) for number in range(types)))
    for split, count in {"train": words, "valid": words // 10, "test": words // 10}.items():
        drawn = [*(names if split == "train" else ()), *chance.choices(names, cum_weights=shares, k=count)]
        lines = [" ".join(drawn[first : first + 20]) for first in range(0, len(drawn), 20)]
        (folder / f"{split}.txt").write_text("\n".join(lines))
    return folder
