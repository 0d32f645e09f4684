"""The screen of the word map: walking, zooming and searching."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from ptbterm.errors import PtbtermError
from ptbterm.inference.word_map import OnStep
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.word_map.atlas import Atlas
from ptbterm.terminal.screens.word_map.screen import WordMapScreen
from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.terminal.map_examples import ATLAS, CAPTION, ID, PLACES
from tests.terminal.piloted_screen import PilotedScreen

NARROW, WIDE = (80, 24), (120, 36)


class Mapping(PilotedScreen):
    """A map on a screen."""

    def __init__(self, screen: WordMapScreen, pilot: "Pilot[None]") -> None:
        super().__init__(pilot)
        self.screen = screen

    @property
    def map(self) -> str:
        return "\n".join(map(plain_text, self.screen._chart.lines))

    @property
    def word(self) -> str:
        return ATLAS.words.vocabulary[self.screen.selected]


def loaded(on_step: OnStep) -> Atlas:
    on_step(100)
    return ATLAS


@asynccontextmanager
async def mapping(size: tuple[int, int] = NARROW, symbols: Symbols = UNICODE) -> AsyncIterator[Mapping]:
    screen = WordMapScreen(CAPTION, loaded, symbols)
    async with PtbtermApp(screen).run_test(size=size, notifications=True) as pilot:
        for _ in range(100):
            if screen.atlas is not None:
                break
            await pilot.pause(0.02)
        await pilot.pause()
        yield Mapping(screen, pilot)


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
async def test_what_is_on_the_screen(size: tuple[int, int], symbols: Symbols) -> None:
    async with mapping(size, symbols) as screen:
        text = await screen.press("slash", *"may", "enter")
        assert f"tiny{symbols.dot}letters{symbols.dot}8 of 10 words" in text
        assert "Nearest" in text
        assert f"{symbols.taken} may" in text
        assert "number 1 of 10 by frequency" in text
        assert "cluster of 3" in text
        for key in ("/ Search", "+ - Zoom", "1-9 Neighbor", "? Help", "q Leave"):
            assert key in text


async def test_keys_walk_and_return() -> None:
    async with mapping() as screen:
        await screen.press("slash", *"may", "enter")
        await screen.press("down")
        assert screen.word == "june"
        await screen.press("down")
        assert screen.word == "july"
        await screen.press("b", shows="b Back")
        assert screen.word == "june"
        nearest = ATLAS.neighbors(ID("june"))[1].word
        await screen.press("2")
        assert screen.word == nearest


async def test_zoom_and_pan() -> None:
    async with mapping() as screen:
        await screen.press("slash", *"two", "enter")
        await screen.press("plus", shows="1.5 x")
        await screen.press("plus", "plus")
        assert "two" in screen.map
        assert "may" not in screen.map
        await screen.press(*["shift+left"] * 12)
        assert "may" in screen.map
        assert "two" not in screen.map
        await screen.press("0", shows="1.0 x")


async def test_search_follows_each_key() -> None:
    async with mapping() as screen:
        before = screen.word
        await screen.press("slash", *"thr")
        assert screen.word == "three"
        await screen.press("q", shows="word not found")
        assert screen.word == "three"
        await screen.press("escape")
        assert screen.word == before
        assert "/ Search" in screen.text
        await screen.press("slash", *"decem", "enter")
        assert screen.word == "december"
        assert "number 10 of 10 by frequency" in screen.text
        assert "december  not on the map" in screen.text
        await screen.press("b")
        assert screen.word == before


async def test_a_word_beyond_the_map_is_looked_for_near_its_neighbors() -> None:
    on_map = max(
        PLACES, key=lambda word: float(ATLAS.words.directions[ID(word)] @ ATLAS.words.directions[ID("december")])
    )
    async with mapping() as screen:
        await screen.press("slash", *"three", "enter", "plus", "plus", "plus")
        assert on_map not in screen.map
        await screen.press("slash", *"december", "enter")
        assert on_map in screen.map
        await screen.press("right")
        assert screen.word in PLACES


async def test_a_click_goes_to_the_nearest_word() -> None:
    async with mapping() as screen:
        await screen.pilot.click("#map", offset=(2, 2))
        await screen.pilot.pause()
        assert screen.word == "may"


async def test_copy_saves_the_neighbors(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("copies")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        async with mapping() as screen:
            await screen.press("ctrl+o")
            near = ATLAS.neighbors(screen.screen.selected)
    (file,) = place.glob("*.tsv")
    assert [line.split("\t")[0] for line in file.read_text().splitlines()] == [
        "word",
        *(each.word for each in near),
    ]


async def test_help_lists_the_keys() -> None:
    async with mapping() as screen:
        text = await screen.press("question_mark")
        assert "Map of the words" in text
        assert "Go to the n-th nearest word" in text
        await screen.press("escape", shows="Nearest")


async def test_an_error_ends_the_app_with_its_sentence() -> None:
    def fail(_: OnStep) -> Atlas:
        raise PtbtermError("It can't be read.", "Try another.")

    app = PtbtermApp(WordMapScreen(CAPTION, fail))
    async with app.run_test() as pilot:
        await pilot.pause(0.2)
    assert app.return_code == 1


async def test_progress_until_the_map_is_there() -> None:
    screen = WordMapScreen(CAPTION, loaded)
    assert "Arranging the words: 0 of 750 steps" in "".join(map(plain_text, screen._draw_map(60, 10)))
    screen._steps = 375
    _, said, bar = map(plain_text, screen._draw_map(60, 10))
    assert said.strip() == "Arranging the words: 375 of 750 steps…"
    assert cell_len(bar.strip()) == 28
