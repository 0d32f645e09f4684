"""The keys of the chat, and their words in the footer, the palette and the help."""

from textual.binding import Binding, BindingType

CHAT_BINDINGS: list[BindingType] = [
    Binding("tab", "take", "Take", key_display="⇥", priority=True, tooltip="Take the highlighted word"),
    Binding("down", "choose(1)", "Choose", key_display="↑↓", priority=True, tooltip="Move the highlight"),
    Binding("up", "choose(-1)", show=False, priority=True),
    Binding(
        "ctrl+t",
        "nth",
        "Number",
        key_display="^t",
        priority=True,
        tooltip="Then 1 to 9: take that word",
    ),
    *(Binding(f"{digit}", f"take_nth({digit})", show=False, priority=True) for digit in range(1, 10)),
    Binding(
        "right",
        "ghost",
        "Ghost",
        key_display="→",
        priority=True,
        tooltip="Take the next word of the gray suggestion",
    ),
    Binding("enter", "end_sentence", "End", key_display="⏎", priority=True, tooltip="End the sentence"),
    Binding("ctrl+l", "new", "New", priority=True, tooltip="New context; ctrl+up brings this one back"),
    Binding("ctrl+up", "history(-1)", show=False, priority=True, tooltip="Previous context"),
    Binding("ctrl+down", "history(1)", show=False, priority=True, tooltip="Next context"),
    Binding("f2", "options", "Options", tooltip="Temperature, candidates, unknown words, ghost text"),
    Binding("escape", "back", show=False),
    Binding("f3", "table", "Table", tooltip="Bits, rank and entropy of each word; * scored as an unknown word"),
    Binding("f4", "pin", "Pin", tooltip="Pin this text and compare the next ones with it word by word"),
    Binding("ctrl+o", "copy", "Copy", priority=True, tooltip="Copy and save the ranking or the words"),
    Binding("f1,ctrl+g", "help", "Help", key_display="^g", priority=True, tooltip="Show these keys"),
]
TYPING_ACTIONS = frozenset({"choose", "nth", "take_nth", "ghost", "end_sentence"})
"""What keys do only while the text has the focus."""
