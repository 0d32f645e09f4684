"""What is compared: an invented text, and commands that train on it and use the runs."""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Output = Literal["json", "exact", "numbers", "tables"]
"""How output is compared: as JSON lines, in every byte, by its numbers, or by those outside of paragraphs."""


RUN = "compared"


KNOWN = re.findall(
    r"\S+", "the company said its shares rose of fell N % chairman <unk> was an error this is old a to it"
)
TYPES = 1200


def write_text(folder: Path, evaluated: int) -> None:
    """Write random words with Zipf's frequencies: a train file, and valid and test files of `evaluated` words."""
    chance = random.Random(17)
    syllables = ["".join(pair) for pair in itertools.product("bdfgklmnprst", "aeiou")]
    made_up = ["".join(chance.sample(syllables, 3)) for _ in range(2 * TYPES)]
    words = [*KNOWN, *dict.fromkeys(made_up)][:TYPES]
    weights = [1 / (rank + 3) for rank in range(TYPES)]
    folder.mkdir(parents=True)
    for split, count in {"train": 12000, "valid": evaluated, "test": evaluated}.items():
        drawn = chance.choices(words, weights, k=count)
        if split == "train":
            drawn[:TYPES] = chance.sample(words, TYPES)
        lines = []
        while drawn:
            length = chance.randint(3, 20)
            lines.append(" ".join(drawn[:length]))
            drawn = drawn[length:]
        (folder / f"{split}.txt").write_text("\n".join(lines) + "\n")


SCORED = """The company said its shares rose 12 %.

this is an zyzzyva
its chairman was an error of the old company , it said .
the shares of the company fell N % to a <unk>
"""
PAIRS = "the company said its shares rose\tthe company said its error rose\nthis is old\tthis is zyzzyva\n"


@dataclass(frozen=True)
class Command:
    """A command line, and how its output is compared."""

    arguments: tuple[str, ...]
    output: Output
    stdin: str = ""


@dataclass(frozen=True)
class Case:
    """Commands that make and use one run, named `RUN`."""

    name: str
    commands: tuple[Command, ...]
    threads: tuple[int, ...] = (1, 2)


def train(preset: str, *settings: str, corpus: str = "text") -> Command:
    """Train `RUN`; three windows unless the settings say otherwise."""
    chosen = ("training.device=cpu", "training.windows=3", "training.minutes=0", *settings)
    options = itertools.chain.from_iterable(("--set", setting) for setting in chosen)
    return Command(
        ("train", "--preset", preset, "--corpus", corpus, "--name", RUN, "--view", "plain", *options), "numbers"
    )


SOFTMAXES = {
    "full": ("training.sampled_words=0",),
    "sampled": ("training.sampled_words=800", "training.full_softmax=0.34"),
}
DROPOUTS = {
    "no dropout": ("model.keep_prob=1.0",),
    "dropout by step": ("model.keep_prob=0.6", "model.dropout_mask=step"),
    "dropout by window": ("model.keep_prob=0.6", "model.dropout_mask=window"),
}
SIZES = {
    "notebook": (),
    "small": (),
    "medium": ("training.num_steps=12", "training.batch_size=8", "training.windows=2"),
    "minute": (),
    "fast": (),
    "demo": (),
}


def preset_cases() -> Iterator[Case]:
    """Every preset at its own hidden size, with both softmaxes, without dropout and with both kinds of masks."""
    for preset, size in SIZES.items():
        for (softmax, scored), (dropout, dropped) in itertools.product(SOFTMAXES.items(), DROPOUTS.items()):
            corpus = "short" if preset == "medium" else "text"
            trained = train(preset, *size, *scored, *dropped, corpus=corpus)
            yield Case(f"{preset}, {softmax}, {dropout}", (trained,))
    large = ("training.num_steps=6", "training.batch_size=5", "training.windows=2")
    full = train("large", *large, corpus="short")
    yield Case("large, full, dropout by step", (full,), threads=(2,))
    sampled = train("large", *large, *SOFTMAXES["sampled"], *DROPOUTS["no dropout"], corpus="short")
    yield Case("large, sampled, no dropout", (sampled,), threads=(1,))


TINY = ("model.hidden_size=24", "training.batch_size=8", "training.num_steps=12")
VARIANTS = {
    "one layer": ("model.num_layers=1",),
    "three layers": ("model.num_layers=3",),
    "shared cell": ("model.shared_cell=true",),
    "shared cell, dropout": ("model.shared_cell=true", "model.keep_prob=0.7"),
    "tied": ("model.tied=true",),
    "tied, sampled": ("model.tied=true", *SOFTMAXES["sampled"]),
    "residual, dropout": ("model.residual=true", "model.keep_prob=0.7"),
    "embedding scale, tied": ("model.embedding_scale=3.0", "model.tied=true"),
    "forget bias": ("model.forget_bias=1.0",),
    "unigram bias": ("model.output_bias=unigram",),
    "unigram bias, sampled": ("model.output_bias=unigram", *SOFTMAXES["sampled"]),
    "five steps": ("training.num_steps=5",),
    "five steps, dropout by window": ("training.num_steps=5", *DROPOUTS["dropout by window"]),
    "one row": ("training.batch_size=1",),
    "adamw, weight decay": (
        "training.optimizer=adamw",
        "training.learning_rate=0.01",
        "training.weight_decay=0.1",
    ),
    "cosine, warm-up": ("training.schedule=cosine", "training.warmup_windows=2", "training.final_rate=0.1"),
    "clipped": ("training.max_grad_norm=0.5",),
    "another seed": ("training.seed=7", "model.keep_prob=0.7"),
    "small vocabulary": ("corpus.vocabulary_size=200",),
    "minimum count": ("corpus.minimum_count=3",),
    "sampled throughout": ("training.sampled_words=800", "training.full_softmax=0.0"),
}


def variant_cases() -> Iterator[Case]:
    """One setting at a time, on a small model."""
    for name, settings in VARIANTS.items():
        yield Case(name, (train("small", *TINY, *settings),))
    rows = ("training.batch_size=20", "training.num_steps=24")
    epochs = (*rows, "training.windows=0", "training.epochs=3", "training.full_rate_epochs=1")
    for protocol in ("stream", "notebook"):
        evaluated = f"training.evaluation={protocol}"
        yield Case(
            f"three epochs, {protocol}", (train("small", *TINY, *epochs, evaluated, "model.keep_prob=0.8"),)
        )
    resumed = Command(("resume", RUN, "--view", "plain", "--set", "training.epochs=4"), "numbers")
    sampled = (*SOFTMAXES["sampled"], "training.schedule=cosine", "training.optimizer=adamw")
    yield Case("resumed", (train("small", *TINY, *epochs, "model.keep_prob=0.8"), resumed))
    yield Case(
        "resumed, sampled", (train("small", *TINY, *epochs, *sampled, "training.learning_rate=0.01"), resumed)
    )


SCORES = (
    (),
    ("--context", "stream"),
    ("--format", "jsonl"),
    ("--per-word",),
    ("--per-word", "--eos", "--context", "stream"),
    ("--guesses", "3"),
    ("--with", "entropy_reduction,frequency", "--eos"),
    ("--unknown", "uniform", "--unknown-types", "50"),
    ("--adapt",),
    ("--adapt", "--adapt-rate", "0.5", "--context", "stream"),
)
CONTEXTS = "the company said\nthis is an\nits zyzzyva , the\n\nof\n"


def uses() -> Iterator[Command]:
    """Everything that reads a trained run."""
    for options in SCORES:
        output: Output = "json" if "jsonl" in options else "exact"
        yield Command(("score", "--run", RUN, *options), output, SCORED)
    yield Command(("score", "--run", RUN, "--pairs"), "exact", PAIRS)
    for adapt in ("none", "cache", "dynamic", "both"):
        yield Command(("eval", RUN, "--adapt", adapt, "--json"), "json")
    yield Command(("eval", RUN, "--protocol", "notebook", "--split", "valid", "--json"), "json")
    yield Command(("eval", RUN, "--split", "train"), "numbers")
    yield Command(("generate", RUN, "--seed", "3", "--words", "40", "--samples", "3", "--json"), "json")
    yield Command(
        ("generate", RUN, "--prompt", "the company said", "--temperature", "0.7", "--top-k", "20"), "exact"
    )
    yield Command(
        ("generate", RUN, "--prompt", "this is", "--top-p", "0.5", "--no-unknown", "--words", "9"), "exact"
    )
    yield Command(("generate", RUN, "--temperature", "0", "--words", "9"), "exact")
    yield Command(("chat", RUN), "exact", CONTEXTS)
    yield Command(("chat", RUN, "--json", "-k", "25"), "json", CONTEXTS)
    yield Command(("runs", "list", "--json"), "json")
    yield Command(("runs", "show", RUN), "numbers")
    yield Command(("watch", RUN, "--view", "plain"), "numbers")
    yield Command(("watch", RUN, "--view", "json"), "json")


def used_cases() -> Iterator[Case]:
    """Runs that are evaluated, scored with, talked to and toured."""
    small = train("small", *TINY, "training.windows=40")
    tied = train("fast", *TINY, "training.windows=40", "training.sampled_words=300")
    notebook = train("notebook", *TINY, "training.windows=40")
    yield Case("use of small", (small, *uses()))
    yield Case("use of fast", (tied, *uses()), threads=(1,))
    yield Case("use of notebook", (notebook, *uses()), threads=(1,))
    tour = Command(("tour", "--run", RUN, "--view", "plain"), "tables")
    yield Case("tour of a run", (small, tour), threads=(1,))
    fresh = ("tour", "--corpus", "text")
    yield Case("tour in a pipe", (Command(fresh, "tables"), Command((*fresh, "--quiz"), "tables")), threads=(1,))
    demo = train("demo", "model.hidden_size=16", corpus="demo")
    yield Case("demo corpus", (demo, Command(("eval", RUN, "--json"), "json")), threads=(1,))


def all_cases() -> list[Case]:
    """Return the cases, each with a name of its own."""
    return [*used_cases(), *variant_cases(), *preset_cases()]
