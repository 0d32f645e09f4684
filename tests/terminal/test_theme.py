"""Colors that can be read, and themes that can be chosen."""

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.screens.dashboard.watcher import Pace
from ptbterm.terminal.text.lines import HUES
from ptbterm.terminal.theme import DARK, DARK_PALETTE, LIGHT, LIGHT_PALETTE
from tests.terminal.piloted_screen import PilotedScreen
from tests.terminal.watched_runs import make_run, story


def luminance(color: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in Color.parse(color).normalized
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


async def test_every_theme_of_the_palette_can_be_chosen(tmp_path: Path) -> None:
    """Those of Textual do not define our variables: they get the colors for their kind of background."""
    run = make_run(tmp_path / "runs", story(2.4))
    app = PtbtermApp(DashboardScreen(WatchedRun(run), Pace.of(0.1)))
    async with app.run_test(size=(140, 42)) as pilot:
        screen = PilotedScreen(pilot)
        await screen.until("4.7 M parameters")
        assert len(app.available_themes) > 10
        for name, theme in app.available_themes.items():
            app.theme = name
            await pilot.pause()
            assert "4.7 M parameters" in screen.text
            palette = DARK_PALETTE if theme.dark else LIGHT_PALETTE
            assert app.theme_variables["train"] == palette.train
            assert app.theme_variables["edge"] == palette.edge
