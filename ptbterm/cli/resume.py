"""`ptbterm resume`: go on where a run left off."""

from ptbterm import environment as locations
from ptbterm.cli.options import (
    ExitOption,
    Look,
    MouseOption,
    RefreshOption,
    RunArgument,
    SetOption,
    View,
    ViewOption,
)


def command(
    run: RunArgument = None,
    assignments: SetOption = None,
    view: ViewOption = View.AUTO,
    refresh: RefreshOption = None,
    mouse: MouseOption = True,
    exit_when_done: ExitOption = False,
) -> None:
    """Go on with a run that was stopped, killed or failed."""
    from ptbterm.cli.corpora import open_corpus
    from ptbterm.cli.dashboard import chosen_view, open_dashboard
    from ptbterm.cli.notices import notice
    from ptbterm.runs.catalog import find_run
    from ptbterm.runs.launch import resume_detached

    found = find_run(locations.runs(), run)
    notice(f"Run: {found.path}")
    encoded = open_corpus(found.read_record().corpus)
    if (view := chosen_view(view)) is View.TUI:
        open_dashboard(found, Look(refresh, mouse, exit_when_done), resume_detached(found, assignments or ()))
        return

    from ptbterm.cli.training_view import conclude, print_into, showing
    from ptbterm.training import session  # torch: seconds

    if view is View.LOG:
        print_into(found.log_file)
    with showing(view) as (listener, stop_requested):
        conclude(found, session.resume(found, assignments or [], encoded, listener, stop_requested))
