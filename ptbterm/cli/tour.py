"""`ptbterm tour`: the notebook, step by step, on live tensors."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ptbterm import environment
from ptbterm.cli.options import MouseOption, ThreadsOption, complete_corpora, complete_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ptbterm.corpus.sources import CorpusText
    from ptbterm.lessons.tour import Tour
    from ptbterm.runs.run import Run

LESSON_COUNT = 15
"""The number of lessons in `ptbterm.lessons.tour`, each a step; importing that takes seconds (torch)."""


def command(
    run: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Use a trained model instead of an untrained one.", autocompletion=complete_runs
        ),
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(
            metavar="demo|ptb|PATH",
            help="The text; by default the Penn Treebank if installed, else the demo corpus.",
            autocompletion=complete_corpora,
        ),
    ] = None,
    quiz: Annotated[bool, typer.Option("--quiz", help="Hide the answers, for use in class.")] = False,
    step: Annotated[
        int | None,
        typer.Option(min=1, max=LESSON_COUNT, help="Start at this step; in plain text, print only it."),
    ] = None,
    view: Annotated[
        Literal["auto", "tui", "plain"], typer.Option(help="tui: one screen per step; plain: text.")
    ] = "auto",
    mouse: MouseOption = True,
    threads: ThreadsOption = None,
) -> None:
    """Walk through the course notebook, from the corpus to the embedding map, on real tensors."""
    from ptbterm.cli.screens import chosen_view
    from ptbterm.cli.threads import requested_threads

    if run is not None and corpus is not None:
        raise typer.BadParameter(
            "--run has its own corpus: use --run or --corpus, not both.", param_hint="--corpus"
        )
    from ptbterm.cli.inputs import open_text
    from ptbterm.runs.catalog import find_run

    number = requested_threads(threads)
    chosen = None if run is None else find_run(environment.runs(), run)
    text = open_text(chosen.read_record().corpus.source if chosen else corpus or _installed_corpus())
    with TemporaryDirectory(prefix="ptbterm-tour-") as folder:
        load = partial(load_tour, chosen, text, Path(folder), number)
        if chosen_view(view) == "tui":
            _open(load, step, quiz=quiz, mouse=mouse)
        else:
            _print(load(), step, quiz=quiz)


def load_tour(run: "Run | None", text: "CorpusText", folder: Path, threads: int = 0) -> "Tour":
    """Return the tour of a run's model, or of an untrained one; `folder` is for its short trainings."""
    from ptbterm.corpus.encoded import encode_corpus
    from ptbterm.inference.trained_model import load_run  # torch: seconds
    from ptbterm.lessons.subject import fresh_subject, subject_of_run
    from ptbterm.lessons.tour import Tour
    from ptbterm.model.device import use_threads
    from ptbterm.settings.schema import CorpusSettings

    use_threads(threads)
    trained = load_run(run, "cpu") if run else None
    settings = trained.record.corpus if trained else CorpusSettings()
    corpus = encode_corpus(text, settings, environment.caches())
    return Tour(subject_of_run(trained, corpus, folder) if trained else fresh_subject(corpus, folder))


def _installed_corpus() -> str:
    """Return ptb if it is installed, else demo: neither needs a download."""
    from ptbterm.corpus.penn_treebank import is_installed

    return "ptb" if is_installed(environment.corpora() / "ptb") else "demo"


def _print(tour: "Tour", step: int | None, *, quiz: bool) -> None:
    from ptbterm.terminal.screens.tour.plain import CELLS, answer_lines, step_lines
    from ptbterm.terminal.screens.tour.render_options import RenderOptions
    from ptbterm.terminal.text.lines import wrapped
    from ptbterm.terminal.text.symbols import symbols_for

    options, whole = RenderOptions(symbols_for(sys.stdout.encoding), CELLS, 0), step is not None
    answered = " The answers are at the end." if quiz and not whole else ""
    about = f"The notebook, step by step: {', '.join(tour.about)}.{answered}"
    print(*wrapped(options.symbols.prose(about), CELLS), sep="\n")
    answers: list[str] = []
    for number in range(LESSON_COUNT) if step is None else [step - 1]:
        heading = f"Step {number + 1} of {LESSON_COUNT}: {tour.titles[number]}"
        *_, page = tour.pages(number)
        asks = quiz and bool(page.question)
        shown = step_lines(heading, page, replace(options, hides_answers=asks), whole=whole)
        print("", "", *shown, sep="\n", flush=True)
        if asks:
            answers += ["", *answer_lines(heading, page, options, whole=whole)]
    if answers:
        print("", "", "Answers", *answers, sep="\n")


def _open(load: "Callable[[], Tour]", step: int | None, *, quiz: bool, mouse: bool) -> None:
    from ptbterm.cli.screens import run_app
    from ptbterm.terminal.app import PtbtermApp
    from ptbterm.terminal.screens.tour.screen import TourScreen
    from ptbterm.terminal.text.symbols import symbols_for

    screen = TourScreen(
        load,
        environment.tour_bookmark(),
        symbols_for(sys.stdout.encoding),
        first_step=step,
        is_quiz=quiz,
    )
    run_app(PtbtermApp(screen), mouse=mouse)
