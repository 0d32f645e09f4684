"""A run whose every text is hostile: its name, its corpus, its words, its settings, its events, its log."""

from collections.abc import Container
from pathlib import Path

import msgspec
import tomli_w

from ptbterm.runs.events import Glimpse, NextWord, RunFailed, Warned, WatchedContext
from ptbterm.runs.journal import encode
from ptbterm.terminal.text.safe_text import acts
from tests.commands import train
from tests.examples.events import STARTED

WORDS = [
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b2J",
    "[red]",
    "[/]",
    "[/red]",
    "[@click=app.quit]x[/]",
    "\u202egpj.exe",
    "\u2066x",
    "\x7f",
    "a\u200db",
    "\U000e0041",
    "caf\u00e9",
    "\u4e2d\u6587",
    '"quoted',
    "=cmd|'/C",
]
"""None has a space: so each is a word of a corpus."""
NAME = "evil\x1b[31m[red]\u202e\n2"


def hostile_run(home: Path) -> Path:
    """Train a run, then give it the name and the events that no program of ours would give it."""
    folder = home.parent / f"texts {NAME}"
    folder.mkdir(parents=True)
    text = "\n".join(" ".join(WORDS[start:] + WORDS[:start]) for start in range(len(WORDS))) + "\n"
    for split, repeats in {"train": 6, "valid": 1, "test": 1}.items():
        (folder / f"{split}.txt").write_text(text * repeats, encoding="utf-8")
    preset = folder / f"{NAME}.toml"
    training = {"epochs": 1, "batch_size": 4, "num_steps": 5, "watched_contexts": [" ".join(WORDS), NAME]}
    corpus = {"tokenizer": "whitespace", "minimum_count": 1}
    settings = {"description": NAME, "corpus": corpus, "model": {"hidden_size": 8}, "training": training}
    preset.write_text(tomli_w.dumps(settings), encoding="utf-8")
    train(home, "--preset", preset, "--name", "evil", "--corpus", folder)
    run = (home / "runs" / "evil").rename(home / "runs" / NAME)
    ranked = tuple(NextWord(word, 0.05) for word in WORDS)
    with (run / "events.jsonl").open("ab") as log:
        for event in (
            msgspec.structs.replace(STARTED, run=NAME, preset=NAME, corpus=NAME, device=NAME),
            Glimpse(
                epoch=1,
                fraction=0.5,
                contexts=(WatchedContext(NAME, ranked), WatchedContext(" ".join(WORDS), ranked)),
                generated=" ".join(WORDS),
            ),
            Warned(message=NAME, hint=" ".join(WORDS)),
            RunFailed(reason=f"Failed: {NAME}", hint=" ".join(WORDS)),
        ):
            log.write(encode(event) + b"\n")
    (run / "trainer.log").write_text(f"{NAME}\n{' '.join(WORDS)}\n")
    return run


def harmless(output: str, but: Container[str] = "\n\t") -> bool:
    """Return whether an output has no effect on a terminal."""
    return not any(acts(character) for character in output if character not in but)
