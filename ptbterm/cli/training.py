"""Trains a new or resumed run: in this process, or in a separate one with a dashboard here."""

from collections.abc import Sequence

from ptbterm.cli.options import DashboardOptions, View
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.runs.run import Run


def train_run(
    run: Run,
    corpus: EncodedCorpus,
    view: View,
    options: DashboardOptions,
    assignments: Sequence[str] = (),
    *,
    is_new: bool = False,
) -> None:
    """Train a run until it ends, or show a dashboard of its detached trainer, which is `ptbterm resume RUN`.

    `assignments` (`key=value`) change settings first. A new run whose training can't start is deleted.
    """
    from ptbterm.cli.screens import open_dashboard
    from ptbterm.runs.catalog import delete_unstarted
    from ptbterm.runs.launch import resume_detached

    folder = run.path.lstat()
    launch = resume_detached(run, assignments) if view == "tui" else None
    try:
        if launch:
            open_dashboard(run, options, launch)
        else:
            _train_here(run, corpus, view, assignments)
    finally:
        if is_new and (launch is None or launch.has_failed()):
            delete_unstarted(run, folder)


def _train_here(run: Run, corpus: EncodedCorpus, view: View, assignments: Sequence[str]) -> None:
    from ptbterm.cli.reporting import printing_events, report_end
    from ptbterm.training import session  # torch: seconds

    with printing_events(view, run.log_file) as (listener, stop):
        end = session.resume(run, assignments, corpus, listener, stop.is_set)
    report_end(run, end)
