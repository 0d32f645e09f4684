"""The start of `ptbterm`, and of `python -m ptbterm`."""

import os
import sys

INTERRUPTED = 130
"""`ExitCode.INTERRUPTED`, which is not imported yet."""


def main() -> None:
    """Run the command line; Ctrl-C ends the process without a traceback, also while modules are imported."""
    import signal  # noqa: PLC0415

    sys.unraisablehook = _end_if_interrupted
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ptbterm.cli.app import main as run_command  # noqa: PLC0415

    signal.signal(signal.SIGINT, interrupt)
    run_command()


def _end_if_interrupted(unraisable: "sys.UnraisableHookArgs") -> None:
    """End the process after Ctrl-C in a callback, as imports have some: Python would print it and continue."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    try:
        sys.stdout.flush()
    finally:
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - `-m` puts it there: its files would be imported
        del sys.path[0]
    main()
