"""Tables as TAB-separated or comma-separated values: for files, pipes and the clipboard."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TextIO

from ptbterm.terminal.text.safe_text import HARMLESS, visible

Value = str | float | bool | None


def write_tsv(file: TextIO, rows: Iterable[Sequence[Value]], separator: str = "\t") -> None:
    """Write rows as they arrive: None is an empty cell, truth 1 or 0, a float has 9 digits, text is harmless.

    A tab or a line break in a text is an escape in TSV; elsewhere it stands in a quoted cell.
    """
    table = csv.writer(file, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    table.writerows([_cell(value, separator) for value in row] for row in rows)


def tsv(rows: Iterable[Sequence[Value]]) -> str:
    """Return rows as `write_tsv` writes them."""
    text = io.StringIO()
    write_tsv(text, rows)
    return text.getvalue()


def _cell(value: Value, separator: str) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.9g}"
    if value is None:
        return ""
    if separator == "\t":
        return visible(str(value), HARMLESS)
    return "\r\n".join(visible(line, HARMLESS | {"\t", "\n"}) for line in str(value).split("\r\n"))
