"""`ptbterm embeddings`: a map of the word vectors, and nearest neighbors."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm.cli.options import JsonOption, MouseOption, RunArgument, ScreenViewOption
from ptbterm.errors import PtbtermError
from ptbterm.settings.choices import Side
from ptbterm.terminal.text.safe_text import to_json
from ptbterm.terminal.text.tsv import write_tsv

if TYPE_CHECKING:
    from ptbterm.inference.embeddings import WordVectors
    from ptbterm.inference.word_map import OnStep
    from ptbterm.runs.run import Run
    from ptbterm.terminal.screens.word_map.atlas import Atlas, Caption

    Load = Callable[[OnStep], Atlas]


def command(
    run: RunArgument = None,
    neighbors: Annotated[
        str | None, typer.Option(metavar="WORD", help="List the nearest neighbors of a word.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of neighbors.")] = 10,
    side: Annotated[
        Side,
        typer.Option(help="Vectors of the embedding (input), of the softmax (output), or both, concatenated."),
    ] = "both",
    words: Annotated[int, typer.Option(min=8, help="Number of words on the map: the most frequent.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Random seed of the map.")] = 1,
    png: Annotated[Path | None, typer.Option(help="Save the map as a PNG picture.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Save the map as an SVG picture.")] = None,
    as_json: JsonOption = False,
    view: ScreenViewOption = "auto",
    mouse: MouseOption = True,
) -> None:
    """Show a map of the word vectors; without a terminal, print one word per line."""
    from ptbterm.cli.inputs import open_run
    from ptbterm.cli.screens import chosen_view
    from ptbterm.inference.embeddings import read_word_vectors
    from ptbterm.terminal.screens.word_map.atlas import Caption

    if neighbors is not None and (png or svg):
        raise typer.BadParameter("--neighbors can't be combined with --png or --svg.")
    chosen = open_run(run)
    vectors = read_word_vectors(chosen, side)
    if neighbors is not None:
        _list_neighbors(vectors, neighbors, k, as_json=as_json)
        return

    caption = Caption(chosen.name, chosen.read_record().run.corpus)
    load = _loader(chosen, caption, vectors, side, words, seed)
    if pictures := {kind: file for kind, file in (("png", png), ("svg", svg)) if file}:
        _save_pictures(load, pictures)
    elif not as_json and chosen_view(view) == "tui":
        _open_map(caption, load, mouse=mouse)
    else:
        _list_words(load, as_json=as_json)


def _loader(run: "Run", caption: "Caption", vectors: "WordVectors", side: Side, words: int, seed: int) -> "Load":
    """Return the function that arranges the words, which takes seconds; it reports each step."""
    from ptbterm.inference.word_map import map_of_run
    from ptbterm.terminal.screens.word_map.atlas import Atlas

    return lambda on_step: Atlas(caption, vectors, map_of_run(run, vectors, words, seed, on_step, side))


def _list_neighbors(vectors: "WordVectors", word: str, k: int, *, as_json: bool) -> None:
    nearest = vectors.neighbors(word, k)
    if as_json:
        rows = [{"word": neighbor.word, "similarity": neighbor.similarity} for neighbor in nearest]
        print(to_json({"word": word, "neighbors": rows}))
    else:
        table = ((neighbor.word, f"{neighbor.similarity:.6f}") for neighbor in nearest)
        write_tsv(sys.stdout, [("word", "similarity"), *table])


def _list_words(load: "Load", *, as_json: bool) -> None:
    """Print each word of the map: rank by frequency from 1, coordinates, cluster."""
    with _progress() as on_step:
        atlas = load(on_step)
    names = ("word", "rank", "x", "y", "cluster")
    vocabulary, places = atlas.words.vocabulary, atlas.map
    rows = zip(vocabulary, range(1, len(atlas) + 1), places.x, places.y, places.cluster, strict=False)
    if as_json:
        records = [dict(zip(names, row, strict=True)) for row in rows]
        document = {"run": atlas.caption.run, "corpus": atlas.caption.corpus, "words": records}
        print(to_json(document))
    else:
        write_tsv(sys.stdout, [names, *rows])


def _save_pictures(load: "Load", files: dict[str, Path]) -> None:
    from ptbterm.cli.printing import notice
    from ptbterm.terminal.screens.word_map.picture import save_picture

    for file in files.values():
        if not file.parent.is_dir():
            raise PtbtermError(f"Folder {file.parent} does not exist: can't save {file.name} there.")
    with _progress() as on_step:
        atlas = load(on_step)
    for kind, file in files.items():
        named = save_picture(atlas, file, kind)
        notice(f"Saved {file}: {len(atlas):,} words, {named:,} of them labeled.")


def _open_map(caption: "Caption", load: "Load", *, mouse: bool) -> None:
    from ptbterm.cli.screens import run_app
    from ptbterm.terminal.app import PtbtermApp
    from ptbterm.terminal.screens.word_map.screen import WordMapScreen
    from ptbterm.terminal.text.symbols import symbols_for

    app = PtbtermApp(WordMapScreen(caption, load, symbols_for(sys.stdout.encoding)))
    run_app(app, mouse=mouse)


@contextmanager
def _progress() -> Iterator["OnStep"]:
    """Show progress on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress
    from rich.console import Console

    from ptbterm.inference.word_map import STEPS

    bars = progress.Progress(console=Console(stderr=True), transient=True)
    with bars:
        task = bars.add_task("Arranging the words", total=STEPS)
        yield lambda steps: bars.update(task, completed=steps)
