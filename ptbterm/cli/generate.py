"""`ptbterm generate`: text sampled from a model."""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm.cli.options import DeviceOption, FormOption, JsonOption, RunArgument, ThreadsOption
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
    form: FormOption = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Generate text that continues a prompt."""
    from ptbterm.cli.inputs import open_run
    from ptbterm.cli.threads import use_requested_threads

    use_requested_threads(threads)
    chosen = open_run(run)

    from ptbterm.corpus.marks import UNKNOWN
    from ptbterm.inference.generation import Sampling, detokenize
    from ptbterm.inference.trained_model import load_run  # torch: seconds

    trained = load_run(chosen, device or "auto", form)
    vocabulary, prompt = trained.vocabulary, _as_typed(prompt)
    sampling = Sampling(temperature, top_k, top_p, seed, excluded=() if unknown else (UNKNOWN,))
    prompt_words, columns = trained.draw(prompt, words, samples, sampling)

    def text_of(drawn: "Iterable[DrawnWord]") -> Iterator[str]:
        return detokenize(map(visible, chain(prompt_words, (vocabulary[word.id] for word in drawn))))

    if as_json:
        for drawn in zip(*columns, strict=True):
            print(_as_json(prompt, [vocabulary[word.id] for word in drawn], "".join(text_of(drawn)), drawn))
    else:
        _print_samples(columns, text_of)


def _as_json(prompt: str, words: list[str], text: str, drawn: "Iterable[DrawnWord]") -> str:
    log_probability = sum(word.log_probability for word in drawn)
    return to_json({"prompt": prompt, "words": words, "text": text, "log_probability": log_probability})


def _print_samples(
    columns: "Iterable[list[DrawnWord]]", text_of: "Callable[[Iterable[DrawnWord]], Iterator[str]]"
) -> None:
    """Print the first sample as it is drawn, then the others."""
    rest: list[list[DrawnWord]] = []
    for piece in text_of(_first_sample(columns, rest)):
        print(piece, end="", flush=True)
    print()
    for drawn in zip(*rest, strict=True):
        print(f"\n{''.join(text_of(drawn))}")


def _first_sample(columns: "Iterable[list[DrawnWord]]", rest: "list[list[DrawnWord]]") -> "Iterator[DrawnWord]":
    """Yield the words of the first sample as they are drawn, and collect those of the others."""
    for first, *others in columns:
        rest.append(others)
        yield first


def _as_typed(text: str) -> str:
    """Decode as UTF-8 an argument that the locale could not decode: Python has lone surrogates there."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text).decode(errors="surrogateescape")
    return text
