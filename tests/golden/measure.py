"""What the values in values.json are measured from, by command lines and files of runs alone.

`python tests/golden/measure.py` rewrites them after an intended change.
"""

import csv
import io
import json
import os
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from safetensors.numpy import load_file

VALUES = Path(__file__).with_name("values.json")
EXAMPLES = Path(__file__).parents[1] / "examples"
TEXT = EXAMPLES / "harbor"
RUNS = ("harbor", "harbor-fast")

Run = Callable[..., str]
"""Run `ptbterm ARGUMENTS...`, `stdin=` being what it reads, and return what it prints; it must succeed."""
Values = dict[str, Any]

PRESETS = ("notebook", "small", "medium", "large", "minute", "fast", "demo")
SOFTMAXES = {
    "full": ("training.sampled_words=0",),
    "sampled": ("training.sampled_words=60", "training.full_softmax=0.25"),
}
DROPOUTS = {
    "no dropout": ("model.keep_prob=1.0",),
    "dropout by step": ("model.keep_prob=0.7", "model.dropout_mask=step"),
    "dropout by window": ("model.keep_prob=0.7", "model.dropout_mask=window"),
}
TINY = (
    *("model.hidden_size=8", "training.batch_size=4", "training.num_steps=12"),
    *("training.windows=4", "training.minutes=0", "training.evaluation=stream"),
    *("training.device=cpu", "training.threads=1"),
)
TRAININGS = [(preset, softmax, dropout) for preset in PRESETS for softmax in SOFTMAXES for dropout in DROPOUTS]


def measure_training(run: Run, home: Path, preset: str, softmax: str, dropout: str) -> Values:
    """Train four windows with a preset at a tiny size; return the losses and the norms of the final weights."""
    settings = chain.from_iterable(("--set", key) for key in (*TINY, *SOFTMAXES[softmax], *DROPOUTS[dropout]))
    text = copy_text(home)
    run("train", "--preset", preset, "--corpus", text, "--name", "tiny", "--view", "none", *settings)
    place = home / "runs/tiny"
    events = read_events(place)
    weights = load_file(place / "checkpoints/last.safetensors")
    shutil.rmtree(place)
    return {
        "losses": [event["loss"] for event in events if event["kind"] == "progress"],
        "gradient norms": [event["gradient_norm"] for event in events if event["kind"] == "progress"],
        "valid perplexity": [event["valid_perplexity"] for event in events if event["kind"] == "epoch_finished"],
        "weight norms": {
            name: float(np.linalg.norm(tensor.astype(np.float64)))
            for name, tensor in sorted(weights.items())
            if name.startswith("model.")
        },
    }


SCORED = "The harbor master remembers the stars .\nthe zeppelin repairs N letters\n"
CONTEXTS = "the harbor master\nthis is an\nthe zeppelin\n"


def measure_example(run: Run, name: str) -> Values:
    """Score, evaluate, chat and generate with an example run."""
    return {
        "surprisal": surprisals(run("score", "--run", name, stdin=SCORED)),
        "surprisal, adapting": surprisals(run("score", "--run", name, "--adapt", "--eos", stdin=SCORED)),
        "perplexity": {
            adapt: json.loads(run("eval", name, "--adapt", adapt, "--json"))["perplexity"]
            for adapt in ("none", "cache", "dynamic", "both")
        },
        "perplexity, notebook": json.loads(
            run("eval", name, "--protocol", "notebook", "--split", "train", "--json")
        )["perplexity"],
        "chat": [
            {
                "bits": ranking["entropy_bits"],
                "probabilities": [word["probability"] for word in ranking["next_words"]],
            }
            for ranking in map(json.loads, run("chat", name, "--json", stdin=CONTEXTS).splitlines())
        ],
        "greedy text": json.loads(
            run("generate", name, "--prompt", "this is", "--temperature", "0", "--words", "6", "--json")
        )["text"],
    }


def surprisals(table: str) -> list[float]:
    """Return the column of surprisals."""
    return [float(row["surprisal_bits"]) for row in csv.DictReader(table.splitlines(), delimiter="\t")]


def measure_resumed(run: Run, home: Path, name: str) -> Values:
    """Resume an example run to its end; return the perplexities of its epochs and of the test text."""
    run("resume", name, "--view", "none")
    events = read_events(home / "runs" / name)
    return {
        "train perplexities": [event["train_perplexity"] for event in events if event["kind"] == "epoch_finished"],
        "valid perplexities": [event["valid_perplexity"] for event in events if event["kind"] == "epoch_finished"],
        "test perplexity": next(
            event["perplexity"] for event in events if event["kind"] == "evaluated" and event["split"] == "test"
        ),
    }


def read_events(run: Path) -> list[dict[str, Any]]:
    """Return the events of a run."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


def copy_text(home: Path) -> Path:
    """Copy the text of the examples to where its encoding may be written beside it; return the folder."""
    return Path(shutil.copytree(TEXT, home / "harbor", dirs_exist_ok=True))


def copy_examples(home: Path) -> None:
    """Copy the example runs and their text into a home, as if they had been trained there."""
    source = f"source = {json.dumps(str(copy_text(home)))}"
    for name in RUNS:
        shutil.copytree(EXAMPLES / "runs" / name, home / "runs" / name)
        settings = home / "runs" / name / "settings.toml"
        settings.write_text(re.sub(r"^source = .*$", lambda _: source, settings.read_text(), flags=re.M))


def run_here(*arguments: str | Path, stdin: str = "") -> str:
    """Run `ptbterm ARGUMENTS...` in this process; return what it prints, exit if it fails."""
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    sys.argv = ["ptbterm", *map(str, arguments)]
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            runpy.run_module("ptbterm", run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    return printed.getvalue()


def main() -> None:
    """Measure everything with the ptbterm of this Python and write values.json."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ |= {"PTBTERM_HOME": folder, "PTBTERM_OFFLINE": "1"}
        copy_examples(home)
        values = {
            "examples": {name: measure_example(run_here, name) for name in RUNS},
            "resumed": {name: measure_resumed(run_here, home, name) for name in RUNS},
            "trainings": {
                ", ".join(training): measure_training(run_here, home, *training) for training in TRAININGS
            },
        }
    VALUES.write_text(json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    main()
