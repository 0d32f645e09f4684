"""The map of the word vectors: walk from word to word, zoom, search, and see the nearest words."""

from collections.abc import Callable
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import MouseScrollDown, MouseScrollUp, Resize
from textual.screen import Screen
from textual.widgets import Input

from ptbterm.inference.word_map import STEPS, OnStep
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.word_map.atlas import MEANING, Atlas, Caption
from ptbterm.terminal.screens.word_map.bindings import WORD_MAP_BINDINGS
from ptbterm.terminal.screens.word_map.chart import Chart, Viewport, chart_of
from ptbterm.terminal.screens.word_map.facts import facts_below, facts_beside
from ptbterm.terminal.screens.word_map.map_worker import MapWorker
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, Role, Span, justify, line, muted, strong
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.text.tsv import tsv
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

PAN = 0.25


class WordMapScreen(Screen[None]):
    """One map. A worker loads it, which takes seconds the first time."""

    BINDINGS: ClassVar[list[BindingType]] = WORD_MAP_BINDINGS
    AUTO_FOCUS = "#map"

    def __init__(self, caption: Caption, load: Callable[[OnStep], Atlas], symbols: Symbols = UNICODE) -> None:
        super().__init__()
        self.caption, self.symbols = caption, symbols
        self._worker = MapWorker(load, self.post_message)
        self.atlas: Atlas | None = None
        self._steps = 0
        self._map_size = (1, 1)
        self._chart = Chart([], 0, 0)
        self.viewport = Viewport()
        self.selected = 0
        self._path: list[int] = []
        self._searching = self._not_found = False
        self._before_search = (self.selected, self.viewport)

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the map, the facts of a word, the keys."""
        yield Bare(lambda cells, _: [self._header(cells)], id="header", classes="-one-line")
        with Horizontal(id="body"):
            yield Panel(self._draw_map, title=MEANING, id="map")
            yield Panel(self._draw_facts, id="facts", can_focus=False)
        yield Input(placeholder="a word or its beginning", id="search", compact=True)
        yield Keys(list, id="keys")

    def _header(self, cells: int) -> Line:
        dot, shown = self.symbols.dot, self.symbols.shown
        caption = [shown(self.caption.run), shown(self.caption.corpus)]
        right = ""
        if self.atlas is not None:
            mapped, words = len(self.atlas), len(self.atlas.words.vocabulary)
            caption.append(f"{mapped:,} words" if mapped == words else f"{mapped:,} of {words:,} words")
            right = f"{self.viewport.zoom:.1f} x{dot}{self._chart.named:,} named, {self._chart.marked:,} marked "
        if self._not_found:
            right = "word not found "
        return justify(line(" ", strong("map"), "  ", muted(dot.join(caption))), line(right), cells)

    def _draw_map(self, cells: int, rows: int) -> list[Line]:
        self._map_size = (cells, rows)
        if self.atlas is None:
            return self._draw_progress(cells)
        vocabulary = self.atlas.words.vocabulary
        near = [vocabulary.id_of(neighbor.word) for neighbor in self.atlas.neighbors(self.selected)]
        self._chart = chart_of(self.atlas, self.viewport, cells, rows, self.symbols, self.selected, near)
        return self._chart.lines

    def _draw_progress(self, cells: int) -> list[Line]:
        bar = Span(self.symbols.bar_of(self._steps / STEPS, cells - 4), Role.TRAIN)
        progress = f"Arranging the words: {self._steps} of {STEPS} steps{self.symbols.ellipsis}"
        return [[], line(muted(f"  {progress}")), line("  ", bar)]

    def _draw_facts(self, cells: int, rows: int) -> list[Line]:
        if self.atlas is None:
            return []
        facts = facts_below if self.has_class("-one") else facts_beside
        return facts(self.atlas, self.selected, self.symbols, cells, rows)

    def _draw(self) -> None:
        self.refresh_bindings()
        for name in ("#map", "#facts", "#header", "#keys"):
            self.query_one(name, Panel).redraw()

    def on_resize(self, event: Resize) -> None:
        """Put the facts beside the map where there is room."""
        self.set_class(event.size.width < TWO_COLUMNS, "-one")
        self.call_after_refresh(self._draw)

    # Loading the map.

    def on_mount(self) -> None:
        """Let the worker load the map."""
        self.run_worker(self._worker.run, thread=True)

    def on_unmount(self) -> None:
        """Stop the worker."""
        self._worker.close()

    def on_map_worker_progressed(self, event: MapWorker.Progressed) -> None:
        """Show the progress."""
        self._steps = event.steps
        self._draw()

    def on_map_worker_map_loaded(self, event: MapWorker.MapLoaded) -> None:
        """Show the map."""
        self.atlas, self.selected = event.atlas, event.atlas.first
        self._draw()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Disable keys until the map is loaded, and while the search is open."""
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
        self.viewport = self.viewport.showing(*self.atlas.place_of(word))
        self._draw()

    def action_walk(self, across: int, down: int) -> None:
        """Go to the next word in a direction."""
        if self.atlas is not None:
            self._select(self.atlas.towards(self.selected, across, down, *self._map_size))

    def action_neighbor(self, number: int) -> None:
        """Go to the n-th nearest word."""
        if self.atlas is not None and number <= len(near := self.atlas.neighbors(self.selected)):
            self._select(self.atlas.words.vocabulary.id_of(near[number - 1].word))

    def action_back(self) -> None:
        """Go back to the previous word."""
        self._select(self._path.pop(), remember=False)

    def action_zoom(self, steps: int) -> None:
        """Zoom in or out, keeping the selected word in view."""
        if self.atlas is not None:
            self.viewport = self.viewport.zoomed(steps).showing(*self.atlas.place_of(self.selected))
            self._draw()

    def action_whole(self) -> None:
        """Show the whole map."""
        self.viewport = Viewport()
        self._draw()

    def action_pan(self, across: int, down: int) -> None:
        """Move the map."""
        self.viewport = self.viewport.moved(PAN * across, PAN * down)
        self._draw()

    def on_mouse_scroll_up(self, _: MouseScrollUp) -> None:
        """Zoom in."""
        self.action_zoom(1)

    def on_mouse_scroll_down(self, _: MouseScrollDown) -> None:
        """Zoom out."""
        self.action_zoom(-1)

    def on_panel_clicked(self, event: Panel.Clicked) -> None:
        """Go to the word nearest to the click."""
        if event.panel.id == "map" and self.atlas is not None:
            cells, rows = self._map_size
            x, y = self.viewport.place(event.column / max(cells - 1, 1), event.row / max(rows - 1, 1))
            self._select(self.atlas.nearest_to(x, y, cells, rows))

    def action_copy(self) -> None:
        """Copy the nearest words as TSV, and save them in the current folder."""
        near = self.atlas.neighbors(self.selected) if self.atlas else []
        rows = [("word", "similarity"), *((neighbor.word, f"{neighbor.similarity:.6g}") for neighbor in near)]
        cast("PtbtermApp", self.app).copy_and_save(tsv(rows), ".tsv")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Map of the words", self.BINDINGS, self.app))

    # Searching.

    def action_search(self) -> None:
        """Open the search."""
        self._before_search = (self.selected, self.viewport)
        self._set_searching(on=True)
        search = self.query_one("#search", Input)
        search.value = ""
        self.set_focus(search)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the best match of what is typed."""
        if self.atlas is None:
            return
        typed = event.value.strip()
        match = self.atlas.search(typed) if typed else self._before_search[0]
        self._not_found = match is None
        self._select(self.selected if match is None else match, remember=False)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Select the word found."""
        if self.selected != self._before_search[0]:
            self._path.append(self._before_search[0])
        self._close_search()

    def action_end_search(self) -> None:
        """Close the search and go back to the word before it."""
        self.selected, self.viewport = self._before_search
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
