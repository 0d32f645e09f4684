"""A command's number of CPU threads: `--threads`, else `PTBTERM_THREADS`, else a setting, else torch's own."""

from ptbterm import environment
from ptbterm.cli.options import MAX_THREADS
from ptbterm.errors import UsageError


def use_requested_threads(option: int | None) -> None:
    """Set torch's number of threads to that of `--threads`, else of `PTBTERM_THREADS`, if there is one."""
    if requested := requested_threads(option):
        from ptbterm.model.device import use_threads  # torch: seconds

        use_threads(requested)


def requested_threads(option: int | None) -> int:
    """Return the number of `--threads`, else of `PTBTERM_THREADS`; 0 if there is none."""
    return (_of_environment() if option is None else option) or 0


def with_threads(assignments: list[str] | None, option: int | None) -> list[str]:
    """Return `--set` assignments, the variable's number before them and the option's after: the last one wins."""
    requested = _of_environment()
    before = [] if requested is None else [f"training.threads={requested}"]
    after = [] if option is None else [f"training.threads={option}"]
    return [*before, *(assignments or ()), *after]


def _of_environment() -> int | None:
    """Return the number in `PTBTERM_THREADS`, None if it is not set; raises `UsageError` if it is not one."""
    value = environment.threads()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value) <= MAX_THREADS):
        raise UsageError(
            f"PTBTERM_THREADS must be a number from 0 to {MAX_THREADS}, not {value!r}.",
            "Unset it, or set it to 0, for torch's default; 1 is best on a machine where others compute.",
        )
    return int(value)
