"""The thread behind the word map: loads the map, and reports its progress; leaving the screen ends it."""

from collections.abc import Callable

from textual.message import Message

from ptbterm.errors import PtbtermError
from ptbterm.inference.word_map import OnStep
from ptbterm.terminal.app import LoadFailed
from ptbterm.terminal.screens.word_map.atlas import Atlas


class _Closed(Exception):  # noqa: N818
    """The screen was left while the map was being made."""


class MapWorker:
    """Loads a map by `load`; `post` hands a message to the screen, from any thread."""

    class Progressed(Message):
        """The map is being made; `steps` of it are done."""

        def __init__(self, steps: int) -> None:
            super().__init__()
            self.steps = steps

        def can_replace(self, message: Message) -> bool:
            """Allow newer progress to replace progress that the screen has not handled yet."""
            return isinstance(message, MapWorker.Progressed)

    class MapLoaded(Message):
        """The map is loaded."""

        def __init__(self, atlas: Atlas) -> None:
            super().__init__()
            self.atlas = atlas

    def __init__(self, load: Callable[[OnStep], Atlas], post: Callable[[Message], object]) -> None:
        self._load, self._post = load, post
        self._is_closed = False

    def close(self) -> None:
        """End the thread at its next step."""
        self._is_closed = True

    def run(self) -> None:
        """Load the map: the body of the thread."""
        try:
            self._post(self.MapLoaded(self._load(self._report)))
        except _Closed:
            return
        except PtbtermError as error:
            self._post(LoadFailed(error))

    def _report(self, steps: int) -> None:
        if self._is_closed:
            raise _Closed
        self._post(self.Progressed(steps))
