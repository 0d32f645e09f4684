"""The tour: one step of the notebook on a screen, and what the keys do."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.markup import escape

from ptbterm.lessons.lesson import View
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.code import code_lines, code_text, code_title
from ptbterm.terminal.screens.tour.dialogs import StepList, StepNumber, StepText
from ptbterm.terminal.screens.tour.look import Look
from ptbterm.terminal.screens.tour.plain import CELLS, check_lines, prose_lines, step_lines
from ptbterm.terminal.screens.tour.values import page_of_units, units_note, view_lines
from ptbterm.terminal.screens.tour.walk_screen import Walk, WalkScreen
from ptbterm.terminal.text.lines import Line, justify, line, muted, strong
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

HEADER_AND_KEYS = 2
BORDER, FRAME = 2, 4
"""Rows that the border of a panel takes, and cells that border and padding take."""
MAX_CHECK_ROWS, LEAST_CODE_ROWS = 6, 3
LOADING = "Loading the corpus and the model..."
HIDDEN = "Hidden: what is here answers the question."


class Tour(WalkScreen):
    """A step a screen: its words, its values, its lines, its checks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right,space",
            "step(1)",
            "Step",
            key_display="←→",
            tooltip="The next step, the one before; also space, backspace",
        ),
        Binding("left,backspace", "step(-1)", show=False, key_display="←"),
        Binding("home", "go_to(1)", show=False, tooltip="The first step; end: the last"),
        Binding("end", "go_to(99)", show=False),
        Binding("enter", "reveal", "Answer", key_display="⏎", tooltip="In a quiz: show the answers"),
        Binding("down", "walk(1)", "Walk", key_display="↑↓", tooltip="Time steps, rows, words; else scroll"),
        Binding("up", "walk(-1)", show=False),
        Binding(
            "right_square_bracket", "units(1)", "Units", key_display="[ ]", tooltip="Other units of heat maps"
        ),
        Binding("left_square_bracket", "units(-1)", show=False),
        Binding("tab", "next_panel", "Panel", key_display="Tab", tooltip="The next panel: up and down scroll it"),
        Binding("tab", "app.focus_next", show=False),
        Binding("g", "ask_step", "Go to", tooltip="A step by its number"),
        Binding("t", "text", "Text", tooltip="This step as plain text"),
        Binding("question_mark,f1,ctrl+g", "help", "Help", key_display="?", tooltip="These keys"),
        Binding("q", "app.quit", "Quit", tooltip="Leave; the next tour begins at this step"),
        Binding("o", "list_steps", "Steps", tooltip="All steps; those seen are ticked"),
        Binding("y", "copy", "Copy", tooltip="Copy the lines of code, and save them here"),
    ]
    AUTO_FOCUS = ""

    def __init__(
        self,
        load: Callable[[], Walk],
        bookmark: Path,
        symbols: Symbols = UNICODE,
        *,
        first_step: int | None = None,
        is_quiz: bool = False,
    ) -> None:
        super().__init__(load, bookmark, first_step)
        self.symbols, self.is_quiz = symbols, is_quiz
        self._revealed: set[int] = set()
        self._view = self._first_unit = 0

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the four panels, the keys."""
        yield Bare(lambda cells, _: [self._header(cells)], id="header", classes="-one-line")
        with Horizontal(id="body"):
            yield Panel(self._draw_words, id="words", title="What happens")
            yield Panel(self._draw_values, id="values", title="Values")
        yield Panel(self._draw_code, id="code", title="The lines that ran")
        yield Panel(self._draw_checks, id="checks", title="Check")
        yield Keys(self._progress, id="keys")

    def _header(self, cells: int) -> Line:
        if self.walk is None:
            return line(" ", strong("tour"))
        title = self.walk.titles[self.step - 1]
        left = line(" ", strong("tour"), f"  {self.step} of {len(self.walk.titles)}  ", strong(title))
        about = self.symbols.dot.join(self.symbols.shown(part) for part in self.walk.about)
        return justify(left, [muted(f"{about} ")], cells)

    def _progress(self) -> Line:
        page = self.page
        if self.walk is None or (page and page.progress is None):
            return []
        return line(f"computing {100 * page.progress:.0f} % " if page and page.progress else "computing ")

    def _draw_words(self, cells: int, _: int) -> list[Line]:
        if self.walk is None:
            return [line(muted(LOADING))]
        if self.page is None:
            return []
        return prose_lines(self.page.all_words(hides_answers=self.hides_answers), self.symbols, cells)

    def _draw_values(self, cells: int, rows: int) -> list[Line]:
        if self.view is None:
            return []
        hidden = prose_lines(HIDDEN, self.symbols, cells) if self.hides_answers else []
        return view_lines(self.view, self._look(cells, rows)) or hidden

    def _draw_code(self, cells: int, rows: int) -> list[Line]:
        return code_lines(self.page.code, self._look(cells, rows)) if self.page else []

    def _draw_checks(self, cells: int, _: int) -> list[Line]:
        if self.hides_answers:
            return prose_lines(f"{self.question} Enter shows the answer.", self.symbols, cells)
        return check_lines(self.page.checks, self.symbols, cells) if self.page else []

    def _look(self, cells: int, rows: int) -> Look:
        return Look(self.symbols, cells, rows, self._first_unit, hides_answers=self.hides_answers)

    @property
    def view(self) -> View | None:
        """The values that are looked at."""
        return self.page.views[self._view % len(self.page.views)] if self.page and self.page.views else None

    @property
    def question(self) -> str:
        """What a quiz asks here."""
        return self.page.question if self.page else ""

    @property
    def hides_answers(self) -> bool:
        """Whether this step's answers are hidden."""
        return self.is_quiz and bool(self.question) and self.step not in self._revealed

    def begin_step(self) -> None:
        """Show the first view, from its first unit, every panel at its top."""
        self._view = self._first_unit = 0
        for name in ("#words", "#values", "#code", "#checks"):
            self.query_one(name, Panel).scroll_home(animate=False)
        self.draw_page()

    def draw_page(self) -> None:
        """Share the rows out among the panels, and draw all of them."""
        if self.view:
            panel = self.query_one("#values", Panel)
            panel.border_title = escape(self.symbols.prose(self.view.title))
        if self.page:
            self.query_one("#code", Panel).border_title = code_title(self.page)
        self.query_one("#checks", Panel).border_title = "Question" if self.hides_answers else "Check"
        self._share_out_rows()
        self.call_after_refresh(self._say_what_keys_do)
        for panel in self.query(Panel):
            panel.redraw()

    def _say_what_keys_do(self) -> None:
        """Say below the values what the keys change, and which units are shown."""
        note = units_note(self.view, self._values_look()) if self.view else ""
        parts = [f"[ ] {note}"] if note else []
        if self.page and len(self.page.views) > 1:
            keys = "up, down" if self.symbols.ascii_only else "↑↓"
            parts.insert(0, f"{keys} {self.page.walk}")
        self.query_one("#values", Panel).border_subtitle = escape(self.symbols.dot.join(parts))
        self.refresh_bindings()
        self.query_one("#keys", Panel).redraw()

    def _values_look(self) -> Look:
        size = self.query_one("#values", Panel).scrollable_content_region.size
        return self._look(size.width, size.height)

    def _share_out_rows(self) -> None:
        """Give the checks the rows they need, then words and values, then the code; all of them some."""
        cells, rows = self.size.width - FRAME, self.size.height - HEADER_AND_KEYS
        checks = min(max(len(self._draw_checks(cells, 0)), 1), MAX_CHECK_ROWS) + BORDER
        code = max(len(self._draw_code(cells, 0)), 1)
        body = max(
            len(self._draw_words(self.query_one("#words").size.width, 0)),
            len(self._draw_values(self.query_one("#values").size.width, 0)),
        )
        least = min(code, LEAST_CODE_ROWS)
        self.query_one("#checks").styles.height = checks
        self.query_one("#code").styles.height = BORDER + min(max(rows - checks - body - 2 * BORDER, least), code)

    def on_resize(self, _: Resize) -> None:
        """Share the rows out anew."""
        self.call_after_refresh(self.draw_page)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer keys only where they do something."""
        if action == "reveal":
            return self.hides_answers
        if action == "units":
            return bool(self._units_at_a_time())
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
        """Show the answers of this step; those among the words come last there."""
        self._revealed.add(self.step)
        self.draw_page()
        self.call_after_refresh(self.query_one("#words", Panel).scroll_end, animate=False)

    def action_walk(self, by: int) -> None:
        """Go to the next time step, row, word; where there is none, scroll the words."""
        count = len(self.page.views) if self.page else 0
        if count > 1:
            self._view = min(max(self._view + by, 0), count - 1)
            self.draw_page()
        elif panel := self._scrolled_by_arrows():
            panel.scroll_relative(y=by, animate=False)

    def _scrolled_by_arrows(self) -> Panel | None:
        """Return the panel that up and down scroll while none has the focus."""
        if self.page and len(self.page.views) > 1:
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
        """Show the next units of the heat maps, or those before."""
        self._first_unit = max(self._first_unit + by * self._units_at_a_time(), 0)
        self.draw_page()

    def _units_at_a_time(self) -> int:
        return page_of_units(self.view, self._values_look()) if self.view else 0

    def action_ask_step(self) -> None:
        """Ask for a number and go there."""
        if self.walk:
            self.app.push_screen(StepNumber(len(self.walk.titles)), self._show_chosen)

    def action_list_steps(self) -> None:
        """List the steps, those seen ticked, and go to the one chosen."""
        if self.walk:
            seen = self.bookmark.seen
            steps = [
                f"{self.symbols.finished if number in seen else ' ':<2}{number:>2}  {title}"
                for number, title in enumerate(self.walk.titles, 1)
            ]
            self.app.push_screen(StepList(steps, self.step), self._show_chosen)

    def _show_chosen(self, step: int | None) -> None:
        if step is not None:
            self.show_step(step)

    def action_text(self) -> None:
        """Show this step as plain text."""
        if self.walk and self.page:
            heading = f"Step {self.step} of {len(self.walk.titles)}: {self.walk.titles[self.step - 1]}"
            look = Look(self.symbols, CELLS - 5, 0, hides_answers=self.hides_answers)
            self.app.push_screen(StepText("\n".join(step_lines(heading, self.page, look, whole=True))))

    def action_copy(self) -> None:
        """Copy the lines that ran, and save them in the current folder."""
        if self.page:
            cast("PtbtermApp", self.app).copy_and_save(code_text(self.page.code), ".py")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Tour", self.BINDINGS, self.app))
