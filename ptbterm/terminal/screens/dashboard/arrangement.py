"""Which panels are on the screen, by its size and the keys pressed; pure."""

from dataclasses import dataclass, replace
from enum import IntEnum

from ptbterm.terminal.text.lines import TWO_COLUMNS

SETTINGS_ROWS = 50
"""Minimum rows of a screen that shows the settings beside the other panels."""


class Place(IntEnum):
    """The panels, in the order of their digits, which count from 1."""

    PERPLEXITY = 0
    EPOCHS = 1
    SPEED = 2
    WORDS = 3
    SETTINGS = 4
    LOG = 5

    @property
    def id(self) -> str:
        """The id of the panel's widget."""
        return self.name.lower()

    @property
    def title(self) -> str:
        """The digit and the name."""
        return f"{self + 1} {self.name.capitalize()}"


LEFT = frozenset({Place.PERPLEXITY, Place.EPOCHS})


@dataclass(frozen=True)
class Arrangement:
    """The visible panels; `page` is the one that a digit chose last: zoomed, it has the screen for itself."""

    cells: int = 80
    rows: int = 24
    page: Place = Place.PERPLEXITY
    zoomed: bool = False
    hidden: frozenset[Place] = frozenset()

    @property
    def one_column(self) -> bool:
        """Whether the screen is too narrow for two columns."""
        return self.cells < TWO_COLUMNS

    @property
    def visible(self) -> frozenset[Place]:
        """The panels that are drawn; at least one."""
        if self.one_column or self.zoomed:
            return frozenset({self.page})
        return self._side_by_side or frozenset({self.page})

    @property
    def _side_by_side(self) -> frozenset[Place]:
        resting = {Place.LOG} if self.rows >= SETTINGS_ROWS else {Place.LOG, Place.SETTINGS}
        return frozenset(Place) - resting - self.hidden

    def go_to(self, place: Place) -> "Arrangement":
        """Return the arrangement after the digit of a panel: shown, or zoomed if it was chosen or had no place."""
        if self.one_column:
            return replace(self, page=place, zoomed=False)
        has_place = place in replace(self, zoomed=False).visible
        zoomed = (not self.zoomed) if place == self.page and has_place else not has_place
        return replace(self, page=place, zoomed=zoomed)

    def zoom(self, place: Place) -> "Arrangement":
        """Return the arrangement with a panel alone, or all of them back."""
        return replace(self, page=place, zoomed=not self.zoomed and not self.one_column)

    def hide(self, place: Place) -> "Arrangement":
        """Return the arrangement without a panel, unless it is the last one."""
        less = replace(self, hidden=self.hidden | {place}, zoomed=False)
        return less if less._side_by_side else self
