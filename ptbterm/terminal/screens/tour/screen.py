"""The tour: one step of the notebook at a time, and the actions of its keys."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import Screen

from ptbterm.lessons.lesson import Page
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.bindings import TOUR_BINDINGS
from ptbterm.terminal.screens.tour.bookmark import read_bookmark, write_bookmark
from ptbterm.terminal.screens.tour.code import code_lines, code_text, code_title
from ptbterm.terminal.screens.tour.dialogs import StepList, StepNumber, StepText
from ptbterm.terminal.screens.tour.lesson_worker import Lessons, LessonWorker
from ptbterm.terminal.screens.tour.plain import CELLS, check_lines, prose_lines, step_lines
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.values_panel import ValuesPanel
from ptbterm.terminal.text.lines import Line, justify, line, muted, strong
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

HEADER_AND_KEYS = 2
BORDER, FRAME = 2, 4
"""Rows that the border of a panel takes, and cells that border and padding take."""
MAX_CHECK_ROWS, MIN_CODE_ROWS = 6, 3
LOADING = "Loading the corpus and the model..."


class TourScreen(Screen[None]):
    """One step at a time: its words, its values, its lines of code, its checks.

    A worker loads the lessons, which takes seconds. Some steps take long, too: they can be left, and are computed
    again when they are shown again. `bookmark` is the file that keeps the place.
    """

    BINDINGS: ClassVar[list[BindingType]] = TOUR_BINDINGS
    AUTO_FOCUS = ""

    def __init__(
        self,
        load: Callable[[], Lessons],
        bookmark: Path,
        symbols: Symbols = UNICODE,
        *,
        first_step: int | None = None,
        is_quiz: bool = False,
    ) -> None:
        super().__init__()
        self.symbols, self.is_quiz = symbols, is_quiz
        self.lessons: Lessons | None = None
        self._worker = LessonWorker(load, self.post_message)
        self._bookmark_file, self.bookmark = bookmark, read_bookmark(bookmark)
        self.step = first_step or self.bookmark.step
        self._pages: dict[int, Page] = {}
        self._revealed: set[int] = set()

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the four panels, the keys."""
        yield Bare(lambda cells, _: [self._header(cells)], id="header", classes="-one-line")
        with Horizontal(id="body"):
            yield Panel(self._draw_words, id="words", title="What happens")
            yield ValuesPanel(
                lambda: self.page, lambda: self.hides_answers, self.symbols, id="values", title="Values"
            )
        yield Panel(self._draw_code, id="code", title="The lines that ran")
        yield Panel(self._draw_checks, id="checks", title="Check")
        yield Keys(self._progress, id="keys")

    def _header(self, cells: int) -> Line:
        if self.lessons is None:
            return line(" ", strong("tour"))
        title = self.lessons.titles[self.step - 1]
        left = line(" ", strong("tour"), f"  {self.step} of {len(self.lessons.titles)}  ", strong(title))
        about = self.symbols.dot.join(self.symbols.shown(part) for part in self.lessons.about)
        return justify(left, [muted(f"{about} ")], cells)

    def _progress(self) -> Line:
        page = self.page
        if self.lessons is None or (page and page.progress is None):
            return []
        return line(f"computing {100 * page.progress:.0f} % " if page and page.progress else "computing ")

    def _draw_words(self, cells: int, _: int) -> list[Line]:
        if self.lessons is None:
            return [line(muted(LOADING))]
        if self.page is None:
            return []
        return prose_lines(self.page.all_words(hides_answers=self.hides_answers), self.symbols, cells)

    def _draw_code(self, cells: int, rows: int) -> list[Line]:
        return code_lines(self.page.code, RenderOptions(self.symbols, cells, rows)) if self.page else []

    def _draw_checks(self, cells: int, _: int) -> list[Line]:
        if self.hides_answers:
            return prose_lines(f"{self.question} Enter shows the answer.", self.symbols, cells)
        return check_lines(self.page.checks, self.symbols, cells) if self.page else []

    @property
    def question(self) -> str:
        """The question of a quiz."""
        return self.page.question if self.page else ""

    @property
    def hides_answers(self) -> bool:
        """Whether this step's answers are hidden."""
        return self.is_quiz and bool(self.question) and self.step not in self._revealed

    # Steps.

    def on_mount(self) -> None:
        """Let the worker load the lessons."""
        self.run_worker(self._worker.run, thread=True)

    def on_unmount(self) -> None:
        """Stop the worker."""
        self._worker.close()

    def on_lesson_worker_lessons_loaded(self, event: LessonWorker.LessonsLoaded) -> None:
        """Show the first step, or the last one of the previous tour."""
        self.lessons = event.lessons
        self.show_step(self.step)

    def on_lesson_worker_computed(self, event: LessonWorker.Computed) -> None:
        """Show the step's page if the step is still shown."""
        self._pages[event.step] = event.page
        if event.step == self.step:
            self.draw_page()

    @property
    def page(self) -> Page | None:
        """The part of the step's page computed so far."""
        return self._pages.get(self.step)

    def show_step(self, step: int) -> None:
        """Go to a step and keep it as the place of the tour."""
        if self.lessons is None:
            return
        self.step = min(max(step, 1), len(self.lessons.titles))
        self.bookmark = self.bookmark.at(self.step)
        try:
            write_bookmark(self._bookmark_file, self.bookmark)
        except OSError as error:
            self.notify(f"Could not save the place in the tour: {error}", severity="warning", markup=False)
        self._worker.compute(self.step)
        self.begin_step()

    def begin_step(self) -> None:
        """Show the first values, every panel at its top."""
        self._values.show_first()
        for name in ("#words", "#values", "#code", "#checks"):
            self.query_one(name, Panel).scroll_home(animate=False)
        self.draw_page()

    def draw_page(self) -> None:
        """Share the rows out among the panels, and draw all of them."""
        self._values.show_title()
        if self.page:
            self.query_one("#code", Panel).border_title = code_title(self.page)
        self.query_one("#checks", Panel).border_title = "Question" if self.hides_answers else "Check"
        self._share_out_rows()
        self.call_after_refresh(self._show_keys)
        for panel in self.query(Panel):
            panel.redraw()

    def _show_keys(self) -> None:
        self._values.show_keys()
        self.refresh_bindings()
        self.query_one("#keys", Panel).redraw()

    @property
    def _values(self) -> ValuesPanel:
        return self.query_one(ValuesPanel)

    def _share_out_rows(self) -> None:
        """Give rows to the checks first, then to words and values, then to the code, and each panel some."""
        cells, rows = self.size.width - FRAME, self.size.height - HEADER_AND_KEYS
        checks = min(max(len(self._draw_checks(cells, 0)), 1), MAX_CHECK_ROWS) + BORDER
        code = max(len(self._draw_code(cells, 0)), 1)
        body = max(
            len(self._draw_words(self.query_one("#words").size.width, 0)),
            len(self._values.value_lines(self._values.size.width, 0)),
        )
        least = min(code, MIN_CODE_ROWS)
        self.query_one("#checks").styles.height = checks
        self.query_one("#code").styles.height = BORDER + min(max(rows - checks - body - 2 * BORDER, least), code)

    def on_resize(self, _: Resize) -> None:
        """Share the rows out for the new size."""
        self.call_after_refresh(self.draw_page)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Enable only the keys that work on this step."""
        if action == "reveal":
            return self.hides_answers
        if action == "units":
            return bool(self._values.units_at_a_time)
        if action == "next_panel":
            return self._has_more_to_scroll()
        return True

    def action_step(self, by: int) -> None:
        """Go to the next step, or to the one before."""
        self.show_step(self.step + by)

    def action_go_to(self, step: int) -> None:
        """Go to a step by its number."""
        self.show_step(step)

    def action_reveal(self) -> None:
        """Show the answers of this step; `answer` follows the words."""
        self._revealed.add(self.step)
        self.draw_page()
        self.call_after_refresh(self.query_one("#words", Panel).scroll_end, animate=False)

    def action_walk(self, by: int) -> None:
        """Go to the next frame (time step, row, word); a step with one frame scrolls its words."""
        if self._values.count > 1:
            self._values.walk(by)
            self.draw_page()
        elif panel := self._scrolled_by_arrows():
            panel.scroll_relative(y=by, animate=False)

    def _scrolled_by_arrows(self) -> Panel | None:
        """Return the panel that up and down scroll while none has the focus."""
        if self._values.count > 1:
            return None
        panels = (self.query_one(name, Panel) for name in ("#words", "#values"))
        return next((panel for panel in panels if panel.max_scroll_y), None)

    def _has_more_to_scroll(self) -> bool:
        """Return whether a panel that holds more than it shows must have the focus to be scrolled."""
        if self.page is None:
            return False
        scrolled = self._scrolled_by_arrows()
        return any(panel.max_scroll_y for panel in self.query(Panel) if panel.can_focus and panel is not scrolled)

    def action_next_panel(self) -> None:
        """Give the focus to the next panel."""
        self.focus_next()

    def action_units(self, by: int) -> None:
        """Show the next units of the heat maps, or the previous ones."""
        self._values.show_units(by)
        self.draw_page()

    def action_ask_step(self) -> None:
        """Ask for a number and go there."""
        if self.lessons:
            self.app.push_screen(StepNumber(len(self.lessons.titles)), self._show_chosen)

    def action_list_steps(self) -> None:
        """List the steps, those seen ticked, and go to the one chosen."""
        if self.lessons:
            seen = self.bookmark.seen
            steps = [
                f"{self.symbols.finished if number in seen else ' ':<2}{number:>2}  {title}"
                for number, title in enumerate(self.lessons.titles, 1)
            ]
            self.app.push_screen(StepList(steps, self.step), self._show_chosen)

    def _show_chosen(self, step: int | None) -> None:
        if step is not None:
            self.show_step(step)

    def action_text(self) -> None:
        """Show this step as plain text."""
        if self.lessons and self.page:
            heading = f"Step {self.step} of {len(self.lessons.titles)}: {self.lessons.titles[self.step - 1]}"
            options = RenderOptions(self.symbols, CELLS - 5, 0, hides_answers=self.hides_answers)
            self.app.push_screen(StepText("\n".join(step_lines(heading, self.page, options, whole=True))))

    def action_copy(self) -> None:
        """Copy the lines that ran, and save them in the current folder."""
        if self.page:
            cast("PtbtermApp", self.app).copy_and_save(code_text(self.page.code), ".py")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Tour", self.BINDINGS, self.app))
