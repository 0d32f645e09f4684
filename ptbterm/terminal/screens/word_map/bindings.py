"""The keys of the word map, and their words in the footer, the palette and the help."""

from textual.binding import Binding, BindingType

WORD_MAP_BINDINGS: list[BindingType] = [
    Binding("slash", "search", "Search", key_display="/", priority=True, tooltip="Search for a word as you type"),
    Binding("right", "walk(1, 0)", "Walk", key_display="←↑↓→", tooltip="Go to the next word in that direction"),
    Binding("left", "walk(-1, 0)", show=False),
    Binding("down", "walk(0, 1)", show=False),
    Binding("up", "walk(0, -1)", show=False),
    Binding(
        "plus,equals_sign", "zoom(1)", "Zoom", key_display="+ -", tooltip="Zoom in or out; also the mouse wheel"
    ),
    Binding("minus", "zoom(-1)", show=False),
    Binding("0", "whole", "Whole", tooltip="Show the whole map"),
    Binding("1", "neighbor(1)", "Neighbor", key_display="1-9", tooltip="Go to the n-th nearest word"),
    *(Binding(f"{digit}", f"neighbor({digit})", show=False) for digit in range(2, 10)),
    Binding("question_mark,f1,ctrl+g", "help", "Help", key_display="?", tooltip="Show these keys"),
    Binding("q", "app.quit", "Leave", tooltip="Leave"),
    Binding("b,backspace", "back", "Back", key_display="b", tooltip="Go back to the previous word"),
    Binding("shift+right", "pan(1, 0)", "Pan", key_display="⇧←↑↓→", tooltip="Move the map, not the word"),
    Binding("shift+left", "pan(-1, 0)", show=False),
    Binding("shift+down", "pan(0, 1)", show=False),
    Binding("shift+up", "pan(0, -1)", show=False),
    Binding("ctrl+o", "copy", "Copy", tooltip="Copy and save the nearest words as TSV"),
    Binding("escape", "end_search", show=False),
]
