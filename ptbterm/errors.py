"""Errors that a person can act on, and exit codes."""

from enum import Enum, IntEnum, auto


class ExitCode(IntEnum):
    """How a command ends, as the shell sees it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130


class NextStep(Enum):
    """The next step after an error; `terminal/text/hints.py` has its command. Fields are in parentheses."""

    TRAIN_DEMO = auto()
    """Train the demo preset: no run has a checkpoint."""
    RESUME = auto()
    """Resume a run (`run`)."""
    RESUME_THAT = auto()
    """Resume another run than the one of the message (`run`)."""
    RESUME_CHANGED = auto()
    """Resume a run with one setting changed (`run`, `change` as key=value)."""
    TRAIN_ON = auto()
    """Resume a run, if nothing trains it, until it has a checkpoint (`run`)."""
    TRAIN_LONGER = auto()
    """Resume a finished run with one setting raised (`run`, `change` as key=value)."""
    RETRAIN = auto()
    """Train again from the settings of a run that can't be read (`settings_file`)."""
    TRAIN_NEW = auto()
    """Train a new run with the settings of one that can't be used (`settings_file`)."""
    TRAIN_CHANGED = auto()
    """Train a new run with one setting changed (`settings_file`, `change` as key=value)."""
    WATCH = auto()
    """Watch a run that is training (`run`)."""
    STOP = auto()
    """Stop a run that is training (`run`)."""
    SHOW = auto()
    """Show what is recorded about a run (`run`)."""
    LIST_SETTINGS = auto()
    """Look the settings up."""
    LIST_RUNS = auto()
    """Look the names of the runs up."""
    OTHER_CORPUS = auto()
    """Get the Penn Treebank from somewhere else, or use another corpus."""
    SET = auto()
    """Change a setting (`change` as key=value)."""
    SMALLER_WINDOWS = auto()
    """Train in windows of `rows` and `steps`."""
    TEXT_COLUMN = auto()
    """Name the column with the sentences (`column`)."""
    TEXT_COLUMNS = auto()
    """Name the two columns of pairs (`first`, `second`)."""
    TEXT_COLUMNS_OR_NUMBERS = auto()
    """Name the columns of pairs, or their numbers (`first`, `second`, `first_number`, `second_number`)."""
    CHOOSE_TEXT_COLUMNS = auto()
    """Choose two columns of a table as pairs."""
    SPLIT_SENTENCES = auto()
    """Write a text with one sentence per line (`file`)."""
    TOUR_FRESH_MODEL = auto()
    """Take the tour with an untrained model."""


class PtbtermError(Exception):
    """An error that a person can act on.

    `message` is one sentence: what is wrong, and where. `hint` says what to do next; a hint that names a command
    is a `next_step` instead, with its fields in `details`, because only `cli` and `terminal` know the commands.
    """

    def __init__(self, message: str, hint: str = "", *, next_step: NextStep | None = None, **details: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.next_step = next_step
        self.details = details


class UsageError(PtbtermError):
    """A wrong option, setting or variable: a mistake in the input, rather than a failure."""
