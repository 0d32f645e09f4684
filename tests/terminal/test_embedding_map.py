"""The map of words as people use it: walking, looking nearer, searching; and how words are drawn."""

import re

import numpy as np
import pytest
from rich.cells import cell_len

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.embeddings import WordVectors
from ptbterm.inference.word_map import WordMap
from ptbterm.terminal.screens.word_map.atlas import Atlas
from ptbterm.terminal.screens.word_map.chart import Viewport, chart_of
from ptbterm.terminal.screens.word_map.picture import figure_of
from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.symbols import ASCII, MARKS, UNICODE, Symbols
from tests.terminal.map_examples import ATLAS, CAPTION, ID, PLACES


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
