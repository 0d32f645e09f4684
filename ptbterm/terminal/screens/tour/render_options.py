"""How the values of a step are drawn."""

from dataclasses import dataclass

from ptbterm.terminal.text.symbols import Symbols


@dataclass(frozen=True)
class RenderOptions:
    """The room in cells and rows; of heat maps the first unit and the lines a row takes; whether answers hide."""

    symbols: Symbols
    cells: int
    rows: int
    first_unit: int = 0
    hides_answers: bool = False
    heat_lines: int = 1
