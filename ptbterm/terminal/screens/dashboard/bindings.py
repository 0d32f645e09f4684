"""The keys of the dashboard, and their words in the footer, the palette and the help."""

from textual.binding import Binding, BindingType

from ptbterm.terminal.screens.dashboard.arrangement import Place
from ptbterm.terminal.screens.dashboard.curve_panel import WHOLE_CURVE

DASHBOARD_BINDINGS: list[BindingType] = [
    Binding("q", "app.quit", "Leave", tooltip="Leave; this does not stop the training"),
    Binding("s", "stop", "Stop…", tooltip="Stop training after the current window and save"),
    Binding("r", "resume", "Resume", tooltip="Resume this run"),
    Binding("k", "kill", "Kill", tooltip="Kill a trainer that does not respond"),
    Binding("1", "go_to(0)", "Panel", key_display="1-6", tooltip="Perplexity; the same digit again zooms"),
    *(
        Binding(str(place + 1), f"go_to({place})", show=False, tooltip=place.name.capitalize())
        for place in list(Place)[1:]
    ),
    Binding("z", "zoom", "Zoom", tooltip="Zoom the focused panel, and back"),
    Binding("x", "hide", show=False, tooltip="Hide the focused panel"),
    Binding("0", "show_all", show=False, tooltip="Show all panels"),
    Binding("left", "inspect(-1)", "Inspect", key_display="←→", tooltip="Inspect the curve point by point"),
    Binding("right", "inspect(1)", show=False),
    Binding("shift+left", "inspect(-10)", show=False, tooltip="Ten points at once"),
    Binding("shift+right", "inspect(10)", show=False),
    Binding("home", f"inspect({-WHOLE_CURVE})", show=False, tooltip="The first point of the curve"),
    Binding("end", f"inspect({WHOLE_CURVE})", show=False, tooltip="The last point of the curve"),
    Binding("enter", "inspect_epoch", show=False, tooltip="Inspect the end of the chosen epoch"),
    Binding("c", "chat", "Chat", tooltip="Chat with the best checkpoint so far"),
    Binding("question_mark,f1,ctrl+g", "help", "Help", key_display="?", tooltip="Show these keys"),
    Binding("e", "extent", "Span", tooltip="Show the whole run, the last two epochs or this epoch"),
    Binding("l", "log_axis", "Log", tooltip="Logarithmic or linear axis"),
    Binding("g", "guides", "References", tooltip="Published results; floor: the lowest perplexity possible"),
    Binding("o", "runs", "Runs", tooltip="Open another run"),
    Binding("p", "app.picture", "Picture", tooltip="Save a picture (SVG) in the current folder"),
    Binding("ctrl+z", "app.suspend_process", show=False, tooltip="Suspend to the shell"),
    Binding("escape", "close", show=False, tooltip="Close the inspection, then the zoom"),
]
