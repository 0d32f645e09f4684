"""The command line: one command a file, which declares its options, calls one function and prints."""
