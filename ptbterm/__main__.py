"""The start of `ptbterm`, and of `python -m ptbterm`."""

import os
import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is being imported ends the process without a traceback."""
    import signal  # noqa: PLC0415

    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ptbterm.cli.app import main as run_command  # noqa: PLC0415

    signal.signal(signal.SIGINT, interrupt)
    run_command()


if __name__ == "__main__":
    if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - `-m` puts it there: its files would be imported
        del sys.path[0]
    main()
