"""The symbols of every screen: Unicode, or ASCII if the terminal lacks UTF-8."""

from dataclasses import dataclass

from ptbterm.terminal.text.safe_text import visible

MARKS = 12
"""How many symbols distinguish clusters of words."""


@dataclass(frozen=True)
class Symbols:
    """Symbols by their meaning; `bar`, `spark` and `heat` go from little to full."""

    ascii_only: bool
    running: str
    waiting: str
    finished: str
    stopped: str
    failed: str
    valid: str
    best: str
    train: str
    guide: str
    rule: str
    bar: str
    bar_rest: str
    spark: str
    ellipsis: str
    about: str
    dot: str
    up: str
    down: str
    end_of_sentence: str
    unknown: str
    quotes: str
    chosen: str
    taken: str
    shades: str
    marks: str
    heat: str
    differs: str

    def bar_of(self, share: float, cells: int) -> str:
        """Return a bar of at most `cells`; Unicode has half cells for its end."""
        steps = len(self.bar)
        whole, rest = divmod(round(min(max(share, 0.0), 1.0) * cells * steps), steps)
        return self.bar[-1] * whole + (self.bar[rest - 1] if rest else "")

    def spark_of(self, values: list[float]) -> str:
        """Return one symbol for each value, on a scale from 0 to the greatest of them."""
        top = max(values, default=0.0)
        steps = len(self.spark) - 1
        return "".join(self.spark[round(value / top * steps)] if top > 0 else self.spark[0] for value in values)

    def word(self, word: str) -> str:
        """Return a word of the vocabulary for display."""
        return {"<eos>": self.end_of_sentence, "<unk>": self.unknown}.get(word) or self.shown(word)

    def shown(self, text: str) -> str:
        """Return text from any source, harmless and displayable on this terminal."""
        return self.text(visible(text))

    def prose(self, text: str) -> str:
        """Return prose for display, with this terminal's quotation marks and sign of an estimate."""
        for sign, own in (("“", self.quotes[0]), ("”", self.quotes[1]), ("≈", self.about)):
            text = text.replace(sign, own)
        return self.shown(text)

    def text(self, text: str) -> str:
        """Return text with escapes for the letters that this terminal can not show."""
        return text.encode("ascii", "backslashreplace").decode() if self.ascii_only else text


UNICODE = Symbols(
    ascii_only=False,
    running="●",
    waiting="◌",
    finished="✓",
    stopped="■",
    failed="✗",
    valid="◆",
    best="★",
    train="──",
    guide="┄┄",
    rule="─",
    bar="╸━",
    bar_rest="─",
    spark="▁▂▃▄▅▆▇",
    ellipsis="…",
    about="≈",
    dot=" · ",
    up="↑",
    down="↓",
    end_of_sentence="⏎",
    unknown="‹unk›",
    quotes="“”",
    chosen="▸",
    taken="▶",
    shades="▁▃▅▇",
    marks="●■▲◆★▼○□△◇☆▽",
    heat="░▒▓█",
    differs="≠",
)
ASCII = Symbols(
    ascii_only=True,
    running="*",
    waiting="o",
    finished="+",
    stopped="#",
    failed="x",
    valid="o",
    best="#",
    train="**",
    guide="--",
    rule="-",
    bar="#",
    bar_rest=".",
    spark=" .:-=+*#",
    ellipsis="...",
    about="~",
    dot=", ",
    up="+",
    down="-",
    end_of_sentence="<eos>",
    unknown="<unk>",
    quotes='""',
    chosen=">",
    taken="*",
    shades=".-=#",
    marks="o#+@%&=~^$!?",
    heat=".:+#",
    differs="!=",
)


def symbols_for(encoding: str | None) -> Symbols:
    """Return the symbols that a terminal of that encoding can show."""
    return UNICODE if "utf" in (encoding or "").lower() else ASCII
