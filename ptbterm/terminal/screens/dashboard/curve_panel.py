"""The panel of the perplexity curve: its extent, axis and guides, and the inspected point."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.screens.dashboard.perplexity import (
    CurveOptions,
    Extent,
    nearest_point,
    perplexity_lines,
    place_at,
)
from ptbterm.terminal.text.lines import Line
from ptbterm.terminal.text.symbols import Symbols
from ptbterm.terminal.widgets.panel import Panel

WHOLE_CURVE = 1_000_000
"""More steps than a curve has points: to its first point, or to its last."""


class CurvePanel(Panel):
    """Draws the curve of `snapshot()`."""

    def __init__(self, snapshot: Callable[[], RunSnapshot], symbols: Symbols, **panel: Any) -> None:
        super().__init__(self._curve_lines, **panel)
        self._snapshot, self._symbols = snapshot, symbols
        self._options = CurveOptions()

    @property
    def is_inspected(self) -> bool:
        """Whether a point is inspected."""
        return self._options.inspected is not None

    def _curve_lines(self, cells: int, rows: int) -> list[Line]:
        return perplexity_lines(self._snapshot(), self._symbols, self._options, cells, rows)

    def _change(self, **changes: Any) -> None:
        self._options = replace(self._options, **changes)
        self.redraw()

    def inspect_step(self, steps: int) -> None:
        """Inspect the point `steps` after the one inspected, or at first the last point."""
        curve, inspected = self._snapshot().state.curve, self._options.inspected
        if not curve:
            return
        if inspected is None and steps > -WHOLE_CURVE:
            steps = 0
        place = curve[-1].epochs if inspected is None else inspected
        self._change(inspected=nearest_point(self._snapshot(), place, steps).epochs)

    def inspect_place(self, place: float) -> None:
        """Inspect a place of the curve, in epochs."""
        self._change(inspected=place)

    def close_inspection(self) -> None:
        """Show the legend again."""
        self._change(inspected=None)

    def on_panel_clicked(self, event: Panel.Clicked) -> None:
        """Inspect the point nearest to the mouse."""
        snapshot = self._snapshot()
        if snapshot.state.curve:
            place = place_at(snapshot, self._symbols, self._options, event.column, event.cells)
            self._change(inspected=nearest_point(snapshot, place).epochs)

    def show_next_extent(self) -> None:
        """Show the whole run, its last two epochs, the current one, in turn."""
        self._change(extent=Extent((self._options.extent + 1) % len(Extent)))

    def toggle_log_axis(self) -> None:
        """Change between a logarithmic and a linear axis."""
        self._change(log=not self._options.log)

    def toggle_guides(self) -> None:
        """Show or hide the levels to compare with."""
        self._change(guides=not self._options.guides)
