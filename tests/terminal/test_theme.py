"""Colours that can be read: text on the backgrounds of both themes."""

import pytest
from textual.color import Color
from textual.theme import Theme

from ptbterm.terminal.app import DARK, LIGHT
from ptbterm.terminal.text.lines import HUES


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in Color.parse(colour).normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", ["train", "valid", "failed", "muted", *HUES])
def test_text_stands_out(theme: Theme, name: str) -> None:
    for background in (theme.background, theme.panel):
        assert background
        lighter, darker = sorted(map(luminance, (theme.variables[name], background)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_hues_differ(theme: Theme) -> None:
    assert len({theme.variables[hue] for hue in HUES}) == len(HUES)
