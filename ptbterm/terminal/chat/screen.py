"""The chat: a text, and the words that a model expects at the cursor, anew with every key."""

from collections.abc import Callable
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input, TextArea

from ptbterm.terminal import units
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.chat import ranking, words
from ptbterm.terminal.chat.answer import Answer, Options, Speaker
from ptbterm.terminal.chat.context import Context
from ptbterm.terminal.chat.dialogs import CopyDialog, OptionsDialog
from ptbterm.terminal.chat.history import History
from ptbterm.terminal.chat.model_screen import Answers, ModelScreen, Question
from ptbterm.terminal.chat.options import OptionsForm
from ptbterm.terminal.export import table_text
from ptbterm.terminal.lines import TWO_COLUMNS, Line, justify, line, muted, strong
from ptbterm.terminal.symbols import UNICODE, Symbols
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel

TYPING = frozenset({"choose", "nth", "take_nth", "ghost", "end_sentence"})
"""What keys do only while the text has the focus."""


class Chat(ModelScreen):
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
        Binding("escape", "back", show=False),
        Binding("f3", "table", "Table", tooltip="Bits, rank and entropy of each word"),
        Binding("f4", "pin", "Pin", tooltip="Pin this text, and compare the next ones with it word by word"),
        Binding(
            "ctrl+o",
            "copy",
            "Copy",
            priority=True,
            tooltip="Copy and save the ranking, or the words",
        ),
        Binding("f1,ctrl+g", "help", "Help", key_display="^g", priority=True, tooltip="These keys"),
    ]
    AUTO_FOCUS = "#context"

    def __init__(self, speaker: Speaker, load: Callable[[], Answers], symbols: Symbols = UNICODE) -> None:
        super().__init__(load)
        self.speaker, self.symbols = speaker, symbols
        self._options = Options()
        self._pinned: Answer | None = None
        self._table_was_toggled = False
        self._chosen: int | None = None
        self._nth = False
        self._history = History()

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the text, how it is read, the ranking, the keys."""
        yield Bare(lambda cells, _: [self._header(cells)], id="header", classes="-one-line")
        with Horizontal(id="body"):
            with Vertical(id="typed"):
                yield Context(id="context")
                yield Bare(self._draw_read_as, id="read-as", follow_end=True)
                yield Panel(self._draw_table, title="Words of this sentence (F3)", id="table", can_focus=False)
            with Vertical(id="right-side"):
                yield Panel(self._draw_list, id="ranking", can_focus=False)
                with Vertical(id="beside") as beside:
                    beside.border_title = "Options (F2)"
                    yield OptionsForm(self._options)
        yield Bare(lambda cells, _: [self._before(cells)], id="before", classes="-one-line")
        yield Keys(list, id="keys")

    def _header(self, cells: int) -> Line:
        speaker, dot = self.speaker, self.symbols.dot
        facts = [self.symbols.shown(speaker.run), self.symbols.shown(speaker.corpus)]
        if cells >= TWO_COLUMNS:
            facts.append(f"{speaker.vocabulary_size:,} words")
        if speaker.test_perplexity is not None:
            facts.append(f"test {units.short_perplexity(speaker.test_perplexity)} ({speaker.protocol})")
        to_come = f"{self.answer.entropy_bits:.1f} bits to come " if self.is_ready else "loading the model... "
        return justify(line(" ", strong("chat"), "  ", muted(dot.join(facts))), line(to_come), cells)

    def _draw_read_as(self, cells: int, _rows: int) -> list[Line]:
        return words.read_as(self.answer, self.symbols, cells)

    def _draw_list(self, cells: int, rows: int) -> list[Line]:
        if not self.is_ready:
            return [line(muted(" The model is being loaded; you can type already."))]
        if self._pinned is not None:
            return words.comparison(self._pinned, self.answer, self.symbols)
        if self._table_was_toggled and self.has_class("-one"):
            return self._draw_table(cells, rows)
        return ranking.lines(self.answer, self.symbols, cells, rows, chosen=self._chosen, nth=self._nth)

    def _draw_table(self, _cells: int, _rows: int) -> list[Line]:
        return words.table(self.answer, self.symbols)

    def _before(self, cells: int) -> Line:
        if self.answer.beginning:
            return ranking.before(self.answer, self.symbols, cells)
        if self.answer.ghost:
            return line(muted(f" {self.symbols.ellipsis}{' '.join(map(self.symbols.word, self.answer.ghost))}"))
        unknown = f" {self.symbols.unknown} any word outside the vocabulary"
        return line(muted(f"{unknown}{self.symbols.dot}{self.symbols.end_of_sentence} end of sentence"))

    def _draw(self) -> None:
        panel = self.query_one("#ranking", Panel)
        panel.border_title = Content(self._list_title())
        for each in self.query(Panel):
            each.draw_again()

    def _list_title(self) -> str:
        if self._pinned is not None:
            return "Pinned, and now"
        if self._table_was_toggled and self.has_class("-one"):
            return "Words of this sentence"
        return ranking.title(self.answer, self.symbols)

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
        self.answer_forever()
        self.ask()

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        """Ask anew: the text is another."""
        self._chosen = None
        self.ask()

    def on_text_area_selection_changed(self, _: TextArea.SelectionChanged) -> None:
        """Ask anew: the cursor is elsewhere."""
        self.ask()

    def ask(self) -> None:
        """Ask anew; a digit no longer takes a word."""
        self._set_nth(on=False)
        super().ask()

    def question(self) -> Question:
        """Return what to ask: the text, the place of the cursor, the options."""
        return self.context.text, self.context.place, self._options

    def show_answer(self) -> None:
        """Shade the words, and draw the ranking anew."""
        self.context.show_answer(self.answer)
        self._draw()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave keys to the text where they have no other meaning now."""
        if self.app.screen is not self or (action in TYPING and not self.context.has_focus):
            return False
        if action == "take_nth":
            return self._nth
        if action == "ghost" and self.is_mounted:
            return bool(self.answer.ghost) and self.context.place == len(self.context.text) == len(
                self.answer.text
            )
        return True

    def action_take(self) -> None:
        """Take the highlighted word and a space; among the options, go to the next."""
        if self.context.has_focus:
            self.once_answered(self._take_chosen)
        else:
            self.focus_next()

    def _take_chosen(self) -> None:
        place = ranking.best_choice(self.answer) if self._chosen is None else self._chosen
        if place < len(self.answer.candidates):
            self._type_word(self.answer.candidates[place].word)

    def action_take_nth(self, number: int) -> None:
        """Take a word by its number."""
        if number <= len(self.answer.candidates):
            self.once_answered(lambda: self._type_word(self.answer.candidates[number - 1].word))

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
        self._load_text(self._history.new(self.context.text))

    def action_history(self, step: int) -> None:
        """Go to an earlier or a later context."""
        self._load_text(self._history.move(self.context.text, step))

    def _load_text(self, text: str) -> None:
        self.context.text = text
        self.context.move_cursor(self.context.document.end)

    def action_options(self) -> None:
        """Go to the options, and back to the text."""
        form = self.query_one(OptionsForm)
        if self.has_class("-one"):
            self.app.push_screen(OptionsDialog(self._options, self._change_options))
        elif self.context.has_focus:
            form.query_one(Input).focus()
        else:
            self.context.focus()

    def action_back(self) -> None:
        """Go back to the text."""
        self.context.focus()

    def on_options_form_changed(self, event: OptionsForm.Changed) -> None:
        """Take the options of the panel."""
        self._change_options(event.options)

    def _change_options(self, options: Options) -> None:
        self._options = options
        self.ask()

    def action_table(self) -> None:
        """Show the words of the sentence, in one column in place of the ranking; in two columns hide them."""
        self._table_was_toggled = not self._table_was_toggled
        self.set_class(self._table_was_toggled, "-toggled")
        self._draw()

    def action_pin(self) -> None:
        """Pin this text and compare the next with it; let go of it."""
        self._pinned = self.answer if self._pinned is None else None
        self._draw()

    def action_copy(self) -> None:
        """Ask which table to copy as TSV."""
        tables = {"ranking": ranking.as_table(self.answer), "words and bits": words.as_table(self.answer)}

        def copy(name: str | None) -> None:
            if name is not None:
                cast("PtbtermApp", self.app).copy_and_save(table_text(tables[name]), ".tsv")

        self.app.push_screen(CopyDialog(list(tables)), copy)

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help.of("Chat", self.BINDINGS, self.app))
