"""What the tests of `ptbterm score` share."""

import csv

HEADER = [
    "sentence",
    "position",
    "word",
    "modelled_as",
    "is_unknown",
    "log_probability",
    "surprisal_bits",
    "rank",
    "entropy_bits",
]
TEXT = "The company said its shares rose 12 %\n\nthis is an zebra\n"


def table(output: str) -> list[list[str]]:
    return list(csv.reader(output.splitlines(), delimiter="\t"))
