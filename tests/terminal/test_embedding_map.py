"""The map of words as people use it: walking, looking nearer, searching; and how words are drawn."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.embeddings import WordVectors
from ptbterm.inference.word_map import OnStep, WordMap
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.word_map.atlas import Atlas, Caption
from ptbterm.terminal.screens.word_map.chart import Viewport, chart_of
from ptbterm.terminal.screens.word_map.picture import figure_of
from ptbterm.terminal.screens.word_map.screen import WordMapScreen
from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.symbols import ASCII, MARKS, UNICODE, Symbols
from tests.terminal.piloted_screen import PilotedScreen

NARROW, WIDE = (80, 24), (120, 36)
CAPTION = Caption("tiny", "letters")

PLACES = {
    "may": (0.0, 0.9, 0),
    "june": (0.02, 0.8, 0),
    "july": (0.0, 0.7, 0),
    "<unk>": (0.5, 0.5, 1),
    "<eos>": (0.5, 0.0, 1),
    "two": (1.0, 0.9, 2),
    "three": (0.9, 0.8, 2),
    "日本語": (1.0, 0.2, 2),
}
BEYOND = ("junta", "december")


def small_atlas() -> Atlas:
    """Eight words on the map and two beyond it; words of a cluster point the same way, nearly."""
    directions = {0: (1.0, 0.0, 0.0), 1: (0.0, 1.0, 0.0), 2: (0.0, 0.0, 1.0)}
    clusters = [cluster for *_, cluster in PLACES.values()] + [0, 0]
    vectors = np.array([directions[cluster] for cluster in clusters])
    vectors += 0.01 * np.arange(vectors.size).reshape(vectors.shape) % 0.13
    vocabulary = Vocabulary([*PLACES, *BEYOND])
    x, y, cluster = zip(*PLACES.values(), strict=True)
    word_map = WordMap(made_from="", x=list(x), y=list(y), cluster=list(cluster))
    return Atlas(CAPTION, WordVectors(vocabulary, vectors.astype(np.float32)), word_map)


ATLAS = small_atlas()
ID = ATLAS.words.vocabulary.id_of


def crowd(count: int, seed: int = 1) -> Atlas:
    """Many words at random places."""
    random = np.random.default_rng(seed)
    vocabulary = Vocabulary(["<unk>", "<eos>", *(f"word{number}" for number in range(2, count))])
    x, y = random.random((2, count)).tolist()
    word_map = WordMap(made_from="", x=x, y=y, cluster=random.integers(0, 40, count).tolist())
    return Atlas(CAPTION, WordVectors(vocabulary, random.normal(size=(count, 5)).astype(np.float32)), word_map)


# Drawing.


@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
def test_words_at_their_places(symbols: Symbols) -> None:
    chart = chart_of(ATLAS, Viewport(), 40, 11, symbols, ID("may"), [ID("june"), ID("july")])
    lines = [plain_text(line) for line in chart.lines]
    assert {cell_len(line) for line in lines} == {40}
    assert lines[1].startswith(f"{symbols.taken} may")
    assert lines[1].rstrip().endswith(f"two {symbols.marks[ATLAS.mark_of(ID('two'))]}")
    assert "1 june" in lines[2]
    assert lines[3].startswith("2 july")
    assert symbols.unknown in lines[5]
    assert symbols.end_of_sentence in lines[10]
    assert (chart.marked, chart.named) == (8, 8)
    assert symbols is UNICODE or "".join(lines).isascii()


@pytest.mark.parametrize("zoom", [0, 2, 6])
def test_nothing_is_covered(zoom: int) -> None:
    atlas = crowd(400)
    chart = chart_of(atlas, Viewport().zoomed(zoom), 78, 15, UNICODE, 7, list(range(8, 17)))
    text = "\n".join(plain_text(line) for line in chart.lines)
    named = re.findall(r"word\d+|‹unk›|⏎", text)
    assert len(named) == len(set(named)) == chart.named
    assert set(named) <= {UNICODE.word(word) for word in atlas.words.vocabulary}
    marks = sum(text.count(mark) for mark in UNICODE.marks + UNICODE.taken)
    numbers = len(re.findall(r"(?<![\w])\d(?!\w)", text))
    assert marks + numbers == chart.marked


def test_looking_nearer_names_more_of_what_is_seen() -> None:
    atlas = crowd(400)
    whole, near = (chart_of(atlas, Viewport().zoomed(zoom), 78, 15, UNICODE, 0, []) for zoom in (0, 4))
    assert whole.marked < 400
    assert near.named / near.marked > whole.named / whole.marked


def test_the_selected_word_is_named_in_any_crowd() -> None:
    atlas = crowd(2000)
    for word in range(2, 2000, 97):
        text = "\n".join(map(plain_text, chart_of(atlas, Viewport(), 78, 15, UNICODE, word, []).lines))
        assert re.search(rf"▶ word{word}\b|\bword{word} ▶", text)


def test_a_view_stays_on_the_map() -> None:
    view = Viewport().zoomed(3)
    assert view.moved(-9, -9).place(0, 0) == pytest.approx((0, 0))
    assert view.moved(9, 9).place(1, 1) == pytest.approx((1, 1))
    assert view.zoomed(-9) == Viewport()
    assert Viewport().moved(1, 1) == Viewport()
    for x, y in ((0.0, 0.0), (1.0, 0.3), (0.5, 1.0)):
        left, top = view.showing(x, y).place(0, 0)
        right, bottom = view.showing(x, y).place(1, 1)
        assert left <= x <= right
        assert top <= y <= bottom


@pytest.mark.parametrize("dots_per_inch", [150, 72], ids=["png", "svg"])
def test_names_in_a_picture_lie_apart_and_within_it(dots_per_inch: int) -> None:
    figure, names = figure_of(crowd(300))
    figure.set_dpi(dots_per_inch)
    figure.canvas.draw()
    boxes = np.array([name.get_window_extent().extents for name in names])
    assert 100 < len(boxes) <= 300
    left, bottom, right, top = boxes.T
    width, height = figure.bbox.size
    assert (left >= 0).all()
    assert (bottom >= 0).all()
    assert (right <= width).all()
    assert (top <= height).all()
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    up = np.minimum.outer(top, top) - np.maximum.outer(bottom, bottom)
    shared = np.minimum(across, up)
    np.fill_diagonal(shared, 0)
    assert shared.max() <= 0.5, "dots in which two names lie on each other"


def test_a_long_name_at_an_edge_stays_within_the_picture() -> None:
    long = "antidisestablishmentarianism" * 4
    places = {"<unk>": (0.5, 0.5, 0), "<eos>": (0.4, 0.5, 1), long: (1.0, 1.0, 0), f"{long}s": (0.0, 0.0, 1)}
    x, y, cluster = zip(*places.values(), strict=True)
    word_map = WordMap(made_from="", x=list(x), y=list(y), cluster=list(cluster))
    vectors = WordVectors(Vocabulary(places), np.eye(4, dtype=np.float32))
    figure, names = figure_of(Atlas(CAPTION, vectors, word_map))
    figure.canvas.draw()
    assert len(names) == 4
    for name in names:
        box = name.get_window_extent()
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1


# Words.


def test_walking() -> None:
    def walk(word: str, across: int, down: int) -> str:
        return ATLAS.words.vocabulary[ATLAS.towards(ID(word), across, down, 78, 15)]

    assert walk("may", 0, 1) == "june"
    assert walk("june", 0, 1) == "july"
    assert walk("july", 0, -1) == "june"
    assert walk("may", 1, 0) == "<unk>"
    assert walk("may", -1, 0) == "may"
    assert walk("<unk>", 0, 1) == "<eos>"


def test_searching() -> None:
    assert ATLAS.search("june") == ID("june")
    assert ATLAS.search("JUNE") == ID("june")
    assert ATLAS.search("ju") == ID("june")
    assert ATLAS.search("unta") == ID("junta")
    assert ATLAS.search("xyz") is None


def test_clusters_of_one_mark_lie_apart() -> None:
    atlas = crowd(400)
    assert set(atlas.marks) == set(range(MARKS))
    assert UNICODE.taken not in UNICODE.marks
    assert ASCII.taken not in ASCII.marks
    assert len(UNICODE.marks) == len(ASCII.marks) == len(set(UNICODE.marks)) == len(set(ASCII.marks)) == MARKS
    assert {cell_len(mark) for mark in UNICODE.marks} == {1}


def test_it_begins_with_a_word_whose_neighbors_are_near() -> None:
    assert ATLAS.words.vocabulary[ATLAS.first] in PLACES


# The screen.


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
        assert "b Back" in await screen.press("b")
        assert screen.word == "june"
        nearest = ATLAS.neighbors(ID("june"))[1].word
        await screen.press("2")
        assert screen.word == nearest


async def test_zoom_and_pan() -> None:
    async with mapping() as screen:
        await screen.press("slash", *"two", "enter")
        assert "1.5 x" in await screen.press("plus")
        await screen.press("plus", "plus")
        assert "two" in screen.map
        assert "may" not in screen.map
        await screen.press(*["shift+left"] * 12)
        assert "may" in screen.map
        assert "two" not in screen.map
        assert "1.0 x" in await screen.press("0")


async def test_search_follows_each_key() -> None:
    async with mapping() as screen:
        before = screen.word
        await screen.press("slash", *"thr")
        assert screen.word == "three"
        assert "word not found" in await screen.press("q")
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
        assert "Nearest" in await screen.press("escape")


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
