"""`ptbterm chat`: a context a line in, the ranked next words out."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm import locations
from ptbterm.cli.options import DeviceOption, JsonOption, RunArgument
from ptbterm.terminal.safe_text import visible
from ptbterm.terminal.units import percent

if TYPE_CHECKING:
    from ptbterm.inference.predictor import Prediction


def command(
    run: RunArgument = None,
    candidates: Annotated[int, typer.Option("--candidates", "-k", min=1, help="How many next words.")] = 10,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read contexts, one a line, and rank the words that may come next."""
    from ptbterm.cli.notices import notice
    from ptbterm.runs.run import find_run

    found = find_run(locations.runs(), run)
    notice(f"Run: {found.name}")

    from ptbterm.inference.trained_model import load_run  # torch: seconds

    trained = load_run(found, device or "auto")
    if sys.stdin.isatty():
        notice("Type a context and Enter; Ctrl-D ends.")
    for line in sys.stdin:
        context = line.rstrip("\r\n")
        prediction = trained.predict(context, candidates)
        print(_json(context, prediction) if as_json else _ranking(context, prediction), flush=True)


def _ranking(context: str, prediction: "Prediction") -> str:
    words = (f"{visible(next_word.word)} {percent(next_word.probability)}" for next_word in prediction.next_words)
    return "\t".join([visible(context), *words])


def _json(context: str, prediction: "Prediction") -> str:
    words = [{"word": next_word.word, "probability": next_word.probability} for next_word in prediction.next_words]
    return json.dumps(
        {
            "context": context,
            "modelled_as": prediction.modelled_as,
            "next_words": words,
            "entropy_bits": prediction.entropy_bits,
        }
    )
