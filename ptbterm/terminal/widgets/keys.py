"""The footer: the keys that work now; clicking one does the same as pressing it."""

from collections.abc import Callable

from textual.binding import Binding
from textual.events import Click

from ptbterm.terminal.text.lines import Line, Role, Span, justify, line, muted, width
from ptbterm.terminal.widgets.panel import Bare


class Keys(Bare):
    """Draws keys with their actions, and `right()` at the right end."""

    def __init__(self, right: Callable[[], Line], *, id: str) -> None:  # noqa: A002
        super().__init__(self._draw_keys, id=id)
        self._right = right

    def on_click(self, event: Click) -> None:
        """Run the action of the key under the mouse."""
        end = 0
        for binding in self._shown(self.scrollable_content_region.width):
            start, end = end, end + width(self._key(binding))
            if start <= event.x < end:
                self.screen.call_later(self.screen.run_action, binding.action)

    def _shown(self, cells: int) -> list[Binding]:
        """Return one binding for each action, as many as fit; always the help, which lists all."""
        working: dict[str, Binding] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled:
                working.setdefault(binding.action, binding)
        shown, room = [], cells - width(self._right())
        last = [working.pop("help")] if "help" in working else []
        room -= sum(width(self._key(binding)) for binding in last)
        for binding in working.values():
            room -= width(self._key(binding))
            if room < 0:
                break
            shown.append(binding)
        return [*shown, *last]

    def _key(self, binding: Binding) -> Line:
        return line(" ", Span(self.app.get_key_display(binding), Role.TRAIN), f" {binding.description} ")

    def _draw_keys(self, cells: int, _: int) -> list[Line]:
        keys = [span for binding in self._shown(cells) for span in self._key(binding)]
        return [justify(keys, [muted(span.text) for span in self._right()], cells)]
