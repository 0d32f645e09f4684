"""`ptbterm generate`: text sampled from a model."""

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm import environment
from ptbterm.cli.options import DeviceOption, JsonOption, RunArgument
from ptbterm.terminal.text.safe_text import to_json, visible

if TYPE_CHECKING:
    from ptbterm.inference.generation import DrawnWord


def command(
    run: RunArgument = None,
    prompt: Annotated[str, typer.Option(help="Words to continue.")] = "",
    words: Annotated[int, typer.Option(min=1, help="Number of words per sample.")] = 50,
    samples: Annotated[int, typer.Option(min=1, help="Number of samples.")] = 1,
    temperature: Annotated[
        float,
        typer.Option(min=0, help="Below 1 favors likely words, above 1 rare ones; 0 = always the most likely."),
    ] = 1.0,
    top_k: Annotated[int, typer.Option(min=0, help="Sample from the k most likely words; 0 = all.")] = 0,
    top_p: Annotated[
        float,
        typer.Option(min=0, max=1, help="Sample from the most likely words with this total probability; 1 = all."),
    ] = 1.0,
    unknown: Annotated[bool, typer.Option("--unknown/--no-unknown", help="Allow <unk>.")] = True,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 1,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Generate text that continues a prompt."""
    from ptbterm.cli.printing import notice
    from ptbterm.runs.catalog import find_run

    found = find_run(environment.runs(), run)
    notice(f"Run: {found.name}")

    from ptbterm.corpus.vocabulary import UNKNOWN
    from ptbterm.inference.generation import Sampling, detokenize
    from ptbterm.inference.trained_model import load_run  # torch: seconds

    trained = load_run(found, device or "auto")
    vocabulary, prompt = trained.vocabulary, _as_typed(prompt)
    sampling = Sampling(temperature, top_k, top_p, seed, excluded=() if unknown else (UNKNOWN,))
    prompt_words, columns = trained.draw(prompt, words, samples, sampling)

    def pieces(drawn: "Iterable[DrawnWord]") -> Iterator[str]:
        return detokenize(map(visible, chain(prompt_words, (vocabulary[one.id] for one in drawn))))

    if as_json:
        for drawn in zip(*columns, strict=True):
            sample = {
                "prompt": prompt,
                "words": [vocabulary[one.id] for one in drawn],
                "text": "".join(pieces(drawn)),
                "log_probability": sum(one.log_probability for one in drawn),
            }
            print(to_json(sample))
        return
    others: list[list[DrawnWord]] = []
    for piece in pieces(_first(columns, others)):
        print(piece, end="", flush=True)
    print()
    for drawn in zip(*others, strict=True):
        print(f"\n{''.join(pieces(drawn))}")


def _first(columns: "Iterable[list[DrawnWord]]", others: "list[list[DrawnWord]]") -> "Iterator[DrawnWord]":
    """Yield the words of the first sample as they are drawn, and collect those of the others."""
    for first, *rest in columns:
        others.append(rest)
        yield first


def _as_typed(text: str) -> str:
    """Decode as UTF-8 an argument that the locale could not decode: Python has lone surrogates there."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text).decode(errors="surrogateescape")
    return text
