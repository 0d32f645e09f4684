"""`ptbterm resume`: continues a run from its last checkpoint."""

from ptbterm import environment
from ptbterm.cli.options import (
    DashboardOptions,
    ExitOption,
    MouseOption,
    RefreshOption,
    RunArgument,
    SetOption,
    ThreadsOption,
    ViewOption,
)


def command(
    run: RunArgument = None,
    assignments: SetOption = None,
    threads: ThreadsOption = None,
    view: ViewOption = "auto",
    refresh: RefreshOption = None,
    mouse: MouseOption = True,
    exit_when_done: ExitOption = False,
) -> None:
    """Resume a run that was stopped, killed or failed."""
    from ptbterm.cli.inputs import open_corpus
    from ptbterm.cli.printing import notice
    from ptbterm.cli.screens import chosen_view
    from ptbterm.cli.threads import with_threads
    from ptbterm.cli.training import train_run
    from ptbterm.runs.catalog import find_run

    view, changes = chosen_view(view), with_threads(assignments, threads)
    chosen = find_run(environment.runs(), run)
    notice(f"Run: {chosen.path}")
    encoded = open_corpus(chosen.read_record().corpus)
    train_run(chosen, encoded, view, DashboardOptions(refresh, mouse, exit_when_done), changes)
