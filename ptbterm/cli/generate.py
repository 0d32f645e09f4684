"""`ptbterm generate`: text drawn from a run's model."""

import os
from itertools import chain
from typing import Annotated

import typer

from ptbterm import locations
from ptbterm.cli.options import DeviceOption, JsonOption, RunArgument
from ptbterm.terminal.safe_text import to_json, visible


def command(
    run: RunArgument = None,
    prompt: Annotated[str, typer.Option(help="The words to go on from.")] = "",
    words: Annotated[int, typer.Option(min=1, help="How many words to draw.")] = 50,
    samples: Annotated[int, typer.Option(min=1, help="How many texts.")] = 1,
    temperature: Annotated[
        float, typer.Option(min=0, help="Below 1 likelier words, above 1 rarer ones; 0: the likeliest.")
    ] = 1.0,
    top_k: Annotated[int, typer.Option(min=0, help="Draw from the k likeliest words; 0: from all.")] = 0,
    top_p: Annotated[
        float, typer.Option(min=0, max=1, help="Draw from the likeliest words that have this probability.")
    ] = 1.0,
    unknown: Annotated[bool, typer.Option("--unknown/--no-unknown", help="Whether <unk> may be drawn.")] = True,
    seed: Annotated[int, typer.Option(help="The same seed draws the same text.")] = 1,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write text that goes on from a prompt."""
    from ptbterm.cli.notices import notice
    from ptbterm.runs.run import find_run

    found = find_run(locations.runs(), run)
    notice(f"Run: {found.name}")

    from ptbterm.corpus.tokenizer import read_words
    from ptbterm.inference.generation import Sampling, generate, spaced
    from ptbterm.inference.trained_model import load_run  # torch: seconds

    trained = load_run(found, device or "auto")
    vocabulary = trained.vocabulary
    prompt = _as_typed(prompt)
    prompt_words = read_words(prompt, vocabulary)
    context = [vocabulary.end_of_sentence_id, *(vocabulary.id_of(word) for word in prompt_words)]
    sampling = Sampling(temperature, top_k, top_p, seed, () if unknown else (vocabulary.unknown_id,))
    columns = generate(trained.model, context, words, samples, sampling)
    if samples == 1 and not as_json:
        for piece in spaced(map(visible, chain(prompt_words, (vocabulary[drawn.id] for (drawn,) in columns)))):
            print(piece, end="", flush=True)
        print()
        return
    for number, drawn in enumerate(zip(*columns, strict=True)):
        words_drawn = [vocabulary[one.id] for one in drawn]
        text = "".join(spaced(map(visible, chain(prompt_words, words_drawn))))
        if as_json:
            nats = sum(one.log_probability for one in drawn)
            sample = {"prompt": prompt, "words": words_drawn, "text": text, "log_probability": nats}
            print(to_json(sample))
        else:
            print(text if number == 0 else f"\n{text}")


def _as_typed(text: str) -> str:
    """Return an argument read as UTF-8 where the locale could not read it: Python has lone surrogates there."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text).decode(errors="surrogateescape")
    return text
