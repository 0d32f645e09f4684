"""The chat: a text, and the words that a model expects at the cursor, anew with every key."""

from collections.abc import Callable
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input, TextArea

from ptbterm.corpus.text_files import END_OF_SENTENCE
from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat import ranking, words
from ptbterm.terminal.screens.chat.context import Context
from ptbterm.terminal.screens.chat.dialogs import CopyDialog, OptionsDialog
from ptbterm.terminal.screens.chat.history import History
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.model_screen import Answers, ModelScreen, Question
from ptbterm.terminal.screens.chat.options import OptionsForm
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, justify, line, muted, strong, width
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.text.tsv import tsv
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
        Binding("f2", "options", "AnswerOptions", tooltip="Temperature, candidates, unknown words, ghost"),
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

    def __init__(self, model: ModelInfo, load: Callable[[], Answers], symbols: Symbols = UNICODE) -> None:
        super().__init__(load)
        self.model, self.symbols = model, symbols
        self._options = AnswerOptions()
        self._pinned: Answer | None = None
        self._table_was_toggled = False
        self._chosen: int | None = None
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
                    beside.border_title = "AnswerOptions (F2)"
                    yield OptionsForm(self._options)
        yield Bare(lambda cells, _: [self._before(cells)], id="before", classes="-one-line")
        yield Keys(list, id="keys")

    def _header(self, cells: int) -> Line:
        model, dot = self.model, self.symbols.dot
        to_come = f"{self.answer.entropy_bits:.1f} bits to come " if self.is_ready else "loading the model... "
        if cells >= TWO_COLUMNS and self.is_ready:
            read = [word for word in words.sentence(self.answer) if word.modelled is not None]
            to_come = f"{len(read)} words since {self.symbols.end_of_sentence}{dot}{to_come}"
        facts = [model.run, model.perplexity, model.corpus, f"{model.vocabulary_size:,} words"]
        for known in range(len(facts), 0, -1):
            shown = muted(dot.join(self.symbols.shown(fact) for fact in facts[:known] if fact))
            header = line(" ", strong("chat"), "  ", shown)
            if width(header) + width(line(to_come)) < cells:
                break
        return justify(header, line(to_come), cells)

    def _draw_read_as(self, cells: int, _rows: int) -> list[Line]:
        return words.read_as(self.answer, self.symbols, cells)

    def _draw_list(self, cells: int, rows: int) -> list[Line]:
        if not self.is_ready:
            return [line(muted(" The model is being loaded; you can type already."))]
        if self._pinned is not None:
            return words.comparison(self._pinned, self.answer, self.symbols, rows)
        if self._table_was_toggled and self.has_class("-one"):
            return self._draw_table(cells, rows)
        return ranking.lines(
            self.answer, self.symbols, cells, rows, chosen=self._chosen, nth=self.context.leaves_digits
        )

    def _draw_table(self, _cells: int, rows: int) -> list[Line]:
        return words.table(self.answer, self.symbols, rows)

    def _before(self, cells: int) -> Line:
        if self.answer.beginning:
            return ranking.before(self.answer, self.symbols, cells)
        return line(muted(f" {words.special_words(self.symbols, self.model.vocabulary_size)}"))

    def _draw(self, *, nth: bool = False) -> None:
        """Draw the ranking and the words; the next digit takes a word if `nth`, and no longer if not."""
        self.context.leaves_digits = nth
        panel = self.query_one("#ranking", Panel)
        panel.border_title = Content(self._list_title())
        for each in self.query(Panel):
            each.redraw()

    def _list_title(self) -> str:
        if self._pinned is not None:
            return "Pinned, and now"
        if self._table_was_toggled and self.has_class("-one"):
            return "Words of this sentence"
        return ranking.title(self.answer, self.symbols)

    def on_resize(self, event: Resize) -> None:
        """Put the ranking beside the text where there is room."""
        self.set_class(event.size.width < TWO_COLUMNS, "-one")
        self.call_after_refresh(lambda: self._draw(nth=self.context.leaves_digits))

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
        if not self.context.is_at_end:
            self.context.suggestion = ""
        self.ask()

    def ask(self) -> None:
        """Ask anew; a digit no longer takes a word."""
        self.context.leaves_digits = False
        super().ask()

    def question(self) -> Question:
        """Return what to ask: the text, the place of the cursor, the options."""
        return self.context.text, self.context.place, self._options

    def show_answer(self) -> None:
        """Shade the words, and draw the ranking anew."""
        self.context.show_answer(self.answer, self.symbols)
        self._draw(nth=self.context.leaves_digits)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave keys to the text where they have no other meaning now."""
        if self.app.screen is not self or (action in TYPING and not self.context.has_focus):
            return False
        if action == "take_nth":
            return self.context.leaves_digits
        if action == "ghost" and self.is_mounted:
            return bool(self.answer.ghost) and self.context.is_at_end and self.context.text == self.answer.text
        return True

    def action_take(self) -> None:
        """Take the highlighted word and a space; among the options, go to the next."""
        if self.context.has_focus:
            self.when_answered(self._take_chosen)
        else:
            self.focus_next()

    def _take_chosen(self) -> None:
        self._take_place(ranking.best_choice(self.answer) if self._chosen is None else self._chosen)

    def _take_place(self, place: int) -> None:
        if place < len(self.answer.candidates):
            self._type_word(self.answer.candidates[place].word)

    def action_take_nth(self, number: int) -> None:
        """Take a word by its number."""
        self._draw()
        self.when_answered(lambda: self._take_place(number - 1))

    def action_nth(self) -> None:
        """Let the next digit take a word."""
        self._draw(nth=True)

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
        """Put a word in place of the one at the cursor, and the cursor behind the space after it."""
        row, column = self.context.cursor_location
        start, end = column - len(self.answer.beginning), column
        if self.answer.beginning:
            rest, space, _ = self.context.document.get_line(row)[column:].partition(" ")
            end += len(rest + space)
        text = "\n" if word == END_OF_SENTENCE else f"{word} "
        self.context.replace(text, (row, start), (row, end), maintain_selection_offset=False)

    def action_new(self) -> None:
        """Begin a new context; this one stays in the history."""
        self._load_text(self._history.new(self.context.text))

    def action_history(self, step: int) -> None:
        """Go to an earlier or a later context."""
        self._load_text(self._history.move(self.context.text, step))

    def _load_text(self, text: str) -> None:
        """Put another text in place of this one, as an edit: undo brings this one back."""
        context = self.context
        context.replace(text, context.document.start, context.document.end, maintain_selection_offset=False)

    def action_options(self) -> None:
        """Go to the options, and back to the text."""
        self._draw()
        form = self.query_one(OptionsForm)
        if self.has_class("-one"):
            self.app.push_screen(OptionsDialog(self._options, form.show))
        elif self.context.has_focus:
            form.query_one(Input).focus()
        else:
            self.context.focus()

    def action_back(self) -> None:
        """Go back to the text."""
        self._draw()
        self.context.focus()

    def on_options_form_changed(self, event: OptionsForm.Changed) -> None:
        """Take the options of the panel, which follows the dialog."""
        self._options = event.options
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
        self._draw()
        tables = {"words and bits": words.as_table(self.answer), "ranking": ranking.as_table(self.answer)}

        def copy(name: str | None) -> None:
            if name is not None:
                cast("PtbtermApp", self.app).copy_and_save(tsv(tables[name]), ".tsv")

        self.app.push_screen(CopyDialog(list(tables)), copy)

    def action_help(self) -> None:
        """Show the keys."""
        self._draw()
        self.app.push_screen(Help.of("Chat", self.BINDINGS, self.app))
