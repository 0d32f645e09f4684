"""The dashboard: panels that show a watched run, and the keys that act on it; no training depends on it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.screen import Screen

from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import last_active, latest_first, list_runs
from ptbterm.runs.condition import Condition
from ptbterm.runs.launch import run_here
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import exit_message
from ptbterm.terminal.screens.dashboard.arrangement import LEFT, Arrangement, Place
from ptbterm.terminal.screens.dashboard.bindings import DASHBOARD_BINDINGS
from ptbterm.terminal.screens.dashboard.curve_panel import CurvePanel
from ptbterm.terminal.screens.dashboard.dialogs import RunList, StopQuestion
from ptbterm.terminal.screens.dashboard.epoch_panel import EpochPanel
from ptbterm.terminal.screens.dashboard.header import header_lines, may_kill
from ptbterm.terminal.screens.dashboard.log import failure_lines, log_lines
from ptbterm.terminal.screens.dashboard.settings import setting_lines
from ptbterm.terminal.screens.dashboard.speed import speed_lines, speed_summary
from ptbterm.terminal.screens.dashboard.watcher import Pace, RunWatcher
from ptbterm.terminal.screens.dashboard.words import word_lines, word_summary
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, line, muted, strong
from ptbterm.terminal.text.safe_text import visible
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

MACHINE_SECONDS = 2.0
NOTICE_SECONDS = 20.0


class DashboardScreen(Screen[None]):
    """One run on the screen. `exit_when_done` leaves the app when the run has ended."""

    BINDINGS: ClassVar[list[BindingType]] = DASHBOARD_BINDINGS
    AUTO_FOCUS = "#perplexity"

    def __init__(
        self, watched: WatchedRun, pace: Pace, symbols: Symbols = UNICODE, *, exit_when_done: bool = False
    ) -> None:
        super().__init__()
        self.watched, self.pace, self.symbols = watched, pace, symbols
        self.snapshot = watched.snapshot()
        self._watcher = RunWatcher(watched, pace, self.post_message)
        self._arrangement = Arrangement()
        self._exit_when_done = exit_when_done
        self._curve_is_stale = True

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the six panels, the summary of a narrow screen, the keys."""

        def panel(place: Place, draw: Callable[[int, int], list[Line]], *, follow_end: bool = False) -> Panel:
            return Panel(draw, **_panel_of(place), follow_end=follow_end)

        symbols = self.symbols
        yield Bare(lambda cells, _: header_lines(self.snapshot, symbols, cells), id="header")
        yield Bare(self._draw_pages, id="pages")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield CurvePanel(lambda: self.snapshot, symbols, **_panel_of(Place.PERPLEXITY))
                yield EpochPanel(lambda: self.snapshot, symbols, **_panel_of(Place.EPOCHS), follow_end=True)
            with Vertical(id="right"):
                yield panel(Place.SPEED, lambda cells, _: speed_lines(self.snapshot, symbols, cells))
                yield panel(Place.WORDS, lambda cells, rows: word_lines(self.snapshot, symbols, cells, rows))
                yield panel(Place.SETTINGS, lambda _cells, _rows: setting_lines(self.snapshot, symbols))
                yield panel(Place.LOG, lambda cells, _: log_lines(self.snapshot, symbols, cells), follow_end=True)
        yield Bare(self._draw_summary, id="summary")
        yield Keys(self._saved, id="keys")

    def _draw_pages(self, _cells: int, _rows: int) -> list[Line]:
        chosen = self._arrangement.page
        tabs = (strong(f"[{place.title}]") if place is chosen else muted(f" {place.title} ") for place in Place)
        return [line(" ", *tabs)]

    def _draw_summary(self, cells: int, rows: int) -> list[Line]:
        rule = line(muted(self.symbols.rule * cells))
        below = failure_lines(self.snapshot, self.symbols, cells, rows - 3)
        below = below or word_summary(self.snapshot, self.symbols, cells, rows - 3)
        return [rule, speed_summary(self.snapshot, self.symbols, cells), rule, *below]

    def _saved(self) -> Line:
        saved = self.snapshot.saved_seconds
        return line(f"saved {units.ago(saved)} ago") if saved is not None and self.snapshot.is_live else []

    def _panel(self, place: Place) -> Panel:
        return self.query_one(f"#{place.id}", Panel)

    @property
    def _curve(self) -> CurvePanel:
        return self.query_one(CurvePanel)

    # Following the run.

    def on_mount(self) -> None:
        """Start to follow the run, and to draw the curve at its own pace."""
        self.run_worker(self._watcher.run, thread=True, group="watcher")
        self.set_interval(self.pace.curve, self._draw_stale_curve)
        self.set_interval(MACHINE_SECONDS, self._measure)

    def on_unmount(self) -> None:
        """Stop the watcher."""
        self._watcher.close()

    def on_run_watcher_updated(self, event: RunWatcher.Updated) -> None:
        """Show the run as it is now; its curve at its own pace, but for its first points."""
        before, self.snapshot = self.snapshot, event.snapshot
        has_turned = before.condition is not self.snapshot.condition
        self._curve_is_stale |= has_turned or before.state is not self.snapshot.state
        if has_turned:
            self.refresh_bindings()
        for panel in self.query(Panel).exclude("#perplexity"):
            panel.redraw()
        if not before.state.time:
            self._draw_stale_curve()
        if self._exit_when_done and not self.snapshot.is_live and self.snapshot.state.time:
            self.app.exit()

    def _draw_stale_curve(self) -> None:
        if self._curve_is_stale:
            self._curve_is_stale = False
            self._curve.redraw()

    def on_run_watcher_noticed(self, event: RunWatcher.Noticed) -> None:
        """Notify the user, also if the log panel is hidden."""
        self.notify(visible(event.text), severity=event.severity, timeout=NOTICE_SECONDS, markup=False)

    def on_run_watcher_launch_failed(self, event: RunWatcher.LaunchFailed) -> None:
        """Exit if the run could not start; if it could not resume, only notify."""
        complaint = exit_message(*event.complaint.splitlines())
        if not self.watched.has_events:
            self.app.exit(return_code=1, message=complaint)
        else:
            self.notify(complaint.plain, severity="error", timeout=NOTICE_SECONDS, markup=False)

    @work(thread=True, exclusive=True, group="machine")
    def _measure(self) -> None:
        self.watched.measure()

    # Panels.

    def on_resize(self, event: Resize) -> None:
        """Choose one column or two."""
        self._arrange(replace(self._arrangement, cells=event.size.width, rows=event.size.height))

    def _arrange(self, arrangement: Arrangement) -> None:
        """Show the panels of an arrangement, and redraw all of them."""
        self._arrangement, shown = arrangement, arrangement.visible
        self.set_class(arrangement.one_column, "-one")
        self.set_class(arrangement.zoomed, "-zoomed")
        for place in Place:
            self._panel(place).display = place in shown
        self.query_one("#left").display = bool(shown & LEFT)
        self.query_one("#right").display = bool(shown - LEFT)
        if self._focused_place() not in shown:
            self._panel(arrangement.page if arrangement.page in shown else min(shown)).focus()
        self._watcher.with_log = Place.LOG in shown
        self._watcher.ask()
        self.call_after_refresh(self._redraw_all)

    def _redraw_all(self) -> None:
        for panel in self.query(Panel):
            panel.redraw()

    def _focused_place(self) -> Place | None:
        return next((place for place in Place if self._panel(place).has_focus), None)

    def on_descendant_focus(self) -> None:
        """Show which epoch is chosen while the epochs have the focus, and which keys work."""
        self._panel(Place.EPOCHS).redraw()
        self.refresh_bindings()

    def action_go_to(self, number: int) -> None:
        """Go to a panel; zoom it if it was chosen already."""
        self._arrange(self._arrangement.go_to(Place(number)))
        self._panel(Place(number)).focus()

    def action_zoom(self) -> None:
        """Give the focused panel the whole screen, or the others their places back."""
        self._arrange(self._arrangement.zoom(self._focused_place() or self._arrangement.page))

    def action_hide(self) -> None:
        """Hide the focused panel."""
        if (place := self._focused_place()) is not None:
            self._arrange(self._arrangement.hide(place))

    def action_show_all(self) -> None:
        """Show hidden panels again."""
        self._arrange(replace(self._arrangement, hidden=frozenset(), zoomed=False))

    def action_close(self) -> None:
        """Close the innermost of inspection and zoom."""
        if self._curve.is_inspected:
            self._curve.close_inspection()
        elif self._arrangement.zoomed:
            self.action_zoom()

    # The curve.

    def action_inspect(self, steps: int) -> None:
        """Inspect the point `steps` further along the curve."""
        self._curve.inspect_step(steps)

    def action_inspect_epoch(self) -> None:
        """Inspect the end of the chosen epoch."""
        chosen = self.query_one(EpochPanel).chosen
        if chosen in self.snapshot.state.epochs:
            if Place.PERPLEXITY not in self._arrangement.visible:
                self.action_go_to(Place.PERPLEXITY)
            self._curve.focus()
            self._curve.inspect_place(float(chosen))

    def on_epoch_panel_chosen(self, _: EpochPanel.Chosen) -> None:
        """Inspect the end of the epoch that the mouse chose."""
        self.action_inspect_epoch()

    def action_extent(self) -> None:
        """Show the next extent of the run."""
        self._curve.show_next_extent()

    def action_log_axis(self) -> None:
        """Change between a logarithmic and a linear axis."""
        self._curve.toggle_log_axis()

    def action_guides(self) -> None:
        """Show or hide the levels to compare with."""
        self._curve.toggle_guides()

    # The trainer, and other screens.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Enable only the actions that work now."""
        condition = self.snapshot.condition
        works = {
            "stop": condition is Condition.RUNNING and self.snapshot.asked_to_stop is None,
            "kill": self.snapshot.is_live and may_kill(self.snapshot),
            "resume": condition in {Condition.STOPPED, Condition.FAILED, Condition.LOST},
            "chat": self.snapshot.state.saved is not None and condition is not Condition.GONE,
            "inspect": not self.is_mounted or self._curve.has_focus,
        }
        return works.get(action, True)

    @work
    async def action_stop(self) -> None:
        """Ask for confirmation, then ask the trainer to stop."""
        if await self.app.push_screen_wait(StopQuestion()):
            self._try(self.watched.ask_to_stop)

    def action_kill(self) -> None:
        """Kill the trainer."""
        self._try(self.watched.kill)

    def action_resume(self) -> None:
        """Start a trainer that resumes the run."""
        self._try(self.watched.resume)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (PtbtermError, OSError) as error:
            self.notify(visible(str(error)), severity="error", timeout=NOTICE_SECONDS, markup=False)
        self._watcher.ask()

    def action_chat(self) -> None:
        """Chat in a separate process, then return to the dashboard."""
        with self.app.suspend():
            run_here(["chat", str(self.watched.run.path)])
        self.refresh()

    @work
    async def action_runs(self) -> None:
        """Open another run of the same folder."""
        runs = latest_first(list_runs(self.watched.run.path.parent))
        names = [(run.name, f"{units.ago(time.time() - last_active(run))} ago") for run in runs]
        chosen = await self.app.push_screen_wait(RunList(names))
        if chosen is not None and chosen != self.watched.run.name:
            other = self.watched.other(Run(self.watched.run.path.parent / chosen))
            self.app.switch_screen(DashboardScreen(other, self.pace, self.symbols))

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Dashboard", self.BINDINGS, self.app))


def _panel_of(place: Place) -> dict[str, Any]:
    return {"title": place.title, "id": place.id, "classes": "page"}
