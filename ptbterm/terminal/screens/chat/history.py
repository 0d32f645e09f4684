"""The contexts typed earlier."""


class History:
    """Texts in the order in which they were started; one of them is on the screen."""

    def __init__(self) -> None:
        self._texts = [""]
        self._place = 0

    def new(self, text: str) -> str:
        """Keep the text on the screen, and start an empty one at the end."""
        self._texts[self._place] = text
        if self._texts[-1]:
            self._texts.append("")
        self._place = len(self._texts) - 1
        return ""

    def move(self, text: str, step: int) -> str:
        """Keep the text on the screen, and return the one `step` places later, within the history."""
        self._texts[self._place] = text
        self._place = max(0, min(self._place + step, len(self._texts) - 1))
        return self._texts[self._place]
