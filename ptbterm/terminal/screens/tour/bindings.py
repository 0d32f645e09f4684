"""The keys of the tour, and their words in the footer, the palette and the help."""

from textual.binding import Binding, BindingType

TOUR_BINDINGS: list[BindingType] = [
    Binding(
        "right,space",
        "step(1)",
        "Step",
        key_display="←→",
        tooltip="Next or previous step; also space, backspace",
    ),
    Binding("left,backspace", "step(-1)", show=False, key_display="←"),
    Binding("home", "go_to(1)", show=False, tooltip="First step; End: last step"),
    Binding("end", "go_to(99)", show=False),
    Binding("enter", "reveal", "Answer", key_display="⏎", tooltip="Show the answers of a quiz"),
    Binding("down", "walk(1)", "Walk", key_display="↑↓", tooltip="Next time step, row or word; else scroll"),
    Binding("up", "walk(-1)", show=False),
    Binding(
        "right_square_bracket", "units(1)", "Units", key_display="[ ]", tooltip="Other units of the heat maps"
    ),
    Binding("left_square_bracket", "units(-1)", show=False),
    Binding("tab", "next_panel", "Panel", key_display="Tab", tooltip="Next panel; up and down scroll it"),
    Binding("tab", "app.focus_next", show=False),
    Binding("g", "ask_step", "Go to", tooltip="Go to a step by its number"),
    Binding("t", "text", "Text", tooltip="Show this step as plain text"),
    Binding("question_mark,f1,ctrl+g", "help", "Help", key_display="?", tooltip="Show these keys"),
    Binding("q", "app.quit", "Leave", tooltip="Leave; the next tour starts at this step"),
    Binding("o", "list_steps", "Steps", tooltip="List all steps; those seen are ticked"),
    Binding("y", "copy", "Copy", tooltip="Copy the code, and save it in the current folder"),
]
