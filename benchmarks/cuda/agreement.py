"""The device against the CPU, against itself, after a resume, and without waits."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.cuda.bench import Bench, by_calls
from benchmarks.cuda.report import Cell, Report
from ptbterm.checkpoints import load_checkpoint, save_checkpoint
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.scoring import BatchScorer, Ids, TokenScores
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.choices import Protocol
from ptbterm.training.trainer import Trainer

EXACT = ("model.keep_prob=1", "training.sampled_words=0")
"""Without random draws, which differ from device to device."""
PROTOCOLS: tuple[Protocol, ...] = ("stream", "notebook")
LOSSES_OF = ("notebook", "small", "fast", "medium")
WAITING = ("notebook", "medium", "fast")
"""All ways through a step: SGD and AdamW, the full and the sampled softmax, dropout."""
RESUMED = ("notebook", "small", "fast", "medium")


def losses(bench: Bench, report: Report, windows: int) -> None:
    """Compare the loss of each window with the CPU's, from the same weights on."""
    columns = ("preset", "first loss, CPU", "last loss, CPU", "first window", "first quarter, largest", "largest")
    with report.table(
        f"Losses of {windows} windows against the CPU's, float32: relative difference", columns
    ) as rows:
        for preset in LOSSES_OF:
            own, cpu = (
                window_losses(bench.trainer(preset, *EXACT, device=device), windows)
                for device in (str(bench.device), "cpu")
            )
            apart = np.abs(own / cpu - 1)
            rows.append([preset, cpu[0], cpu[-1], apart[0], apart[: windows // 4].max(), apart.max()])


def window_losses(trainer: Trainer, windows: int) -> npt.NDArray[np.float64]:
    """Train that many windows and return the loss of each in nats per word."""
    sums = []
    for _ in range(windows):
        trainer.train_window()
        sums.append(trainer.losses.sum.item())
    losses: npt.NDArray[np.float64] = np.diff([0.0, *sums]) / trainer.settings.num_steps
    return losses


def answers(bench: Bench, report: Report, windows: int, words: int) -> None:
    """Compare perplexities and surprisals of one model on both devices."""
    trainer = bench.trainer("small", device="cpu")
    for _ in range(windows):
        trainer.train_window()
    model, ids = trainer.model.eval(), bench.corpus.ids["test"][:words]
    results = []
    for device in (torch.device("cpu"), bench.device):
        model.to(device)
        perplexities = [_perplexity(model, bench, ids, protocol) for protocol in PROTOCOLS]
        results.append((perplexities, _surprisals(model, bench, ids)))
    (on_cpu, cpu), (on_device, own) = results
    rows: list[list[Cell]] = [
        [f"perplexity, {protocol}", ours, theirs, abs(ours / theirs - 1)]
        for protocol, ours, theirs in zip(PROTOCOLS, on_device, on_cpu, strict=True)
    ]
    rows.append(
        [f"surprisal of {len(own)} words, nats", own[:, 0].sum(), cpu[:, 0].sum(), np.abs(own - cpu)[:, 0].max()]
    )
    rows.append(["ranks that differ", int((own[:, 1] != cpu[:, 1]).sum()), 0, np.abs(own - cpu)[:, 1].max()])
    columns = ("what", str(bench.device), "CPU", "largest difference")
    report.add(f"A small model after {windows} windows, evaluated and scored", columns, rows)


def _perplexity(model: LanguageModel, bench: Bench, ids: npt.NDArray[np.int32], protocol: Protocol) -> float:
    return evaluate(ModelScorer(model), [ids], protocol, bench.corpus.vocabulary.unknown_id).perplexity


@torch.inference_mode()
def _surprisals(model: LanguageModel, bench: Bench, ids: npt.NDArray[np.int32]) -> TokenScores:
    reader = BatchScorer(model, bench.corpus.vocabulary)
    return np.concatenate(reader.score_separately(sentences(bench, ids)))


def sentences(bench: Bench, ids: npt.NDArray[np.int32]) -> list[Ids]:
    """Cut ids into sentences that end with `<eos>`; what follows the last end is dropped."""
    ends = np.flatnonzero(ids == bench.corpus.vocabulary.end_of_sentence_id) + 1
    return [tuple(part.tolist()) for part in np.split(ids, ends)[:-1]]


def resuming(bench: Bench, report: Report, windows: int) -> None:
    """Train twice, without the graph, and in two halves with a checkpoint between; compare checkpoints."""
    columns = ("preset", "trained again", "without the graph", "saved and resumed")
    with report.table(f"Bits after {windows} windows: the greatest difference in a checkpoint", columns) as rows:
        for preset in RESUMED:
            whole, again, called, halves = (bench.trainer(preset) for _ in range(4))
            for trainer in (whole, again):
                _learn(trainer, windows)
            _learn_by_calls(called, windows)
            _learn(halves, windows // 2)
            save_checkpoint(halves.checkpoint(), bench.folder / "half.safetensors")
            resumed = bench.trainer(preset)
            resumed.restore(load_checkpoint(bench.folder / "half.safetensors"))
            _learn(resumed, windows - windows // 2)
            rows.append([preset, *(difference(whole, other) for other in (again, called, resumed))])


def _learn(trainer: Trainer, windows: int) -> None:
    for _ in range(windows):
        trainer.train_window()


def _learn_by_calls(trainer: Trainer, windows: int) -> None:
    trainer.step = by_calls(trainer)  # type: ignore[method-assign, assignment]
    _learn(trainer, windows)


def difference(one: Trainer, other: Trainer) -> Cell:
    """Return "none" if two trainers would write the same checkpoint, else the greatest difference of a number."""
    ours, theirs = one.checkpoint().tensors, other.checkpoint().tensors
    apart = [
        (tensor.double() - theirs[name].double()).abs().max().item() if tensor.numel() else 0.0
        for name, tensor in ours.items()
        if not torch.equal(tensor, theirs[name])
    ]
    return max(map(_number, apart)) if apart else "none"


def _number(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def waits(bench: Bench, report: Report) -> None:
    """Train windows while torch makes every wait of the host for the device an error."""
    with report.table("Waits of the host for the device in 5 windows", ("preset", "waits")) as rows:
        for preset in WAITING:
            trainer = bench.trainer(preset)
            _learn(trainer, 5)
            calls = bench.trainer(preset)
            _learn_by_calls(calls, 5)
            with waits_raise():
                _learn(trainer, 5)
                _learn(calls, 5)
            rows.append([preset, 0])


@contextmanager
def waits_raise() -> Iterator[None]:
    """Make torch raise where the host waits for the device."""
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")
