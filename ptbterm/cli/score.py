"""`ptbterm score`: the surprisal of every word of a text."""

from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm.cli.options import DeviceOption, FormOption, ThreadsOption, complete_runs
from ptbterm.cli.score_rows import MORE_FIELDS, Format
from ptbterm.settings.choices import Context

if TYPE_CHECKING:
    from ptbterm.cli.scoring import ScoreOptions


class Unknown(StrEnum):
    """The meaning of `<unk>`'s probability."""

    WORD = "word"
    UNIFORM = "uniform"


def command(
    file: Annotated[
        str,
        typer.Argument(metavar="[FILE|-]", help="Plain text, .tsv, .csv or .json, also compressed; - is stdin."),
    ] = "-",
    run: Annotated[
        str | None,
        typer.Option(
            help="A run's name, a unique prefix, or a path; by default the newest with a checkpoint.",
            autocompletion=complete_runs,
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="Format of the rows.")] = Format.TSV,
    context: Annotated[
        Context, typer.Option(help="Score each sentence by itself, or the text as one stream.")
    ] = "sentence",
    form: FormOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="Copy a column of the input, as input_NAME if NAME is taken; repeatable."),
    ] = None,
    text_columns: Annotated[
        list[str] | None,
        typer.Option(
            "--text-column",
            help="Column with the sentences, sentence by default; twice for --pairs; a number without a header.",
        ),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", help="Join consecutive rows that agree in this column to one text; repeatable."),
    ] = None,
    region_column: Annotated[
        str | None, typer.Option(help="With --group: one row for consecutive rows that agree in this column.")
    ] = None,
    has_bars: Annotated[bool, typer.Option("--regions", help="One row per region; | separates them.")] = False,
    per_word: Annotated[
        bool,
        typer.Option("--per-word", help="One row per word between spaces: don't = do + n't."),
    ] = False,
    ends: Annotated[bool, typer.Option("--eos", help="Also one row per end of sentence.")] = False,
    more: Annotated[
        list[str] | None,
        typer.Option("--with", help=f"Additional columns: {','.join(MORE_FIELDS)}; repeatable."),
    ] = None,
    guesses: Annotated[
        int, typer.Option(min=0, help="Also output the N most likely words at each position.", metavar="N")
    ] = 0,
    unknown: Annotated[
        Unknown,
        typer.Option(help="word: the probability of <unk> as it is; uniform: split evenly among unseen words."),
    ] = Unknown.WORD,
    unknown_types: Annotated[
        int | None,
        typer.Option(min=1, help="Number of word types that share the probability of <unk>, for uniform."),
    ] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare the two sentences of each line.")] = False,
    adapt: Annotated[
        bool, typer.Option("--adapt", help="Dynamic evaluation: train on each sentence after scoring it.")
    ] = False,
    adapt_rate: Annotated[
        float | None, typer.Option(min=0, help="Learning rate of --adapt; 0.3 by default.")
    ] = None,
    adapt_clip: Annotated[
        float | None, typer.Option(min=0, help="Largest norm of the gradient of --adapt; 1 by default.")
    ] = None,
    save_adapted: Annotated[
        str | None, typer.Option(metavar="NAME", help="Save the adapted model as a run of this name.")
    ] = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Write the surprisal of every word of a text, one row per word, as TSV, CSV or JSON lines."""
    from ptbterm.cli.inputs import open_run
    from ptbterm.cli.scoring import ScoreOptions, score_file
    from ptbterm.cli.threads import use_requested_threads
    from ptbterm.runs.catalog import unused_run

    options = ScoreOptions(
        file=file,
        output=output,
        context=context,
        form=form,
        columns=tuple(columns or ()),
        text_columns=tuple(text_columns or ()),
        groups=tuple(groups or ()),
        region_column=region_column,
        has_bars=has_bars,
        per_word=per_word,
        ends=ends,
        more=_more_fields(",".join(more or ())),
        guesses=guesses,
        unseen_types=unknown_types or 1,
        pairs=pairs,
        adapt=adapt,
        adapt_rate=adapt_rate,
        adapt_clip=adapt_clip,
        save_adapted=save_adapted,
        device=device or "auto",
    )
    _check_unknown(unknown, unknown_types)
    _check(options)
    use_requested_threads(threads)
    chosen = open_run(run)
    if save_adapted is not None:
        unused_run(chosen.path.parent, save_adapted)
    score_file(chosen, options)


def _require(met: bool, sentence: str) -> None:
    if not met:
        raise typer.BadParameter(sentence)


def _more_fields(names: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    for name in wanted:
        _require(name in MORE_FIELDS, f"--with must be one of {', '.join(MORE_FIELDS)}, not {name!r}.")
    return wanted


def _check_unknown(unknown: Unknown, unknown_types: int | None) -> None:
    _require(
        unknown is Unknown.WORD or unknown_types is not None,
        "--unknown uniform requires --unknown-types, the number of unseen words.",
    )
    _require(unknown is Unknown.UNIFORM or unknown_types is None, "--unknown-types requires --unknown uniform.")


def _check(options: "ScoreOptions") -> None:
    """Raise a usage error for options that can't be combined."""
    _require(len(set(options.columns)) == len(options.columns), "--column names the same column twice.")
    _require(options.adapt or options.save_adapted is None, "--save-adapted requires --adapt.")
    for name, value in (("--adapt-rate", options.adapt_rate), ("--adapt-clip", options.adapt_clip)):
        _require(options.adapt or value is None, f"{name} requires --adapt.")
        _require(value is None or isfinite(value), f"{name} must be a finite number.")
    _require(
        not options.pairs
        or not (options.more or options.ends or options.guesses or options.groups or options.has_bars),
        "--pairs can't be combined with --with, --eos, --guesses, --group or --regions.",
    )
    _require(
        len(options.text_columns) in ({0, 2} if options.pairs else {0, 1}),
        "--text-column names one column, or with --pairs two.",
    )
    _require(
        len(set(options.text_columns)) == len(options.text_columns), "--text-column names the same column twice."
    )
    _require(options.region_column is None or bool(options.groups), "--region-column requires --group.")
    _require(not (options.has_bars and options.groups), "--regions can't be combined with --group.")
