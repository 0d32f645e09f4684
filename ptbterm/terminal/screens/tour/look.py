"""How values are looked at: the room there is, which units, and whether answers are hidden."""

from dataclasses import dataclass

from ptbterm.terminal.text.symbols import Symbols


@dataclass(frozen=True)
class Look:
    """Cells and rows to draw in, the first unit of heat maps, whether answers are hidden, lines a row of maps."""

    symbols: Symbols
    cells: int
    rows: int
    first_unit: int = 0
    hides_answers: bool = False
    heat_lines: int = 1
