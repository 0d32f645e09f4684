"""What can go wrong in words a person can act on, and how a command ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends, as the shell sees it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130


class PtbtermError(Exception):
    """An error whose message is one clear sentence: what is wrong and where; `hint` says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
