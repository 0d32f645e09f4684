"""`ptbterm chat`: ranked next words for a typed context."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm import environment
from ptbterm.cli.options import (
    DeviceOption,
    FormOption,
    JsonOption,
    MouseOption,
    RunArgument,
    ScreenViewOption,
    ThreadsOption,
)
from ptbterm.errors import PtbtermError
from ptbterm.terminal.text.numbers import percent, short_perplexity
from ptbterm.terminal.text.safe_text import to_json, visible

if TYPE_CHECKING:
    from ptbterm.inference.predictor import Prediction
    from ptbterm.runs.run import Run
    from ptbterm.runs.state import RunState
    from ptbterm.settings.choices import Form
    from ptbterm.terminal.screens.chat.model_info import ModelInfo


def command(
    run: RunArgument = None,
    candidates: Annotated[int, typer.Option("--candidates", "-k", min=1, help="Number of next words.")] = 10,
    form: FormOption = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
    view: ScreenViewOption = "auto",
    mouse: MouseOption = True,
) -> None:
    """Type a context and see the ranked next words after every key; from a pipe, read one per line."""
    from ptbterm.cli.inputs import open_run
    from ptbterm.cli.printing import notice
    from ptbterm.cli.screens import chosen_view
    from ptbterm.cli.threads import use_requested_threads

    on_screen = not as_json and chosen_view(view) == "tui"
    if run is None and on_screen:
        _offer_the_demo()
    chosen = open_run(run)
    if on_screen:
        _open_chat(chosen, device or "auto", form, threads, mouse=mouse)
        return

    from ptbterm.inference.trained_model import load_run  # torch: seconds

    use_requested_threads(threads)
    trained = load_run(chosen, device or "auto", form)
    if sys.stdin.isatty():
        notice("Type a context and press Enter; Ctrl-D leaves.")
    for context in _typed():
        prediction = trained.predict(context, candidates)
        print(_json(context, prediction) if as_json else _ranking(context, prediction), flush=True)


def _typed() -> Iterator[str]:
    """Yield the lines of stdin; a pipe is read as a file is, a terminal has the locale's encoding."""
    if sys.stdin.isatty():
        yield from _typed_on_a_terminal(sys.stdin.encoding)
        return
    from ptbterm.corpus.decoding import decoded_lines
    from ptbterm.corpus.text_lines import text_lines

    for _, line in decoded_lines(text_lines(sys.stdin.buffer, "stdin"), "stdin"):
        yield line.rstrip("\r\n")


def _typed_on_a_terminal(encoding: str) -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            yield line.decode(encoding).rstrip("\r\n")
        except UnicodeDecodeError as error:
            place = f"line {number}, byte {error.start + 1} is 0x{line[error.start]:02x}"
            raise PtbtermError(f"stdin is not valid {encoding.upper()}: {place}.") from error


def _offer_the_demo() -> None:
    """Offer to train the demo model if no run has a checkpoint."""
    from ptbterm.cli.printing import ask
    from ptbterm.runs.catalog import last_saved, list_runs
    from ptbterm.runs.launch import run_here

    if any(map(last_saved, list_runs(environment.runs()))):
        return
    if ask("No trained model found. Train one on the demo corpus (0.5 to 2 minutes)? [Y/n] ", default=True):
        run_here(["train", "--preset", "demo", "--exit-when-done"])


def _open_chat(run: "Run", device: str, form: "Form | None", threads: int | None, *, mouse: bool) -> None:
    from ptbterm.cli.screens import run_app
    from ptbterm.cli.threads import requested_threads
    from ptbterm.terminal.app import PtbtermApp
    from ptbterm.terminal.screens.chat.answer_worker import AnsweringModel
    from ptbterm.terminal.screens.chat.screen import ChatScreen
    from ptbterm.terminal.text.symbols import symbols_for

    run.checkpoint_to_use()
    number = requested_threads(threads)

    def load() -> AnsweringModel:
        from ptbterm.inference.completion import Completer
        from ptbterm.inference.trained_model import load_run  # torch: seconds
        from ptbterm.model.device import use_threads

        use_threads(number)
        return Completer(load_run(run, device, form).predictor)

    app = PtbtermApp(ChatScreen(model_info_of(run), load, symbols_for(sys.stdout.encoding)))
    run_app(app, mouse=mouse)


def model_info_of(run: "Run") -> "ModelInfo":
    """Return the facts about a run's model that the chat shows."""
    from ptbterm.runs.summary import summarize
    from ptbterm.terminal.screens.chat.model_info import ModelInfo

    summary = summarize(run)
    return ModelInfo(
        run=run.name,
        corpus=summary.record.run.corpus,
        vocabulary_size=summary.record.run.vocabulary_size,
        perplexity=_perplexity(summary.state),
    )


def _perplexity(state: "RunState") -> str:
    """Return the perplexity of a run's model from its log: test if measured, else valid."""
    if test := state.evaluated.get("test"):
        return f"test {short_perplexity(test.perplexity)} ({test.protocol})"
    return f"valid {short_perplexity(state.best.valid_perplexity)}" if state.best else ""


def _ranking(context: str, prediction: "Prediction") -> str:
    words = (f"{visible(next_word.word)} {percent(next_word.probability)}" for next_word in prediction.next_words)
    return "\t".join([visible(context), *words])


def _json(context: str, prediction: "Prediction") -> str:
    words = [{"word": next_word.word, "probability": next_word.probability} for next_word in prediction.next_words]
    answer = {
        "context": context,
        "modelled_as": prediction.modelled_as,
        "next_words": words,
        "entropy_bits": prediction.entropy_bits,
    }
    return to_json(answer)
