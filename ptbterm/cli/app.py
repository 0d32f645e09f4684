"""The Typer app: imports a command when it runs, and turns errors into a message and an exit code."""

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, NoReturn, cast

import typer
from typer.core import TyperGroup

from ptbterm.cli.printing import discard_buffer
from ptbterm.errors import ExitCode, PtbtermError, UsageError
from ptbterm.terminal.text.hints import hint_for, hint_for_system_error
from ptbterm.terminal.text.safe_text import visible
from ptbterm.version import __version__

_UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""Click's error for an invalid command line, from click itself or from the copy in Typer."""

COMMANDS = {
    "download": "download",
    "train": "train",
    "resume": "resume",
    "watch": "watch",
    "runs": "runs",
    "eval": "evaluate",
    "generate": "generate",
    "score": "score",
    "chat": "chat",
    "embeddings": "embeddings",
    "corpus": "corpus",
    "tour": "tour",
    "presets": "presets",
    "doctor": "doctor",
}
"""Command name -> module in this package with its `command` or `app`, in the order of `--help`."""


@contextmanager
def _visible_usage_errors() -> Iterator[None]:
    """Say in a usage error which value is invalid, and escape control characters of the command line."""
    try:
        yield
    except _UsageError as error:
        error.message = visible(_with_value(error))
        raise


def _with_value(error: Any) -> str:
    """Return the message of a usage error; pydantic, with which typer checks values, leaves out the value."""
    message: str = error.message.removeprefix("Value error, ")
    if not message.startswith("Input should be ") or not hasattr(error.__cause__, "errors"):
        return message
    condition = message.removeprefix("Input should be ").partition(",")[0]
    return f"must be {condition}, not {error.__cause__.errors()[0]['input']}."


class CommandsOnDemand(TyperGroup):
    """A group whose commands are imported only when they run, or for the help page."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Parse the options before the command."""
        with _visible_usage_errors():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Parse the command's own arguments, and run it; a closed pipe ends it quietly."""
        try:
            with _visible_usage_errors():
                return super().invoke(ctx)
        except BrokenPipeError:
            discard_buffer(sys.stdout)
            raise typer.Exit(ExitCode.DONE) from None

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, importing none of them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Import the named command; None if it does not exist."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ptbterm.cli.{COMMANDS[cmd_name]}")
        if hasattr(module, "app"):
            return typer.main.get_command(module.app)
        single = typer.Typer(add_completion=False)
        single.command(cmd_name)(module.command)
        return typer.main.get_command(single)


app = typer.Typer(cls=CommandsOnDemand, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"ptbterm {__version__}")
        raise typer.Exit


@app.callback(context_settings={"help_option_names": ["-h", "--help"]})
def ptbterm(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Word-level LSTM language models in the terminal."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with an `ExitCode`."""
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app(arguments, prog_name="ptbterm")
        finally:
            _flush_results()
    except PtbtermError as error:
        _print_error(f"Error: {error.message}", hint_for(error))
        sys.exit(ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.FAILED)
    except BrokenPipeError:
        sys.exit(ExitCode.DONE)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except OSError as error:
        place = error.filename or "standard output"  # writes of files name theirs
        _print_error(f"Error: {place}: {error.strerror or error}.", hint_for_system_error(error))
    sys.exit(ExitCode.FAILED)


def _open_missing_streams() -> None:
    """Replace streams that the shell has closed (`>&-`) by /dev/null: Python has None there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _flush_results() -> None:
    """Flush stdout; discard what can't be written, or Python would try again at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        discard_buffer(sys.stdout)
        raise


def _print_error(*sentences: str) -> None:
    """Print why the command failed; a stderr that can't be written is ignored."""
    try:
        for sentence in filter(None, sentences):
            print(visible(sentence), file=sys.stderr)
        sys.stderr.flush()
    except OSError:
        discard_buffer(sys.stderr)
