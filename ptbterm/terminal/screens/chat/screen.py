"""The chat: a text, and the ranked words at its cursor, which follow every key."""

from collections.abc import Callable
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Input, TextArea

from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.answer_worker import AnsweringModel, AnswerWorker, Question
from ptbterm.terminal.screens.chat.bindings import CHAT_BINDINGS, TYPING_ACTIONS
from ptbterm.terminal.screens.chat.context_area import ContextArea
from ptbterm.terminal.screens.chat.dialogs import CopyDialog, OptionsDialog
from ptbterm.terminal.screens.chat.header import chat_header
from ptbterm.terminal.screens.chat.history import History
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.options import OptionsForm
from ptbterm.terminal.screens.chat.ranking import (
    before_line,
    best_choice,
    ranking_lines,
    ranking_table,
    ranking_title,
)
from ptbterm.terminal.screens.chat.words import (
    comparison_lines,
    read_as_lines,
    sentence_lines,
    shade_legend,
    special_word_legend,
    word_table,
)
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, line, muted
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from ptbterm.terminal.text.tsv import tsv
from ptbterm.terminal.widgets.help import Help
from ptbterm.terminal.widgets.keys import Keys
from ptbterm.terminal.widgets.panel import Bare, Panel


class ChatScreen(Screen[None]):
    """One context and its next words. A worker loads the model, which takes seconds; typing works at once."""

    BINDINGS: ClassVar[list[BindingType]] = CHAT_BINDINGS
    AUTO_FOCUS = "#context"

    def __init__(self, model: ModelInfo, load: Callable[[], AnsweringModel], symbols: Symbols = UNICODE) -> None:
        super().__init__()
        self.model, self.symbols = model, symbols
        self.answer, self.is_ready = Answer("", 0), False
        self._worker = AnswerWorker(load, self.post_message)
        self._postponed: Callable[[], None] | None = None
        self._options = AnswerOptions()
        self._pinned: Answer | None = None
        self._table_was_toggled = False
        self._chosen: int | None = None
        self._history = History()

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """Make the header, the text and its reading, the ranking, the keys."""
        yield Bare(lambda cells, _: [self._header(cells)], id="header", classes="-one-line")
        with Horizontal(id="body"):
            with Vertical(id="typed"):
                yield ContextArea(id="context")
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
        return chat_header(self.model, self.answer if self.is_ready else None, self.symbols, cells)

    def _draw_read_as(self, cells: int, _rows: int) -> list[Line]:
        return read_as_lines(self.answer, self.symbols, cells)

    def _draw_list(self, cells: int, rows: int) -> list[Line]:
        if not self.is_ready:
            return [line(muted(" Loading the model; you can already type."))]
        if self._pinned is not None:
            return comparison_lines(self._pinned, self.answer, self.symbols, rows)
        if self._table_was_toggled and self.has_class("-one"):
            return self._draw_table(cells, rows)
        return ranking_lines(
            self.answer, self.symbols, cells, rows, chosen=self._chosen, nth=self.context.leaves_digits
        )

    def _draw_table(self, _cells: int, rows: int) -> list[Line]:
        return sentence_lines(self.answer, self.symbols, rows)

    def _before(self, cells: int) -> Line:
        if self.answer.beginning:
            return before_line(self.answer, self.symbols, cells)
        return line(muted(f" {special_word_legend(self.symbols, self.model.vocabulary_size)}"))

    def _draw(self, *, nth: bool = False) -> None:
        """Draw the ranking and the words; only with `nth` the next digit takes a word."""
        self.context.leaves_digits = nth
        panel = self.query_one("#ranking", Panel)
        panel.border_title = Content(self._list_title())
        for shown in self.query(Panel):
            shown.redraw()

    def _list_title(self) -> str:
        if self._pinned is not None:
            return "Pinned and current"
        if self._table_was_toggled and self.has_class("-one"):
            return "Words of this sentence"
        return ranking_title(self.answer, self.symbols)

    def on_resize(self, event: Resize) -> None:
        """Put the ranking beside the text where there is room."""
        self.set_class(event.size.width < TWO_COLUMNS, "-one")
        self.call_after_refresh(lambda: self._draw(nth=self.context.leaves_digits))

    # Asking the model.

    @property
    def context(self) -> ContextArea:
        """The text."""
        return self.query_one("#context", ContextArea)

    def on_mount(self) -> None:
        """Let the worker load the model, and ask it about the text as it is."""
        self.context.border_title = "Context"
        self.context.border_subtitle = shade_legend(self.symbols)
        self.run_worker(self._worker.run, thread=True)
        self.ask()

    def on_unmount(self) -> None:
        """Stop the worker."""
        self._worker.close()

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        """Ask about the new text."""
        self._chosen = None
        self.ask()

    def on_text_area_selection_changed(self, _: TextArea.SelectionChanged) -> None:
        """Ask about the new place of the cursor."""
        if not self.context.is_at_end:
            self.context.suggestion = ""
        self.ask()

    def ask(self) -> None:
        """Ask the current question; what waited for another answer is dropped, and a digit is typed again."""
        self._postponed = None
        self.context.leaves_digits = False
        self._worker.ask(self.question())

    def question(self) -> Question:
        """Return the current question."""
        return Question(self.context.text, self.context.place, self._options)

    def _is_answered(self) -> bool:
        return self.is_ready and self.question().is_answered_by(self.answer)

    def _when_answered(self, action: Callable[[], None]) -> None:
        """Act on the answer to the current question, as soon as it is there."""
        if self._is_answered():
            action()
        else:
            self._postponed = action

    def on_answer_worker_answered(self, event: AnswerWorker.Answered) -> None:
        """Shade the words, draw the ranking, and do what waited for this answer."""
        self.is_ready, self.answer = True, event.answer
        self.context.show_answer(self.answer, self.symbols)
        self._draw(nth=self.context.leaves_digits)
        self.refresh_bindings()
        if self._postponed is not None and self._is_answered():
            action, self._postponed = self._postponed, None
            action()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Disable the keys that the text needs now."""
        if self.app.screen is not self or (action in TYPING_ACTIONS and not self.context.has_focus):
            return False
        if action == "take_nth":
            return self.context.leaves_digits
        if action == "ghost" and self.is_mounted:
            return bool(self.answer.ghost) and self.context.is_at_end and self.context.text == self.answer.text
        return True

    def action_take(self) -> None:
        """Take the highlighted word and a space; among the options, go to the next."""
        if self.context.has_focus:
            self._when_answered(self._take_chosen)
        else:
            self.focus_next()

    def _take_chosen(self) -> None:
        self._take_place(best_choice(self.answer) if self._chosen is None else self._chosen)

    def _take_place(self, place: int) -> None:
        if place < len(self.answer.candidates):
            self.context.type_word(self.answer.candidates[place].word, len(self.answer.beginning))

    def action_take_nth(self, number: int) -> None:
        """Take a word by its number."""
        self._draw()
        self._when_answered(lambda: self._take_place(number - 1))

    def action_nth(self) -> None:
        """Let the next digit take a word."""
        self._draw(nth=True)

    def action_choose(self, step: int) -> None:
        """Move the highlight."""
        start = best_choice(self.answer) if self._chosen is None else self._chosen
        self._chosen = max(0, min(start + step, len(self.answer.candidates) - 1))
        self._draw()

    def action_ghost(self) -> None:
        """Take the next word of the ghost text."""
        self.context.insert(f"{self.answer.ghost[0]} ")

    def action_end_sentence(self) -> None:
        """Take the chosen word; if none is chosen, end the sentence, unless it is empty."""
        if self._chosen is not None:
            self.action_take()
        elif self.context.text[: self.context.place].rpartition("\n")[2].strip():
            self.context.insert("\n")

    def action_new(self) -> None:
        """Start a new context; this one stays in the history."""
        self.context.replace_all(self._history.new(self.context.text))

    def action_history(self, step: int) -> None:
        """Go to an earlier or a later context."""
        self.context.replace_all(self._history.move(self.context.text, step))

    def action_options(self) -> None:
        """Go to the options, and back to the text."""
        self._draw()
        form = self.query_one(OptionsForm)
        if self.has_class("-one"):
            self.app.push_screen(OptionsDialog(self._options, form.set_options))
        elif self.context.has_focus:
            form.query_one(Input).focus()
        else:
            self.context.focus()

    def action_back(self) -> None:
        """Go back to the text."""
        self._draw()
        self.context.focus()

    def on_options_form_changed(self, event: OptionsForm.Changed) -> None:
        """Use the options of the panel, which follows the dialog."""
        self._options = event.options
        self.ask()

    def action_table(self) -> None:
        """Show the words of the sentence, in one column in place of the ranking; in two columns hide them."""
        self._table_was_toggled = not self._table_was_toggled
        self.set_class(self._table_was_toggled, "-toggled")
        self._draw()

    def action_pin(self) -> None:
        """Pin this text and compare the next ones with it, or unpin it."""
        self._pinned = self.answer if self._pinned is None else None
        self._draw()

    def action_copy(self) -> None:
        """Ask which table to copy as TSV."""
        self._draw()
        tables = {"words and bits": word_table(self.answer), "ranking": ranking_table(self.answer)}

        def copy(name: str | None) -> None:
            if name is not None:
                cast("PtbtermApp", self.app).copy_and_save(tsv(tables[name]), ".tsv")

        self.app.push_screen(CopyDialog(list(tables)), copy)

    def action_help(self) -> None:
        """Show the keys."""
        self._draw()
        self.app.push_screen(Help.of("Chat", self.BINDINGS, self.app))
