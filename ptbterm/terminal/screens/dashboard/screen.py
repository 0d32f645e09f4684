"""The dashboard: panels that show a watched run, and the keys that act on it; no training depends on it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from ptbterm.runs.run import Run, last_active, latest_first, list_runs
from ptbterm.terminal.screens.dashboard import epochs, header, log, perplexity, settings, speed, words
from ptbterm.terminal.screens.dashboard.arrangement import LEFT, Arrangement, Place
from ptbterm.terminal.screens.dashboard.dialogs import RunList
from ptbterm.terminal.screens.dashboard.perplexity import Extent, Look
from ptbterm.terminal.screens.dashboard.run_screen import Pace, RunScreen
from ptbterm.terminal.screens.dashboard.watched import WatchedRun
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, line, muted, strong
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

WHOLE_CURVE = 1_000_000

Draw = Callable[[int, int], list[Line]]


class Dashboard(RunScreen):
    """One run on the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "go_to(0)", "Panel", key_display="1-6", tooltip="Perplexity; the same digit again zooms"),
        *(
            Binding(str(place + 1), f"go_to({place})", show=False, tooltip=place.name.capitalize())
            for place in list(Place)[1:]
        ),
        Binding("z", "zoom", "Zoom", tooltip="Zoom the focused panel, and back"),
        Binding("x", "hide", show=False, tooltip="Hide the focused panel"),
        Binding("0", "show_all", show=False, tooltip="Show all panels again"),
        Binding("left", "inspect(-1)", "Inspect", key_display="←→", tooltip="Inspect the curve, point by point"),
        Binding("right", "inspect(1)", show=False),
        Binding("shift+left", "inspect(-10)", show=False, tooltip="Ten points at once"),
        Binding("shift+right", "inspect(10)", show=False),
        Binding("home", f"inspect({-WHOLE_CURVE})", show=False, tooltip="The first point of the curve"),
        Binding("end", f"inspect({WHOLE_CURVE})", show=False, tooltip="The last point of the curve"),
        Binding("enter", "inspect_epoch", show=False, tooltip="Inspect the end of the chosen epoch"),
        Binding("c", "chat", "Chat", tooltip="Chat with the best checkpoint so far"),
        Binding("question_mark,f1,ctrl+g", "help", "Help", key_display="?", tooltip="These keys"),
        Binding("e", "extent", "Span", tooltip="Show the whole run, two epochs, this epoch"),
        Binding("l", "log_axis", "Log", tooltip="Logarithmic axis, or linear"),
        Binding("g", "guides", "Guides", tooltip="Levels to compare with, or none"),
        Binding("o", "runs", "Runs", tooltip="Look at another run"),
        Binding("p", "app.picture", "Picture", tooltip="Save a picture (SVG) in the current folder"),
        Binding("ctrl+z", "app.suspend_process", show=False, tooltip="Suspend to the shell"),
        Binding("escape", "close", show=False, tooltip="Close inspection, then zoom"),
    ]
    AUTO_FOCUS = "#perplexity"

    def __init__(self, watched: WatchedRun, pace: Pace, *, exit_when_done: bool = False) -> None:
        super().__init__(watched, pace, exit_when_done=exit_when_done)
        self._arrangement = Arrangement()
        self._look, self._chosen_epoch = Look(), 0

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the six panels, the essentials of a narrow screen, the keys."""

        def panel(place: Place, draw: Draw, *, follow_end: bool = False) -> Panel:
            name = place.name.lower()
            title = f"{place + 1} {name.capitalize()}"
            return Panel(draw, title=title, id=name, classes="page", follow_end=follow_end)

        yield Bare(lambda cells, _: header.lines(self.run_view, cells), id="header")
        yield Bare(self._draw_pages, id="pages")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield panel(Place.PERPLEXITY, self._draw_curve)
                yield panel(Place.EPOCHS, self._draw_epochs, follow_end=True)
            with Vertical(id="right"):
                yield panel(Place.SPEED, lambda cells, _: speed.lines(self.run_view, cells))
                yield panel(Place.WORDS, lambda cells, rows: words.lines(self.run_view, cells, rows))
                yield panel(Place.SETTINGS, lambda _cells, _rows: settings.lines(self.run_view))
                yield panel(Place.LOG, lambda cells, _: log.lines(self.run_view, cells), follow_end=True)
        yield Bare(self._draw_essentials, id="essentials")
        yield Keys(self._saved, id="keys")

    def _draw_pages(self, _cells: int, _rows: int) -> list[Line]:
        chosen = self._arrangement.page
        names = [(place, f"{place + 1} {place.name.capitalize()}") for place in Place]
        return [
            line(" ", *(strong(f"[{name}]") if place is chosen else muted(f" {name} ") for place, name in names))
        ]

    def _draw_curve(self, cells: int, rows: int) -> list[Line]:
        return perplexity.lines(self.run_view, self._look, cells, rows)

    def _draw_epochs(self, _cells: int, _rows: int) -> list[Line]:
        return epochs.lines(self.run_view, self._chosen_epoch if self._panel(Place.EPOCHS).has_focus else None)

    def _draw_essentials(self, cells: int, rows: int) -> list[Line]:
        rule = line(muted(self.run_view.symbols.rule * cells))
        below = log.reason(self.run_view, cells, rows - 3) or words.brief(self.run_view, cells, rows - 3)
        return [rule, speed.brief(self.run_view, cells), rule, *below]

    def _saved(self) -> Line:
        saved = self.run_view.saved_seconds
        return line(f"saved {units.ago(saved)} ago") if saved is not None and self.run_view.is_live else []

    def _panel(self, place: Place) -> Panel:
        return self.query_one(f"#{place.name.lower()}", Panel)

    def draw_numbers(self) -> None:
        """Show all panels but the curve."""
        for panel in self.query(Panel):
            if panel.id != "perplexity":
                panel.draw_again()

    def draw_curve(self) -> None:
        """Show the curve."""
        self._panel(Place.PERPLEXITY).draw_again()

    def shows_log(self) -> bool:
        """Return whether the log is on the screen."""
        return Place.LOG in self._arrangement.visible

    # Panels.

    def on_resize(self, event: Resize) -> None:
        """Choose one column or two."""
        self._arrangement = replace(self._arrangement, cells=event.size.width, rows=event.size.height)
        self._arrange()

    def _arrange(self) -> None:
        arrangement = self._arrangement
        visible = arrangement.visible
        self.set_class(arrangement.one_column, "-one")
        self.set_class(arrangement.zoomed, "-zoomed")
        for place in Place:
            self._panel(place).display = place in visible
        self.query_one("#left").display = bool(visible & LEFT)
        self.query_one("#right").display = bool(visible - LEFT)
        if self._focused_place() not in visible:
            self._panel(arrangement.page if arrangement.page in visible else min(visible)).focus()
        self.call_after_refresh(self.look_at_all)

    def _focused_place(self) -> Place | None:
        return next((place for place in Place if self._panel(place).has_focus), None)

    def on_descendant_focus(self) -> None:
        """Show which epoch is chosen while the epochs have the focus, and which keys work."""
        self._panel(Place.EPOCHS).draw_again()
        self.refresh_bindings()

    def action_go_to(self, number: int) -> None:
        """Go to a panel; zoom it if it was chosen already."""
        place = Place(number)
        self._arrangement = self._arrangement.go_to(place)
        self._arrange()
        self._panel(place).focus()

    def action_zoom(self) -> None:
        """Give the focused panel the whole screen, or the others their places back."""
        self._arrangement = self._arrangement.zoom(self._focused_place() or self._arrangement.page)
        self._arrange()

    def action_hide(self) -> None:
        """Take the focused panel off the screen."""
        if (place := self._focused_place()) is not None:
            self._arrangement = self._arrangement.hide(place)
            self._arrange()

    def action_show_all(self) -> None:
        """Bring hidden panels back."""
        self._arrangement = replace(self._arrangement, hidden=frozenset(), zoomed=False)
        self._arrange()

    def action_close(self) -> None:
        """Close the innermost of inspection and zoom."""
        if self._look.inspected is not None:
            self._change_look(inspected=None)
        elif self._arrangement.zoomed:
            self.action_zoom()

    # The curve.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what would work now."""
        if action == "inspect" and self.is_mounted:
            return self._panel(Place.PERPLEXITY).has_focus
        return super().check_action(action, parameters)

    def _change_look(self, **changes: Any) -> None:
        self._look = replace(self._look, **changes)
        self._panel(Place.PERPLEXITY).draw_again()

    def action_inspect(self, steps: int) -> None:
        """Move to the point so many after the one inspected; the last point is the first to be."""
        curve = self.run_view.state.curve
        inspected = self._look.inspected
        if curve and inspected is None and steps > -WHOLE_CURVE:
            self._change_look(inspected=curve[-1].epochs)
        elif curve:
            place = curve[-1].epochs if inspected is None else inspected
            self._change_look(inspected=perplexity.nearest_point(self.run_view, place, steps).epochs)

    def on_panel_clicked(self, event: Panel.Clicked) -> None:
        """Inspect the point of the curve, or the end of the epoch, below the mouse."""
        state = self.run_view.state
        if event.panel.id == "perplexity" and state.curve:
            place = perplexity.place_at(self.run_view, self._look, event.column, event.cells)
            self._change_look(inspected=perplexity.nearest_point(self.run_view, place).epochs)
        elif event.panel.id == "epochs" and event.row - 1 in range(len(state.epochs)):
            self._chosen_epoch = sorted(state.epochs)[event.row - 1]
            self.action_inspect_epoch()

    def on_panel_moved(self, event: Panel.Moved) -> None:
        """Choose the epoch above or below."""
        numbers = sorted(self.run_view.state.epochs)
        if event.panel.id == "epochs" and numbers:
            place = numbers.index(self._chosen_epoch) + event.rows if self._chosen_epoch in numbers else -1
            self._chosen_epoch = numbers[max(0, min(place, len(numbers) - 1))] if place >= 0 else numbers[-1]
            event.panel.draw_again()

    def action_inspect_epoch(self) -> None:
        """Inspect the end of the chosen epoch."""
        if self._chosen_epoch in self.run_view.state.epochs:
            if Place.PERPLEXITY not in self._arrangement.visible:
                self.action_go_to(Place.PERPLEXITY)
            self._panel(Place.PERPLEXITY).focus()
            self._change_look(inspected=float(self._chosen_epoch))

    def action_extent(self) -> None:
        """Show the next extent of the run."""
        self._change_look(extent=Extent((self._look.extent + 1) % len(Extent)))

    def action_log_axis(self) -> None:
        """Change between a logarithmic and a linear axis."""
        self._change_look(log=not self._look.log)

    def action_guides(self) -> None:
        """Show levels to compare with, or none."""
        self._change_look(guides=not self._look.guides)

    # Other screens.

    @work
    async def action_runs(self) -> None:
        """Choose another run to look at."""
        known = latest_first(list_runs(self.watched.run.path.parent))
        names = [(run.name, f"{units.ago(time.time() - last_active(run))} ago") for run in known]
        chosen = await self.app.push_screen_wait(RunList(names))
        if chosen is not None and chosen != self.watched.run.name:
            other = self.watched.other(Run(self.watched.run.path.parent / chosen))
            self.app.switch_screen(Dashboard(other, self.pace))

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Dashboard", [*RunScreen.BINDINGS, *self.BINDINGS], self.app))
