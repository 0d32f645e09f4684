"""`python -m ptbterm` is `ptbterm`."""

from ptbterm.cli.app import main

if __name__ == "__main__":
    main()
