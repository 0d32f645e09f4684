"""Words a second of what a trained model is asked: evaluation, scores, generated text."""

from collections.abc import Callable
from functools import partial

import torch

from benchmarks.cuda.agreement import sentences
from benchmarks.cuda.bench import Bench
from benchmarks.cuda.report import Cell, Report
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.generation import generate
from ptbterm.inference.scoring import BatchScorer
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.language_model import LanguageModel


def tasks(bench: Bench, report: Report, presets: tuple[str, ...], generated: int) -> None:
    """Time each task once, the first preset on the CPU as well; that the models are untrained changes no work."""
    rows: list[list[Cell]] = []
    for preset in presets:
        model = bench.trainer(preset, device="cpu").model.eval()
        for device in (bench.device, torch.device("cpu")) if preset == presets[0] else (bench.device,):
            rows.append([preset, str(device), *_speeds(model.to(device), bench, generated)])
    columns = ("preset", "device", "eval, stream", "eval, notebook", "score", "generate", "generate 64 samples")
    report.add("Answers, words/s", columns, rows)


def _speeds(model: LanguageModel, bench: Bench, generated: int) -> list[Cell]:
    ids, vocabulary = bench.corpus.ids["test"], bench.corpus.vocabulary
    texts = sentences(bench, ids)
    work: dict[Callable[[], object], int] = {
        partial(evaluate, ModelScorer(model), [ids], "stream", vocabulary.unknown_id): len(ids),
        partial(evaluate, ModelScorer(model), [ids], "notebook", vocabulary.unknown_id): len(ids),
        partial(_score, model, bench, texts): sum(map(len, texts)),
        partial(_generate, model, bench, generated, 1): generated,
        partial(_generate, model, bench, generated, 64): 64 * generated,
    }
    _generate(model, bench, 5, 64)
    evaluate(ModelScorer(model), [ids[:2000]], "stream", vocabulary.unknown_id)
    return [round(words / bench.seconds_of(task)) for task, words in work.items()]


@torch.inference_mode()
def _score(model: LanguageModel, bench: Bench, texts: list[tuple[int, ...]]) -> None:
    BatchScorer(model, bench.corpus.vocabulary).score_separately(texts)


def _generate(model: LanguageModel, bench: Bench, words: int, samples: int) -> None:
    vocabulary = bench.corpus.vocabulary
    list(generate(model, vocabulary, [vocabulary.end_of_sentence_id], words, samples))
