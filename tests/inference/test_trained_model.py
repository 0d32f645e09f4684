"""Models read back from their runs."""

import itertools
import math
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

import ptbterm
from ptbterm.checkpoints import Checkpoint, Position, save_checkpoint
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.embeddings import read_word_vectors
from ptbterm.inference.generation import Sampling
from ptbterm.inference.predictor import Predictor
from ptbterm.inference.trained_model import load
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.catalog import create_run
from ptbterm.runs.run import Run
from ptbterm.settings.choices import Side
from ptbterm.settings.schema import ModelSettings
from ptbterm.terminal.text.hints import hint_for
from tests.examples import events

VOCABULARY = Vocabulary(["the", "<unk>", "<eos>", "N", "of"])
RECORD = replace(events.RECORD, model=ModelSettings(hidden_size=4, init_scale=1.0))


def trained(seed: int) -> LanguageModel:
    model = LanguageModel(RECORD.model, len(VOCABULARY))
    model.reset_parameters(seed)
    return model


def save(seed: int, path: Path) -> None:
    """The weights of `trained(seed)`, as they are after `seed` epochs."""
    weights = {f"model.{name}": tensor for name, tensor in trained(seed).named_weights().items()}
    position = Position(epoch=seed + 1, window=0, best_epoch=seed, best_valid_perplexity=100.0)
    save_checkpoint(Checkpoint(weights, position), path)


def make_run(home: Path, name: str, *, last: int, best: int | None = None) -> Run:
    run = create_run(home / "runs", name, RECORD, VOCABULARY.as_text())
    save(last, run.last_checkpoint)
    if best is not None:
        save(best, run.best_checkpoint)
    return run


def test_the_best_model_with_all_that_belongs_to_it(home: Path) -> None:
    run = make_run(home, "mine", last=7, best=5)
    model = load("mine")
    assert model.run == run
    assert model.record.settings == RECORD.settings
    assert list(model.vocabulary) == list(VOCABULARY)
    assert model.epochs == 5
    assert model.model.device == torch.device("cuda" if torch.cuda.is_available() else "cpu")
    assert not model.model.training
    for weight, expected in zip(model.model.parameters(), trained(5).parameters(), strict=True):
        assert torch.equal(weight.cpu(), expected)


def test_the_last_one_where_none_is_best_yet(home: Path) -> None:
    make_run(home, "mine", last=7)
    assert load("mine").epochs == 7


def test_it_predicts_as_the_model_that_was_saved(home: Path) -> None:
    make_run(home, "mine", last=3)
    model = load("mine", device="cpu")
    expected = Predictor(trained(3), VOCABULARY).predict("the Zyzzyva", 2)
    assert model.predict("the Zyzzyva", 2) == expected
    assert model.next_words("the Zyzzyva", 2) == list(expected.next_words)
    assert len(model.next_words("the")) == len(VOCABULARY)


def test_by_name_prefix_path_or_the_newest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha, beta = make_run(home, "alpha-1", last=1), make_run(home, "beta-2", last=2)
    os.utime(alpha.last_checkpoint, (2e9, 2e9))
    assert load("beta-2").run == beta
    assert load("b").run == beta
    assert load(beta.path).run == beta
    assert load(str(beta.path)).run == beta
    assert load().run == alpha
    monkeypatch.chdir(home)
    assert load("runs/beta-2").run.path == beta.path.resolve()


TRAIN_NEW = "Train a new run with the same settings: ptbterm train --preset"


def refusal(run: str | Path | None = None) -> str:
    with pytest.raises(PtbtermError) as error:
        load(run)
    return error.value.message


def test_runs_that_are_not_there(home: Path) -> None:
    assert refusal() == "No trained model found."
    assert refusal("mine").startswith("No run named 'mine' in ")
    make_run(home, "one-a", last=1)
    make_run(home, "one-b", last=1)
    assert refusal("one") == "'one' is ambiguous: it matches 2 runs: one-a, one-b."


def test_a_run_without_a_checkpoint(home: Path) -> None:
    make_run(home, "mine", last=1).last_checkpoint.unlink()
    assert refusal() == "No trained model found."
    assert refusal("mine") == "Run mine has no checkpoint yet."


@pytest.mark.parametrize(
    "file", ["settings.toml", "vocabulary.txt", "checkpoints/last.safetensors"], ids=lambda file: Path(file).name
)
@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xff\xfe\x00" * 100], ids=["empty", "garbage", "binary"])
def test_a_damaged_file_is_named(home: Path, file: str, damage: bytes) -> None:
    place = make_run(home, "mine", last=1).path / file
    place.write_bytes(damage)
    assert str(place) in refusal("mine")


def test_where_the_best_checkpoint_is_damaged_the_last_can_be_used(home: Path) -> None:
    run = make_run(home, "mine", last=1)
    run.best_checkpoint.write_bytes(b"garbage")
    with pytest.raises(PtbtermError) as error:
        load("mine")
    hint = f"To use last.safetensors instead, rename best.safetensors. {TRAIN_NEW} {run.settings_file}"
    assert hint_for(error.value) == hint
    run.best_checkpoint.rename(run.best_checkpoint.with_name("kept"))
    assert load("mine").run == run


def test_a_missing_vocabulary_is_named(home: Path) -> None:
    run = make_run(home, "mine", last=1)
    run.vocabulary_file.unlink()
    assert str(run.vocabulary_file) in refusal("mine")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hidden_size = 4", "hidden_size = 5"),
        ("hidden_size = 4", "hidden_size = 99999"),
        ("num_layers = 2", "num_layers = 3"),
        ("tied = false", "tied = true"),
        ("shared_cell = false", "shared_cell = true"),
    ],
)
def test_settings_of_another_model(home: Path, old: str, new: str) -> None:
    run = make_run(home, "mine", last=1)
    text = run.settings_file.read_text()
    assert old in text
    run.settings_file.write_text(text.replace(old, new))
    assert refusal("mine").startswith(f"Checkpoint {run.last_checkpoint} does not fit the settings of its run: ")


@pytest.mark.parametrize("words", ["the <unk> <eos> N", "the <unk> <eos> N to", "<unk> the <eos> N of"])
def test_a_vocabulary_of_another_run(home: Path, words: str) -> None:
    run = make_run(home, "mine", last=1)
    run.vocabulary_file.write_text(words.replace(" ", "\n") + "\n")
    assert refusal("mine") == f"{run.vocabulary_file} is not the vocabulary that run mine was trained with."


def test_runs_from_before_vocabularies_had_a_sum(home: Path) -> None:
    run = make_run(home, "mine", last=1)
    run.write_record(RECORD)
    assert list(load("mine").vocabulary) == list(VOCABULARY)
    run.vocabulary_file.write_text("the\n<unk>\n<eos>\nN\n")
    wanted = "model.embedding of shape [4, 4] (torch.float32)"
    assert refusal("mine").endswith(f": expected {wanted}, not [5, 4] (torch.float32).")


def test_a_device_that_is_not_there(home: Path) -> None:
    make_run(home, "mine", last=1)
    with pytest.raises(PtbtermError, match="cuda:99"):
        load("mine", device="cuda:99")


def test_load_is_the_packages_own(home: Path) -> None:
    make_run(home, "mine", last=1)
    assert isinstance(ptbterm.load("mine"), ptbterm.TrainedModel)


def test_surprisal_and_perplexity_agree_with_each_other(home: Path) -> None:
    make_run(home, "mine", last=3)
    model = load("mine", device="cpu")
    words = model.surprisal("the Zyzzyva\n\nof 12 of")
    assert [word.modelled_as for word in words] == ["the", "<unk>", "of", "N", "of"]
    nats = [-(word.log_probability or 0.0) for word in words]
    assert model.perplexity("the Zyzzyva\n\nof 12 of") == pytest.approx(math.exp(sum(nats) / 5))
    stream = model.surprisal("the Zyzzyva\nof 12 of", context="stream")
    assert stream[0].log_probability == pytest.approx(-nats[0])
    assert len(stream) == 5
    assert model.surprisal("the Zyzzyva\rof 12 of\r\n") == words
    with pytest.raises(PtbtermError, match="no words to score"):
        model.perplexity(" \n")


def test_text_continues_a_prompt(home: Path) -> None:
    make_run(home, "mine", last=3)
    model = load("mine", device="cpu")
    without_unknown, other_seed = Sampling(excluded=("<unk>",)), Sampling(excluded=("<unk>",), seed=2)
    text = model.generate("the Zyzzyva", words=20, sampling=without_unknown)
    assert text.startswith("the <unk>")
    assert "<unk>" not in text.removeprefix("the <unk>")
    assert text == model.generate("the Zyzzyva", words=20, sampling=without_unknown)
    assert text != model.generate("the Zyzzyva", words=20, sampling=other_seed)
    assert model.generate("of", 1, Sampling(temperature=0)).split()[-1] == model.next_words("of", 1)[0].word
    with pytest.raises(PtbtermError, match="does not know the word 'zyzzyva'"):
        model.generate("the", words=1, sampling=Sampling(excluded=("zyzzyva",)))


def answers(model: ptbterm.TrainedModel, context: str) -> tuple[list[object], dict[str, float]]:
    """All that a model can be asked: words, and numbers, whose last digits may depend on what was read before."""
    prediction = model.predict(context)
    numbers = {f"predicted {word.word}": word.probability for word in prediction.next_words}
    numbers |= {f"next {word.word}": word.probability for word in model.next_words(context)}
    numbers |= {f"word {place}": word.log_probability or 0 for place, word in enumerate(model.surprisal(context))}
    numbers |= {f"neighbor {word.word}": word.similarity for word in model.neighbors(context.split(maxsplit=1)[0])}
    numbers |= {"entropy": prediction.entropy_bits, "perplexity": model.perplexity(context)}
    return [prediction.modelled_as, model.generate(context, words=10)], numbers


def test_many_threads_may_ask_one_model(home: Path) -> None:
    make_run(home, "mine", last=3)
    model = load("mine", device="cpu")
    contexts = [" ".join(words) for words in itertools.product(["the", "of", "N"], repeat=4)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(partial(answers, model), contexts))
    alone = load("mine", device="cpu")
    for context, (words, numbers) in zip(contexts, together, strict=True):
        expected_words, expected_numbers = answers(alone, context)
        assert words == expected_words
        assert numbers == pytest.approx(expected_numbers, rel=1e-5)


def test_its_word_vectors(home: Path) -> None:
    make_run(home, "mine", last=3)
    model, weights = load("mine"), trained(3)
    of: dict[Side, torch.Tensor] = {
        "input": weights.embedding.detach(),
        "output": weights.softmax.weight.detach().t(),
    }
    assert np.array_equal(model.embedding("of"), of["input"][4].numpy())
    cosines = {side: torch.cosine_similarity(vectors[:4], vectors[4], dim=1) for side, vectors in of.items()}
    cosines["both"] = (cosines["input"] + cosines["output"]) / 2
    for side, expected in cosines.items():
        best, neighbors = expected.topk(2), model.neighbors("of", k=2, side=side)
        assert [neighbor.word for neighbor in neighbors] == [
            VOCABULARY[number] for number in best.indices.tolist()
        ]
        assert [neighbor.similarity for neighbor in neighbors] == pytest.approx(best.values.tolist(), abs=1e-6)
        assert read_word_vectors(model.run, side).neighbors("of", k=2) == neighbors


def test_an_unknown_side_is_an_error(home: Path) -> None:
    make_run(home, "mine", last=3)
    with pytest.raises(PtbtermError, match="side must be input, output or both, not 'outputs'"):
        load("mine").neighbors("of", side="outputs")  # type: ignore[arg-type]


def test_an_unknown_context_is_an_error(home: Path) -> None:
    make_run(home, "mine", last=3)
    model = load("mine")
    for ask in (model.surprisal, model.perplexity):
        with pytest.raises(PtbtermError, match="context must be sentence or stream, not 'streams'"):
            ask("the of", context="streams")  # type: ignore[arg-type]


def test_a_word_without_a_vector(home: Path) -> None:
    make_run(home, "mine", last=3)
    with pytest.raises(PtbtermError, match="'off'") as error:
        load("mine").embedding("off")
    assert error.value.hint == "Did you mean of?"


@pytest.mark.parametrize(
    ("file", "damage"), [("vocabulary.txt", "the\n<unk>\n<eos>\n"), ("checkpoints/last.safetensors", "garbage")]
)
def test_vectors_from_damaged_files(home: Path, file: str, damage: str) -> None:
    run = make_run(home, "mine", last=3)
    (run.path / file).write_text(damage)
    with pytest.raises(PtbtermError, match=re.escape(str(run.last_checkpoint))):
        read_word_vectors(run)


def test_the_precision_of_the_run_is_used(home: Path) -> None:
    """As its trainer does, so that `eval` and the trainer's own evaluation are equal."""
    before = torch.get_float32_matmul_precision()
    training = replace(RECORD.training, matmul_precision="medium")
    run = create_run(home / "runs", "medium", replace(RECORD, training=training), VOCABULARY.as_text())
    save(3, run.last_checkpoint)
    try:
        load("medium", device="cpu")
        assert torch.get_float32_matmul_precision() == "medium"
        make_run(home, "highest", last=3)
        load("highest", device="cpu")
        assert torch.get_float32_matmul_precision() == "highest"
    finally:
        torch.set_float32_matmul_precision(before)
