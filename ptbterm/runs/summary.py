"""A run in one record: its settings, its state, and the results that lists and comparisons show."""

from dataclasses import dataclass

from ptbterm.runs.condition import Condition, condition
from ptbterm.runs.journal import Follower
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState, fold


@dataclass(frozen=True)
class RunSummary:
    """A run's settings, state and condition at one moment."""

    run: Run
    record: RunRecord
    state: RunState
    condition: Condition

    @property
    def best_valid_perplexity(self) -> float | None:
        """The lowest valid perplexity so far."""
        return self.state.best.valid_perplexity if self.state.best else None

    def as_json(self) -> dict[str, object]:
        """Return the fields of `runs list --json`."""
        test = self.state.evaluated.get("test")
        return {
            "run": self.run.name,
            "state": self.condition.value,
            "preset": self.record.preset,
            "corpus": self.record.run.corpus,
            "epoch": self.state.epoch,
            "epochs": self.state.total_epochs,
            "best_valid_perplexity": self.best_valid_perplexity,
            "test_perplexity": test.perplexity if test else None,
            "training_seconds": self.state.training_seconds,
            "path": str(self.run.path),
        }


def summarize(run: Run) -> RunSummary:
    """Read a run's settings and events; raises `PtbtermError` if either can't be read."""
    state = read_state(run)
    return RunSummary(run, run.read_record(), state, condition(run, state))


def read_state(run: Run) -> RunState:
    """Return the state of a run from its events; damaged lines are skipped.

    Raises `PtbtermError` if the log can't be read.
    """
    return fold(event for new in Follower(run.events_file).read_all() for event in new.events)
