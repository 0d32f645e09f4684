"""The command line: one command per file, which declares its options, calls one function and prints."""
