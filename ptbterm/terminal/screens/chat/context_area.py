"""The typed text: words shaded by their surprisal, unknown words underlined."""

import re
from bisect import bisect_left
from dataclasses import replace
from itertools import accumulate
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from ptbterm.corpus.marks import END_OF_SENTENCE
from ptbterm.inference.answer import Answer
from ptbterm.terminal.screens.chat.words import shade_of
from ptbterm.terminal.text.numbers import counted
from ptbterm.terminal.text.safe_text import acts
from ptbterm.terminal.text.symbols import Symbols

_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
"""Line ends other than \\n; terminals paste a line end as \\r."""


class ContextArea(TextArea):
    """A text area that shows the scores of its words and the ghost text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"context--shade-{depth}" for depth in range(4)}

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
        self._answer = Answer("", 0)
        self._line_starts = [0]
        self.leaves_digits = False

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Leave digits to the screen while they choose a word."""
        if self.leaves_digits and character is not None and character.isdigit():
            return False
        return super().check_consume_key(key, character)

    def edit(self, edit: Edit) -> EditResult:
        """Apply an edit without its control characters; notify how many were dropped."""
        text = _LINE_END.sub("\n", edit.text).replace("\t", " ")
        kept = "".join(letter for letter in text if letter == "\n" or not acts(letter))
        dropped = len(text) - len(kept)
        if dropped:
            self.notify(f"Dropped {counted(dropped, 'control character')}.", markup=False)
        return super().edit(replace(edit, text=kept))

    def type_word(self, word: str, typed: int) -> None:
        """Replace the word with `typed` letters before the cursor; `<eos>` ends the line instead."""
        row, column = self.cursor_location
        end = column
        if typed:
            rest, space, _ = self.document.get_line(row)[column:].partition(" ")
            end += len(rest + space)
        text = "\n" if word == END_OF_SENTENCE else f"{word} "
        self.replace(text, (row, column - typed), (row, end), maintain_selection_offset=False)

    def replace_all(self, text: str) -> None:
        """Replace the text as an edit: undo brings this one back."""
        self.replace(text, self.document.start, self.document.end, maintain_selection_offset=False)

    @property
    def place(self) -> int:
        """Where the cursor is, in characters from the start of the text."""
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.text.split("\n")[:row]) + column

    @property
    def is_at_end(self) -> bool:
        """Whether the cursor is at the end of the text."""
        return self.cursor_location == self.document.end

    def action_cursor_right(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        """Move the cursor only: the screen takes the ghost text word by word."""
        self.suggestion = ""
        super().action_cursor_right(select)

    def show_answer(self, answer: Answer, symbols: Symbols) -> None:
        """Shade the words and show the ghost text, if the answer is about this text."""
        if answer.text == self.text:
            self._answer = answer
            self.suggestion = " ".join(map(symbols.word, answer.ghost)) if self.is_at_end else ""
            lengths = (len(line) + 1 for line in answer.text.split("\n"))
            self._line_starts = list(accumulate(lengths, initial=0))
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """Return a line with its words shaded."""
        line = super().get_line(line_index)
        if self._answer.text != self.text or not self._answer.options.shading:
            return line
        start = self._line_starts[line_index]
        words = self._answer.words
        for place in range(bisect_left(words, start, key=lambda word: word.start), len(words)):
            word = words[place]
            if word.start - start >= len(line):
                break
            style = self._style_of(word.modelled is None, word.is_unknown, word.bits)
            line.stylize(style, word.start - start, word.end - start)
        return line

    def _style_of(self, unread: bool, unknown: bool, bits: float) -> Style:  # noqa: FBT001
        if unread:
            return Style(dim=True)
        style = self.get_component_rich_style(f"context--shade-{shade_of(bits)}", partial=True)
        return style + Style(underline=True) if unknown else style
