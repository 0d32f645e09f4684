"""`ptbterm eval`: the perplexity of a model on a split."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm import environment
from ptbterm.cli.options import CorpusOption, DeviceOption, FormOption, JsonOption, RunArgument, ThreadsOption
from ptbterm.errors import PtbtermError
from ptbterm.runs.events import Evaluated
from ptbterm.settings.choices import Adapt, Form, Protocol, Split

if TYPE_CHECKING:
    from ptbterm.corpus.reader import LineReader
    from ptbterm.corpus.sources import CorpusText
    from ptbterm.corpus.text_reader import TextReader
    from ptbterm.inference.trained_model import TrainedModel
    from ptbterm.runs.run import Run

_SCORED = {
    "stream": "every word but the first, once, in one stream",
    "notebook": "windows of 30 x 20 words; an incomplete last window is dropped",
}


_ADAPTED = {
    "none": "",
    "cache": ", adapted with a neural cache of the last words",
    "dynamic": ", adapted by dynamic evaluation",
    "both": ", adapted by dynamic evaluation and a neural cache",
}


def command(
    run: RunArgument = None,
    split: Annotated[
        Split | None, typer.Option(help="Split to score; by default test, or all of a --corpus that is a file.")
    ] = None,
    corpus: CorpusOption = None,
    protocol: Annotated[
        Protocol,
        typer.Option(help="stream: every word but the first; notebook: whole windows of 30 rows x 20 words."),
    ] = "stream",
    adapt: Annotated[
        Adapt,
        typer.Option(
            help="Adapt to the words scored so far: by a neural cache, dynamic evaluation, or both; needs stream."
        ),
    ] = "none",
    form: FormOption = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a model's perplexity on a split."""
    from ptbterm.cli.forms import how_read
    from ptbterm.cli.inputs import open_text
    from ptbterm.cli.printing import notice
    from ptbterm.cli.threads import use_requested_threads
    from ptbterm.corpus.reader import reader_of
    from ptbterm.runs.catalog import find_run

    if adapt != "none" and protocol != "stream":
        raise typer.BadParameter("requires --protocol stream.", param_hint="--adapt")
    use_requested_threads(threads)
    chosen = find_run(environment.runs(), run)
    record = chosen.read_record()
    if corpus is None:
        text = open_text(record.corpus.source)
        if text.fingerprint != record.run.corpus_fingerprint:
            notice(
                f"The text of {text.title} has changed since run {chosen.name} was trained: "
                "this perplexity is of the new text."
            )
    else:
        text = _open_other(corpus, split)
        _notice_form(text, split or "test")
    trained = _load(chosen, device or "auto", form)
    own = form is None and (corpus is None or text.fingerprint == record.run.corpus_fingerprint)
    reader = reader_of(record.corpus) if own else trained.reader()
    evaluated = _evaluate(trained, text, reader, split or "test", protocol, adapt)
    if as_json:
        from ptbterm.runs.events import result
        from ptbterm.terminal.text.safe_text import to_json

        print(to_json(result(evaluated)))
    else:
        _print(evaluated, text, "" if own else how_read(trained))


def _open_other(source: str, split: Split | None) -> "CorpusText":
    """Return the text of `--corpus`: a whole file without `--split`; a folder needs only the split."""
    from ptbterm.cli.inputs import open_text
    from ptbterm.corpus.sources import find_one_split
    from ptbterm.files import is_file

    path = Path(source)
    if source in {"auto", "demo", "ptb"} or not (path.is_dir() or is_file(path)):
        return open_text(source)
    if split is None and is_file(path):
        return find_one_split(source, "test")
    try:
        return open_text(source)
    except PtbtermError:
        if not path.is_dir():
            raise
        return find_one_split(source, split or "test")


def _notice_form(text: "CorpusText", split: Split) -> None:
    """Say which marks a user's own text has, and whether it looks like something other than sentences."""
    from ptbterm.cli.printing import notice
    from ptbterm.corpus.decisions import SAMPLED_LINES, noticed

    if text.is_own:
        for remark in noticed(list(islice(text.splits[split].lines(), SAMPLED_LINES))):
            notice(remark)


def _load(run: "Run", device: str, form: Form | None) -> "TrainedModel":
    from ptbterm.inference.trained_model import load_run  # torch: seconds
    from ptbterm.model.device import keep_freed_memory

    keep_freed_memory()
    return load_run(run, device, form)


def _evaluate(
    trained: "TrainedModel",
    text: "CorpusText",
    reader: "LineReader | TextReader",
    split: Split,
    protocol: Protocol,
    adapt: Adapt,
) -> Evaluated:
    from ptbterm.cli.inputs import warn_of_untrained_unknown
    from ptbterm.inference.evaluation import evaluate
    from ptbterm.inference.floor import floor_perplexity
    from ptbterm.inference.word_scorers import ModelScorer

    vocabulary = trained.vocabulary
    ids = vocabulary.encode(text.splits[split].sentences(reader))
    score = evaluate(ModelScorer(trained.model, adapt), ids, protocol, vocabulary.unknown_id)
    warn_of_untrained_unknown(trained, score.unknown_words)
    return Evaluated(
        run=trained.run.name,
        preset=trained.record.preset,
        corpus=text.title,
        split=split,
        protocol=protocol,
        adapt=adapt,
        words=score.words,
        unknown_words=score.unknown_words,
        perplexity=score.perplexity,
        known_perplexity=score.known_perplexity,
        bits_per_word=score.bits_per_word,
        floor_perplexity=floor_perplexity(text, split, vocabulary, protocol),
        seconds=score.seconds,
        epoch=trained.epochs,
    )


def _print(evaluated: Evaluated, text: "CorpusText", how_read: str) -> None:
    from ptbterm.terminal.text.numbers import counted, percent
    from ptbterm.terminal.text.safe_text import visible

    unknown, without = percent(evaluated.unknown_words / evaluated.words), evaluated.known_perplexity
    rows = {
        "run": f"{evaluated.run} (preset {evaluated.preset}, {counted(evaluated.epoch, 'epoch')})",
        "corpus": evaluated.corpus,
        "split": "the whole text" if text.is_one_file and len(text.splits) == 1 else evaluated.split,
        "protocol": f"{evaluated.protocol}: {_SCORED[evaluated.protocol]}{_ADAPTED[evaluated.adapt]}",
        "words": f"{evaluated.words:,} ({evaluated.unknown_words:,} of them <unk>, {unknown})",
        "perplexity": f"{evaluated.perplexity:.3f}",
        "without <unk>": "" if without is None else f"{without:.3f}",
        "bits per word": f"{evaluated.bits_per_word:.4f}",
    }
    if how_read:
        rows["read"] = how_read
    if evaluated.floor_perplexity is not None:
        above = percent(evaluated.perplexity / evaluated.floor_perplexity - 1)
        rows["floor"] = f"{evaluated.floor_perplexity:.3f} (the grammar's own; the model is {above} above it)"
    for name, value in rows.items():
        print(visible(f"{name:<14} {value}"))
