"""The map of the word vectors: walk from word to word, look nearer, search, and see what each is near to."""

from collections.abc import Callable
from typing import ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import MouseScrollDown, MouseScrollUp, Resize
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import WorkerCancelled, get_current_worker

from ptbterm.errors import PtbtermError
from ptbterm.inference.word_map import STEPS, OnStep
from ptbterm.terminal.app import PtbtermApp, error_message
from ptbterm.terminal.screens.word_map import facts
from ptbterm.terminal.screens.word_map.atlas import Atlas, Caption
from ptbterm.terminal.screens.word_map.chart import Chart, View, draw
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, Role, Span, justify, line, muted, strong
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.text.tsv import tsv
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

PAN = 0.25


class EmbeddingMap(Screen[None]):
    """One map. `load` brings it, in a thread: the first time it takes seconds, and tells its steps."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", priority=True, tooltip="Search a word as you type"),
        Binding("right", "walk(1, 0)", "Walk", key_display="←↑↓→", tooltip="Go to the next word that way"),
        Binding("left", "walk(-1, 0)", show=False),
        Binding("down", "walk(0, 1)", show=False),
        Binding("up", "walk(0, -1)", show=False),
        Binding(
            "plus,equals_sign", "zoom(1)", "Zoom", key_display="+ -", tooltip="Nearer, farther; the wheel too"
        ),
        Binding("minus", "zoom(-1)", show=False),
        Binding("0", "whole", "Whole", tooltip="Show the whole map"),
        Binding("1", "neighbor(1)", "Neighbour", key_display="1-9", tooltip="Go to the n-th nearest word"),
        *(Binding(f"{digit}", f"neighbor({digit})", show=False) for digit in range(2, 10)),
        Binding("question_mark,f1,ctrl+g", "help", "Help", key_display="?", tooltip="These keys"),
        Binding("q", "app.quit", "Leave", tooltip="Leave"),
        Binding("b,backspace", "back", "Back", key_display="b", tooltip="Go back to the word before"),
        Binding("shift+right", "pan(1, 0)", "Pan", key_display="⇧←↑↓→", tooltip="Move the map; the word stays"),
        Binding("shift+left", "pan(-1, 0)", show=False),
        Binding("shift+down", "pan(0, 1)", show=False),
        Binding("shift+up", "pan(0, -1)", show=False),
        Binding("ctrl+o", "copy", "Copy", tooltip="Copy the nearest words as TSV, and save them here"),
        Binding("escape", "end_search", show=False),
    ]
    AUTO_FOCUS = "#map"

    def __init__(self, caption: Caption, load: Callable[[OnStep], Atlas], symbols: Symbols = UNICODE) -> None:
        super().__init__()
        self.caption, self.symbols = caption, symbols
        self._load = load
        self.atlas: Atlas | None = None
        self._steps = 0
        self._map_size = (1, 1)
        self._chart = Chart([], 0, 0)
        self.view = View()
        self.selected = 0
        self._path: list[int] = []
        self._searching = self._not_found = False
        self._before_search = (self.selected, self.view)

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the map, what is said of a word, the keys."""
        yield Bare(lambda cells, _: [self._header(cells)], id="header", classes="-one-line")
        with Horizontal(id="body"):
            yield Panel(self._draw_map, title="Words used alike are near", id="map")
            yield Panel(self._draw_facts, id="facts", can_focus=False)
        yield Input(placeholder="a word, or how it begins", id="search", compact=True)
        yield Keys(list, id="keys")

    def _header(self, cells: int) -> Line:
        dot, shown = self.symbols.dot, self.symbols.shown
        known_facts = [shown(self.caption.run), shown(self.caption.corpus)]
        right = ""
        if self.atlas is not None:
            mapped, known = len(self.atlas), len(self.atlas.words.vocabulary)
            known_facts.append(f"{mapped:,} words" if mapped == known else f"{mapped:,} of {known:,} words")
            right = f"{self.view.zoom:.1f} x{dot}{self._chart.named:,} named, {self._chart.marked:,} marked "
        if self._not_found:
            right = "no such word "
        return justify(line(" ", strong("map"), "  ", muted(dot.join(known_facts))), line(right), cells)

    def _draw_map(self, cells: int, rows: int) -> list[Line]:
        self._map_size = (cells, rows)
        if self.atlas is None:
            return self._draw_progress(cells)
        vocabulary = self.atlas.words.vocabulary
        near = [vocabulary.id_of(neighbor.word) for neighbor in self.atlas.neighbors(self.selected)]
        self._chart = draw(self.atlas, self.view, cells, rows, self.symbols, self.selected, near)
        return self._chart.lines

    def _draw_progress(self, cells: int) -> list[Line]:
        bar = Span(self.symbols.bar_of(self._steps / STEPS, cells - 4), Role.TRAIN)
        said = f"Arranging the words: {self._steps} of {STEPS} steps{self.symbols.ellipsis}"
        return [[], line(muted(f"  {said}")), line("  ", bar)]

    def _draw_facts(self, cells: int, rows: int) -> list[Line]:
        if self.atlas is None:
            return []
        say = facts.below if self.has_class("-one") else facts.beside
        return say(self.atlas, self.selected, self.symbols, cells, rows)

    def _draw(self) -> None:
        self.refresh_bindings()
        for name in ("#map", "#facts", "#header", "#keys"):
            self.query_one(name, Panel).redraw()

    def on_resize(self, event: Resize) -> None:
        """Put the facts beside the map where there is room."""
        self.set_class(event.size.width < TWO_COLUMNS, "-one")
        self.call_after_refresh(self._draw)

    # Making the map.

    def on_mount(self) -> None:
        """Bring the map, in a thread."""
        self._bring()

    @work(thread=True)
    def _bring(self) -> None:
        worker = get_current_worker()

        def tell(steps: int) -> None:
            if worker.is_cancelled:
                raise WorkerCancelled
            self.app.call_from_thread(self._show_steps, steps)

        try:
            atlas = self._load(tell)
        except WorkerCancelled:
            return
        except PtbtermError as error:
            self.app.call_from_thread(self.app.exit, return_code=1, message=error_message(error))
            return
        self.app.call_from_thread(self._show, atlas)

    def _show_steps(self, steps: int) -> None:
        self._steps = steps
        self._draw()

    def _show(self, atlas: Atlas) -> None:
        self.atlas, self.selected = atlas, atlas.first
        self._draw()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Wait for the map, and leave keys to the search while it is open."""
        if action in {"help", "app.quit"}:
            return not self._searching
        if action == "end_search":
            return self._searching
        return self.atlas is not None and not self._searching and (action != "back" or bool(self._path))

    def _select(self, word: int, *, remember: bool = True) -> None:
        if self.atlas is None:
            return
        if remember and word != self.selected:
            self._path.append(self.selected)
        self.selected = word
        self.view = self.view.showing(*self.atlas.place_of(word))
        self._draw()

    def action_walk(self, across: int, down: int) -> None:
        """Go to the next word that way."""
        if self.atlas is not None:
            self._select(self.atlas.towards(self.selected, across, down, *self._map_size))

    def action_neighbor(self, number: int) -> None:
        """Go to the n-th nearest word."""
        if self.atlas is not None and number <= len(near := self.atlas.neighbors(self.selected)):
            self._select(self.atlas.words.vocabulary.id_of(near[number - 1].word))

    def action_back(self) -> None:
        """Go back to the word before."""
        self._select(self._path.pop(), remember=False)

    def action_zoom(self, steps: int) -> None:
        """Look nearer or from farther, the selected word in view."""
        if self.atlas is not None:
            self.view = self.view.zoomed(steps).showing(*self.atlas.place_of(self.selected))
            self._draw()

    def action_whole(self) -> None:
        """Show the whole map."""
        self.view = View()
        self._draw()

    def action_pan(self, across: int, down: int) -> None:
        """Move the map."""
        self.view = self.view.moved(PAN * across, PAN * down)
        self._draw()

    def on_mouse_scroll_up(self, _: MouseScrollUp) -> None:
        """Look nearer."""
        self.action_zoom(1)

    def on_mouse_scroll_down(self, _: MouseScrollDown) -> None:
        """Look from farther."""
        self.action_zoom(-1)

    def on_panel_clicked(self, event: Panel.Clicked) -> None:
        """Go to the word nearest to the click."""
        if event.panel.id == "map" and self.atlas is not None:
            cells, rows = self._map_size
            x, y = self.view.place(event.column / max(cells - 1, 1), event.row / max(rows - 1, 1))
            self._select(self.atlas.nearest_to(x, y, cells, rows))

    def action_copy(self) -> None:
        """Copy the nearest words as TSV, and save them in the current folder."""
        near = self.atlas.neighbors(self.selected) if self.atlas else []
        rows = [("word", "similarity"), *((each.word, f"{each.similarity:.6g}") for each in near)]
        cast("PtbtermApp", self.app).copy_and_save(tsv(rows), ".tsv")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Map of the words", self.BINDINGS, self.app))

    # Searching.

    def action_search(self) -> None:
        """Open the search."""
        self._before_search = (self.selected, self.view)
        self._set_searching(on=True)
        search = self.query_one("#search", Input)
        search.value = ""
        self.set_focus(search)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the best match of what is typed."""
        if self.atlas is None:
            return
        typed = event.value.strip()
        found = self.atlas.search(typed) if typed else self._before_search[0]
        self._not_found = found is None
        self._select(self.selected if found is None else found, remember=False)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Keep the word found."""
        if self.selected != self._before_search[0]:
            self._path.append(self._before_search[0])
        self._close_search()

    def action_end_search(self) -> None:
        """Close the search and be where one was."""
        self.selected, self.view = self._before_search
        self._close_search()

    def _close_search(self) -> None:
        self._not_found = False
        self._set_searching(on=False)
        self.set_focus(self.query_one("#map"))
        self._draw()

    def _set_searching(self, *, on: bool) -> None:
        self._searching = on
        self.query_one("#search").display = on
        self.query_one("#keys").display = not on
