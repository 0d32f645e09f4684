"""The colors of every screen and picture, each written once; theme.tcss and the roles of text refer to them."""

from dataclasses import dataclass

from textual.theme import BUILTIN_THEMES, Theme

from ptbterm import environment
from ptbterm.errors import UsageError


@dataclass(frozen=True)
class Palette:
    """Colors by purpose. Text has a contrast of at least 4.5 : 1 on both backgrounds.

    `shades` are backgrounds of words, from 4 bits of surprisal on; `hues` distinguish clusters of words.
    """

    background: str
    panel: str
    text: str
    train: str
    valid: str
    failed: str
    muted: str
    edge: str
    shades: tuple[str, str, str]
    hues: tuple[str, str, str, str, str, str]

    def variables(self) -> dict[str, str]:
        """Return the variables of theme.tcss that Textual does not have itself."""
        return {
            "train": self.train,
            "valid": self.valid,
            "failed": self.failed,
            "muted": self.muted,
            "edge": self.edge,
            **{f"shade-{number}": shade for number, shade in enumerate(self.shades, 1)},
            **{f"hue-{number}": hue for number, hue in enumerate(self.hues, 1)},
        }


DARK_PALETTE = Palette(
    background="#0F1317",
    panel="#161B21",
    text="#E6E9ED",
    train="#56B4E9",
    valid="#E69F00",
    failed="#FF8FB8",
    muted="#9AA1AB",
    edge="#6B7684",
    shades=("#1B3A57", "#24557F", "#2B679B"),
    hues=("#56B4E9", "#E69F00", "#4CCB94", "#EFE36B", "#FF8FB8", "#B9A2FF"),
)
LIGHT_PALETTE = Palette(
    background="#FBFBFA",
    panel="#F1F2F0",
    text="#1B1F24",
    train="#005F99",
    valid="#B34700",
    failed="#A3005C",
    muted="#5A6068",
    edge="#858B94",
    shades=("#D6E6F4", "#A9CCE8", "#79AEDB"),
    hues=("#005F99", "#B34700", "#006B47", "#6F5B00", "#A3005C", "#5B3DB8"),
)


def palette_for(*, dark: bool) -> Palette:
    """Return the palette for a dark or a light background."""
    return DARK_PALETTE if dark else LIGHT_PALETTE


def _theme(name: str, palette: Palette, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=palette.train,
        secondary=palette.train,
        accent=palette.valid,
        error=palette.failed,
        warning=palette.valid,
        success=palette.train,
        background=palette.background,
        surface=palette.background,
        panel=palette.panel,
        foreground=palette.text,
        dark=dark,
        variables={**palette.variables(), "footer-key-foreground": palette.train},
    )


DARK = _theme("ptbterm-dark", DARK_PALETTE, dark=True)
LIGHT = _theme("ptbterm-light", LIGHT_PALETTE, dark=False)


def chosen_theme() -> str:
    """Return the name of the theme of the screens; raises `UsageError` if `PTBTERM_THEME` is not one."""
    name = environment.theme() or DARK.name
    names = [DARK.name, LIGHT.name, *sorted(BUILTIN_THEMES)]
    if name not in names:
        raise UsageError(f"PTBTERM_THEME must name a theme, not {name!r}.", f"The themes are: {', '.join(names)}.")
    return name
