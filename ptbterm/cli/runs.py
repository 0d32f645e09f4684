"""`ptbterm runs`: list, show, compare, stop and delete runs."""

import shutil
import sys
from typing import Annotated

import typer

from ptbterm import environment
from ptbterm.cli.options import JsonOption, RunArgument, complete_runs
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.run import Run
from ptbterm.terminal.text.safe_text import to_json

app = typer.Typer(name="runs", add_completion=False)

RunsArgument = Annotated[
    list[str],
    typer.Argument(metavar="RUN...", help="Names, unique prefixes or paths.", autocompletion=complete_runs),
]
ForceOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask for confirmation.")]
STOP_SECONDS = 60.0


@app.callback(invoke_without_command=True)
def runs(context: typer.Context) -> None:
    """List, show, compare, stop and delete runs."""
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the runs, the most recently trained first."""
    from ptbterm.cli.printing import notice
    from ptbterm.runs.catalog import finish_deletions, latest_first, list_runs
    from ptbterm.runs.summary import summarize

    for sentence in finish_deletions(environment.runs()):
        notice(sentence)
    existing = latest_first(list_runs(environment.runs()))
    summaries = []
    for run in existing:
        try:
            summaries.append(summarize(run))
        except PtbtermError as error:
            notice(f"Skipped {run.name}: {error.message}")
    if as_json:
        print(to_json([summary.as_json() for summary in summaries]))
    elif summaries:
        from ptbterm.terminal.pages.runs import run_list

        for line in run_list(summaries):
            print(line)
    elif not existing:
        notice("No runs found.")
        notice("Train one on the demo corpus (0.5 to 2 minutes): ptbterm train --preset demo")


@app.command()
def show(run: RunArgument = None, as_json: JsonOption = False) -> None:
    """Show the facts and results of one run."""
    from ptbterm.runs.summary import summarize
    from ptbterm.terminal.pages.runs import run_facts

    summary = summarize(_find(run))
    if as_json:
        print(to_json(summary.as_json()))
    else:
        for line in run_facts(summary):
            print(line)


@app.command()
def compare(runs: RunsArgument) -> None:
    """Compare the curves, the results and the differing settings of runs."""
    from ptbterm.runs.summary import summarize
    from ptbterm.terminal.pages.comparison import MAX_RUNS, comparison_page
    from ptbterm.terminal.text.symbols import symbols_for

    if not 2 <= len(runs) <= MAX_RUNS:
        raise PtbtermError(f"compare takes 2 to {MAX_RUNS} runs, not {len(runs)}.")
    cells = shutil.get_terminal_size().columns
    symbols = symbols_for(sys.stdout.encoding)
    for line in comparison_page([summarize(_find(run)) for run in runs], cells, ascii_only=symbols.ascii_only):
        print(line)


@app.command()
def stop(run: RunArgument = None) -> None:
    """Stop a run's training after its current window, and wait until the checkpoint is saved."""
    from ptbterm.cli.printing import notice
    from ptbterm.cli.reporting import print_status
    from ptbterm.runs.lock import wait_until_ended
    from ptbterm.runs.signals import ask_to_stop

    chosen = _find(run)
    ask_to_stop(chosen)
    notice(f"Asked {chosen.name} to stop after its current window...")
    if not wait_until_ended(chosen, STOP_SECONDS):
        raise PtbtermError(
            f"The trainer of {chosen.name} has not stopped within {STOP_SECONDS:.0f} s; it may still stop.",
            next_step=NextStep.WATCH,
            run=chosen.name,
        )
    print_status(chosen)


@app.command()
def delete(runs: RunsArgument, yes: ForceOption = False) -> None:
    """Delete runs with their checkpoints; a run that is training is refused."""
    from ptbterm.cli.printing import notice
    from ptbterm.runs.catalog import delete_run, finish_deletions

    for sentence in finish_deletions(environment.runs()):
        notice(sentence)
    chosen = [_find(run) for run in runs]
    _refuse_trained(chosen)
    names = ", ".join(run.name for run in chosen)
    if not yes and not _agreed(f"Delete {names} with all checkpoints? [y/N] "):
        raise PtbtermError("Nothing was deleted.")
    _refuse_trained(chosen)  # again: one may have been resumed during the question
    for run in chosen:
        delete_run(run)
        notice(f"Deleted {run.name}.")


def _refuse_trained(runs: list[Run]) -> None:
    from ptbterm.runs.lock import is_training

    for run in runs:
        if is_training(run):
            raise PtbtermError(f"Run {run.name} is training.", next_step=NextStep.STOP, run=run.name)


def _agreed(question: str) -> bool:
    from ptbterm.cli.printing import ask

    if not sys.stdin.isatty():
        raise PtbtermError(
            "Nothing was deleted: stdin is not a terminal to ask on.",
            "Use --yes to skip the question.",
        )
    return ask(question, default=False)


def _find(wanted: str | None) -> Run:
    from ptbterm.runs.catalog import find_run

    return find_run(environment.runs(), wanted)
