"""A panel of lines: redraws only those that changed, and scrolls if they do not fit."""

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ptbterm.terminal.text.lines import Line, Role, fit, width


class Panel(ScrollView, inherit_bindings=False):
    """Shows the lines that `draw(cells, rows)` returns for its size.

    Textual's own widgets send about ten times the bytes when a few lines change, too much for a slow connection.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"panel--{role}" for role in Role}

    class Clicked(Message):
        """The mouse clicked a cell; `row` counts from the first line, scrolled or not."""

        def __init__(self, panel: "Panel", column: int, row: int) -> None:
            super().__init__()
            self.panel, self.column, self.row = panel, column, row
            self.cells = panel.scrollable_content_region.width

    class Moved(Message):
        """An arrow key was pressed: up is -1 row, down is 1."""

        def __init__(self, panel: "Panel", rows: int) -> None:
            super().__init__()
            self.panel, self.rows = panel, rows

    def __init__(
        self,
        draw: Callable[[int, int], list[Line]],
        *,
        title: str = "",
        id: str,  # noqa: A002
        classes: str = "",
        follow_end: bool = False,
        can_focus: bool = True,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = title
        self.can_focus = can_focus
        self._draw = draw
        self._follow_end = follow_end
        self._lines: list[Line] = []
        self._styles: dict[Role, Style] = {}

    def redraw(self) -> None:
        """Draw the lines again, and refresh those that changed."""
        size = self.scrollable_content_region.size
        if not self.display or not size.width:
            return
        lines = [fit(line, max(size.width, width(line))) for line in self._draw(size.width, size.height)]
        before, self._lines = self._lines, lines
        at_end = self.scroll_offset.y >= self.max_scroll_y
        if len(lines) != len(before):
            self.virtual_size = Size(size.width, len(lines))
            self.refresh()
        else:
            changed = [number for number, line in enumerate(lines) if line != before[number]]
            top = self.scroll_offset.y
            if changed:
                self.refresh(*(Region(0, number - top, size.width, 1) for number in changed))
        if self._follow_end and at_end:
            self.scroll_end(animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """Return one row of the screen."""
        number, cells = y + self.scroll_offset.y, self.scrollable_content_region.width
        line = self._lines[number] if number < len(self._lines) else []
        segments = [Segment(span.text, self._style(span.role)) for span in fit(line, cells) if span.text]
        return Strip(segments, cells)

    def on_click(self, event: Click) -> None:
        """Post the cell that was clicked."""
        if (place := event.get_content_offset(self)) is not None:
            self.post_message(self.Clicked(self, place.x, place.y + self.scroll_offset.y))

    def action_scroll_up(self) -> None:
        """Post the move, and scroll if there is more."""
        self.post_message(self.Moved(self, -1))
        super().action_scroll_up()

    def action_scroll_down(self) -> None:
        """Post the move, and scroll if there is more."""
        self.post_message(self.Moved(self, 1))
        super().action_scroll_down()

    def on_resize(self, _: Resize) -> None:
        """Redraw for the new size."""
        self._lines = []
        self.redraw()

    def notify_style_update(self) -> None:
        """Forget the colors of the previous theme."""
        super().notify_style_update()
        self._styles = {}

    def _style(self, role: Role) -> Style:
        if role not in self._styles:
            self._styles[role] = self.get_component_rich_style(f"panel--{role}")
        return self._styles[role]


class Bare(Panel):
    """A panel without a border, which takes no focus."""

    def __init__(
        self,
        draw: Callable[[int, int], list[Line]],
        *,
        id: str,  # noqa: A002
        classes: str = "",
        follow_end: bool = False,
    ) -> None:
        super().__init__(draw, id=id, classes=classes, follow_end=follow_end, can_focus=False)
