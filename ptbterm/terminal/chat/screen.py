"""The chat: a text, and the words that a model expects at the cursor, anew with every key."""

import threading
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import TextArea
from textual.worker import get_current_worker

from ptbterm.errors import PtbtermError
from ptbterm.terminal import units
from ptbterm.terminal.chat import ranking, words
from ptbterm.terminal.chat.answer import Answer, Options, Speaker
from ptbterm.terminal.chat.context import Context
from ptbterm.terminal.chat.dialogs import OptionsDialog
from ptbterm.terminal.export import save_text
from ptbterm.terminal.lines import Line, justify, line, muted, strong
from ptbterm.terminal.safe_text import visible
from ptbterm.terminal.symbols import UNICODE, Symbols
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Panel

TWO_COLUMNS = 110
ONE_LINE: Any = {"classes": "-bare -one-line", "can_focus": False}


class Answers(Protocol):
    """Who answers: a conversation with a model."""

    def answer(self, text: str, cursor: int, options: Options) -> Answer:
        """Return what the model says of a text at a cursor."""


class Chat(Screen[None]):
    """One context and its next words. `load` brings the model, in a thread: it takes seconds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", "Take", key_display="⇥", priority=True, tooltip="Take the highlighted word"),
        Binding("down", "choose(1)", "Choose", key_display="↑↓", priority=True, tooltip="Move the highlight"),
        Binding("up", "choose(-1)", show=False, priority=True),
        Binding("ctrl+t", "nth", "1-9 nth", key_display="^t", priority=True, tooltip="A digit then takes a word"),
        *(Binding(f"{digit}", f"take_nth({digit})", show=False, priority=True) for digit in range(1, 10)),
        Binding("right", "ghost", "Ghost", key_display="→", priority=True, tooltip="Take the ghost word"),
        Binding("enter", "end_sentence", "End", key_display="⏎", priority=True, tooltip="End the sentence"),
        Binding("ctrl+l", "new", "New", priority=True, tooltip="New context; ctrl+up brings this one back"),
        Binding("ctrl+up", "history(-1)", show=False, priority=True, tooltip="The context before"),
        Binding("ctrl+down", "history(1)", show=False, priority=True, tooltip="The context after"),
        Binding("f2", "options", "Options", tooltip="Temperature, candidates, unknown words, ghost"),
        Binding("f3", "table", "Table", tooltip="Bits, rank and entropy of each word"),
        Binding("f4", "pin", "Pin", tooltip="Pin this text, and compare the next ones with it word by word"),
        Binding("ctrl+o", "copy", "Copy", priority=True, tooltip="Copy the list shown as TSV, and save it here"),
        Binding("f1,ctrl+g", "help", "Help", key_display="^g", priority=True, tooltip="These keys"),
    ]
    AUTO_FOCUS = "#context"

    def __init__(self, speaker: Speaker, load: Callable[[], Answers], symbols: Symbols = UNICODE) -> None:
        super().__init__()
        self.speaker, self.symbols = speaker, symbols
        self._load = load
        self.answer = Answer("", 0)
        self._options = Options()
        self._pinned: Answer | None = None
        self._ready = False
        self._shows_table = False
        self._chosen: int | None = None
        self._nth = False
        self._history: list[str] = [""]
        self._place_in_history = 0
        self._wanted = threading.Event()

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the text, how it is read, the ranking, the keys."""
        yield Panel(
            lambda cells, _: [self._header(cells)], id="header", classes="-bare -one-line", can_focus=False
        )
        with Horizontal(id="body"):
            with Vertical(id="typed"):
                yield Context(id="context")
                yield Panel(self._draw_read_as, id="read-as", classes="-bare", can_focus=False, follow_end=True)
            yield Panel(self._draw_list, id="ranking", can_focus=False)
        yield Panel(
            lambda _cells, _rows: [self._before()], id="before", classes="-bare -one-line", can_focus=False
        )
        yield Keys(list, id="keys")

    def _header(self, cells: int) -> Line:
        speaker, dot = self.speaker, self.symbols.dot
        facts = [self.symbols.text(visible(speaker.run)), self.symbols.text(visible(speaker.corpus))]
        if cells >= TWO_COLUMNS:
            facts.append(f"{speaker.vocabulary_size:,} words")
        if speaker.test_perplexity is not None:
            facts.append(f"test {units.short_perplexity(speaker.test_perplexity)} ({speaker.protocol})")
        to_come = f"{self.answer.entropy_bits:.1f} bits to come " if self._ready else "loading the model... "
        return justify(line(" ", strong("chat"), "  ", muted(dot.join(facts))), line(to_come), cells)

    def _draw_read_as(self, cells: int, _rows: int) -> list[Line]:
        return words.read_as(self.answer, self.symbols, cells)

    def _draw_list(self, cells: int, rows: int) -> list[Line]:
        if not self._ready:
            return [line(muted(" The model is being loaded; you can type already."))]
        if self._pinned is not None:
            return words.comparison(self._pinned, self.answer, self.symbols)
        if self._shows_table:
            return words.table(self.answer, self.symbols)
        return ranking.lines(self.answer, self.symbols, cells, rows, chosen=self._chosen, nth=self._nth)

    def _before(self) -> Line:
        if self.answer.beginning:
            return ranking.before(self.answer, self.symbols)
        if self.answer.ghost:
            return line(muted(f" {self.symbols.ellipsis}{' '.join(map(self.symbols.word, self.answer.ghost))}"))
        unknown = f" {self.symbols.unknown} any word outside the vocabulary"
        return line(muted(f"{unknown}{self.symbols.dot}{self.symbols.end_of_sentence} end of sentence"))

    def _draw(self) -> None:
        panel = self.query_one("#ranking", Panel)
        panel.border_title = self._list_title()
        for each in self.query(Panel):
            each.draw_again()

    def _list_title(self) -> str:
        if self._pinned is not None:
            return "Pinned, and now"
        return "Words of this sentence" if self._shows_table else ranking.title(self.answer, self.symbols)

    def on_resize(self, event: Resize) -> None:
        """Put the ranking beside the text where there is room."""
        self.set_class(event.size.width < TWO_COLUMNS, "-one")
        self.call_after_refresh(self._draw)

    # Asking the model.

    @property
    def context(self) -> Context:
        """The text."""
        return self.query_one("#context", Context)

    def on_mount(self) -> None:
        """Load the model, and ask it about the text as it is."""
        self.context.border_title = "Context"
        self.context.border_subtitle = words.legend(self.symbols)
        self._answer_forever()
        self._ask()

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        """Ask anew: the text is another."""
        self._chosen = None
        self._ask()

    def on_text_area_selection_changed(self, _: TextArea.SelectionChanged) -> None:
        """Ask anew: the cursor is elsewhere."""
        self._ask()

    def _ask(self) -> None:
        self._set_nth(on=False)
        self._question = (self.context.text, self.context.place, self._options)
        self._wanted.set()

    @work(thread=True, exclusive=True)
    def _answer_forever(self) -> None:
        worker = get_current_worker()
        try:
            answers = self._load()
        except PtbtermError as error:
            self.app.call_from_thread(
                self.app.exit, return_code=1, message=f"Error: {error.message}\n{error.hint}"
            )
            return
        self._ready = True
        while not worker.is_cancelled:
            if self._wanted.wait(0.2):
                self._wanted.clear()
                self.app.call_from_thread(self._show, answers.answer(*self._question))

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        self.context.show_answer(answer)
        self._draw()
        self.refresh_bindings()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave keys to the text where they have no other meaning now."""
        if self.app.screen is not self:
            return False
        if action == "take_nth":
            return self._nth
        if action == "ghost" and self.is_mounted:
            return bool(self.answer.ghost) and self.context.place == len(self.context.text) == len(
                self.answer.text
            )
        return True

    def action_take(self) -> None:
        """Take the highlighted word and a space."""
        place = ranking.best_choice(self.answer) if self._chosen is None else self._chosen
        if place < len(self.answer.candidates):
            self._type_word(self.answer.candidates[place].word)

    def action_take_nth(self, number: int) -> None:
        """Take a word by its number."""
        if number <= len(self.answer.candidates):
            self._type_word(self.answer.candidates[number - 1].word)

    def action_nth(self) -> None:
        """Let the next digit take a word."""
        self._set_nth(on=True)
        self._draw()

    def _set_nth(self, *, on: bool) -> None:
        self._nth = self.context.leaves_digits = on

    def action_choose(self, step: int) -> None:
        """Move the highlight."""
        start = ranking.best_choice(self.answer) if self._chosen is None else self._chosen
        self._chosen = max(0, min(start + step, len(self.answer.candidates) - 1))
        self._draw()

    def action_ghost(self) -> None:
        """Take the next word of the ghost text."""
        self.context.insert(f"{self.answer.ghost[0]} ")

    def action_end_sentence(self) -> None:
        """Take the word chosen; at rest, end the sentence, unless it is empty."""
        if self._chosen is not None:
            self.action_take()
        elif self.context.text[: self.context.place].rpartition("\n")[2].strip():
            self.context.insert("\n")

    def _type_word(self, word: str) -> None:
        row, column = self.context.cursor_location
        start = (row, column - len(self.answer.beginning))
        text = "\n" if word == "<eos>" else f"{word} "
        self.context.replace(text, start, (row, column), maintain_selection_offset=False)

    def action_new(self) -> None:
        """Begin a new context; this one stays in the history."""
        self._keep()
        if self._history[-1]:
            self._history.append("")
        self._place_in_history = len(self._history) - 1
        self._load_text("")

    def action_history(self, step: int) -> None:
        """Go to an earlier or a later context."""
        self._keep()
        self._place_in_history = max(0, min(self._place_in_history + step, len(self._history) - 1))
        self._load_text(self._history[self._place_in_history])

    def _keep(self) -> None:
        self._history[self._place_in_history] = self.context.text

    def _load_text(self, text: str) -> None:
        self.context.text = text
        self.context.move_cursor(self.context.document.end)

    def action_options(self) -> None:
        """Open the options."""
        self.app.push_screen(OptionsDialog(self._options, self._change_options))

    def _change_options(self, options: Options) -> None:
        self._options = options
        self._ask()

    def action_table(self) -> None:
        """Show the words of the sentence in place of the ranking, and back."""
        self._shows_table = not self._shows_table
        self._draw()

    def action_pin(self) -> None:
        """Pin this text and compare the next with it; let go of it."""
        self._pinned = self.answer if self._pinned is None else None
        self._draw()

    def action_copy(self) -> None:
        """Copy what the list shows as TSV, and save it in the current folder."""
        rows = words.as_table(self.answer) if self._shows_table else ranking.as_table(self.answer)
        text = "".join("\t".join(row) + "\n" for row in rows)
        self.app.copy_to_clipboard(text)
        try:
            self.notify(f"Copied, and saved to {save_text(text, '.tsv')}", markup=False)
        except OSError as error:
            self.notify(f"Copied; it can't be saved: {error}", severity="warning", markup=False)

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Chat", self.BINDINGS, self.app))
