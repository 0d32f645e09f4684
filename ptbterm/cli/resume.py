"""`ptbterm resume`: go on where a run left off."""

from ptbterm import environment
from ptbterm.cli.options import (
    DashboardOptions,
    ExitOption,
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
    from ptbterm.cli.printing import notice
    from ptbterm.cli.screens import chosen_view, open_dashboard
    from ptbterm.runs.catalog import find_run
    from ptbterm.runs.launch import resume_detached

    found = find_run(environment.runs(), run)
    notice(f"Run: {found.path}")
    encoded = open_corpus(found.read_record().corpus)
    if (view := chosen_view(view)) is View.TUI:
        options = DashboardOptions(refresh, mouse, exit_when_done)
        open_dashboard(found, options, resume_detached(found, assignments or ()))
        return

    from ptbterm.cli.printing import print_into, printing_events, report_end
    from ptbterm.training import session  # torch: seconds

    if view is View.LOG:
        print_into(found.log_file)
    with printing_events(view) as (listener, stop):
        report_end(found, session.resume(found, assignments or [], encoded, listener, stop.is_set))
