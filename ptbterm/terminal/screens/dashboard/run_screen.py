"""A screen that follows a run and acts on its trainer; what it shows is up to the screen that is made from it."""

import time
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import get_current_worker

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import Warned
from ptbterm.runs.journal import NewEvents
from ptbterm.runs.process import Condition, run_here
from ptbterm.terminal.app import last_words
from ptbterm.terminal.screens.dashboard import header
from ptbterm.terminal.screens.dashboard.dialogs import StopQuestion
from ptbterm.terminal.screens.dashboard.machine import MachineProbe
from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.screens.dashboard.watched import WatchedRun
from ptbterm.terminal.text.safe_text import visible

MACHINE_SECONDS = 2.0


@dataclass(frozen=True)
class Pace:
    """How often (s) new events are read and shown, the curve is drawn, and the clock ticks without events."""

    events: float
    curve: float
    clock: float = 1.0

    @classmethod
    def of(cls, refresh: float) -> "Pace":
        """Return the pace that shows events every `refresh` seconds, the curve, more to draw, half as often."""
        return cls(refresh, 2 * refresh)


class RunScreen(Screen[None]):
    """Reads a run's events in a thread, draws at a pace of its own, and never waits for either."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "Leave", tooltip="Leave; a training goes on"),
        Binding("s", "stop", "Stop…", tooltip="Stop the training after this window, and save"),
        Binding("r", "resume", "Resume", tooltip="Go on with this run"),
        Binding("k", "kill", "Kill", tooltip="End a trainer that does not answer"),
    ]

    def __init__(self, watched: WatchedRun, pace: Pace, *, exit_when_done: bool = False) -> None:
        super().__init__()
        self.watched = watched
        self.pace = pace
        self.run_view: RunView = watched.look()
        self._exit_when_done = exit_when_done
        self._curve_is_stale = True
        self._looked_at = 0.0
        self._probe = MachineProbe(watched.run)

    @abstractmethod
    def draw_numbers(self) -> None:
        """Show `run_view`, but for the curve."""

    @abstractmethod
    def draw_curve(self) -> None:
        """Show the curve."""

    @abstractmethod
    def shows_log(self) -> bool:
        """Return whether the end of the trainer's log is needed."""

    def on_mount(self) -> None:
        """Begin to follow, and to draw at the pace that was chosen."""
        self._follow()
        self.set_interval(self.pace.clock, self._tick)
        self.set_interval(self.pace.curve, self._look_at_curve)
        self.set_interval(MACHINE_SECONDS, self._measure)

    @work(thread=True, exclusive=True)
    def _follow(self) -> None:
        worker = get_current_worker()
        said = ""
        while not worker.is_cancelled:
            try:
                new, said = self.watched.follower.read(), ""
            except PtbtermError as error:
                if error.message != said:
                    self.app.call_from_thread(self._complain, error.message)
                new, said = NewEvents([]), error.message
            if new.events or new.begun_anew or new.damaged_lines:
                self.app.call_from_thread(self._take, new)
            if not new.more:
                time.sleep(self.pace.events)

    def _complain(self, trouble: str) -> None:
        self.notify(visible(trouble), severity="error", timeout=20, markup=False)

    def _take(self, new: NewEvents) -> None:
        first, is_news = not self.watched.state.time, self.watched.has_read_all
        self.watched.take(new)
        for event in new.events:
            if is_news and isinstance(event, Warned):
                self.notify(visible(f"{event.message} {event.hint}"), severity="warning", timeout=20, markup=False)
        self._curve_is_stale = True
        if first:
            self.look_at_all()
        elif not new.more:
            self.look()

    def _tick(self) -> None:
        """Look at the run although it tells nothing: the clock goes on, and its trainer may be gone."""
        if time.monotonic() - self._looked_at > self.pace.clock * 0.9:
            self.look()

    def look(self) -> None:
        """Look at the run now, and show it."""
        before, self._looked_at = self.run_view, time.monotonic()
        self.run_view = self.watched.look(with_log=self.shows_log())
        if before.condition != self.run_view.condition:
            self._curve_is_stale = True
            self.refresh_bindings()
        self.draw_numbers()
        self._notice_end()

    def look_at_all(self) -> None:
        """Look at the run now, and show it with its curve."""
        self._curve_is_stale = True
        self.look()
        self._look_at_curve()

    def _look_at_curve(self) -> None:
        if self._curve_is_stale:
            self._curve_is_stale = False
            self.draw_curve()

    def _notice_end(self) -> None:
        if (complaint := self.watched.failed_launch()) is not None:
            if self.watched.record() is None:
                self.app.exit(return_code=1, message=last_words(*complaint.splitlines()))
            else:
                self.notify(last_words(*complaint.splitlines()).plain, severity="error", timeout=20, markup=False)
        elif self._exit_when_done and not self.run_view.is_live and self.run_view.state.time:
            self.app.exit()

    @work(thread=True, exclusive=True, group="machine")
    def _measure(self) -> None:
        started = self.watched.state.started
        self.watched.machine = self._probe.measure(gpu=bool(started and started.device.startswith("cuda")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what would work now."""
        live, condition = self.run_view.is_live, self.run_view.condition
        match action:
            case "stop":
                return condition is Condition.RUNNING and self.run_view.asked_to_stop is None
            case "kill":
                return live and header.may_kill(self.run_view)
            case "resume":
                return condition in {Condition.STOPPED, Condition.FAILED, Condition.LOST}
            case "chat":
                return self.run_view.best_is_saved
        return True

    @work
    async def action_stop(self) -> None:
        """Ask whether to stop, then ask the trainer."""
        if await self.app.push_screen_wait(StopQuestion()):
            self._try(self.watched.ask_to_stop)

    def action_kill(self) -> None:
        """End the trainer at once."""
        self._try(self.watched.kill)

    def action_resume(self) -> None:
        """Start a trainer that goes on with the run."""
        self._try(self.watched.resume)

    def _try(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except (PtbtermError, OSError) as error:
            self._complain(str(error))
        self.look()
        self.refresh_bindings()

    def action_chat(self) -> None:
        """Chat in a program of its own, then come back."""
        with self.app.suspend():
            run_here(["chat", str(self.watched.run.path)])
        self.refresh()

    def action_leave(self) -> None:
        """Leave; a training goes on."""
        self.app.exit()
