"""`ptbterm resume`: go on where a run left off."""

from ptbterm import locations
from ptbterm.cli.options import RunArgument, SetOption, View, ViewOption


def command(run: RunArgument = None, assignments: SetOption = None, view: ViewOption = View.AUTO) -> None:
    """Go on with a run that was stopped, killed or failed."""
    from ptbterm.cli.corpora import open_corpus
    from ptbterm.cli.notices import notice
    from ptbterm.runs.run import find_run

    found = find_run(locations.runs(), run)
    notice(f"Run: {found.path}")
    encoded = open_corpus(found.read_record().corpus)

    from ptbterm.cli.training_view import conclude, showing
    from ptbterm.training import session  # torch: seconds

    with showing(view) as (listener, stop_requested):
        conclude(found, session.resume(found, assignments or [], encoded, listener, stop_requested))
