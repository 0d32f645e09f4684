"""`python -m ptbterm` is `ptbterm`: it removes the current folder, which Python puts first on the path."""

import os
import sys

if __name__ == "__main__":
    if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - pathlib would be imported from there
        del sys.path[0]
    from ptbterm.cli.app import main

    main()
