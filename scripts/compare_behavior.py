"""Compare what two versions of ptbterm compute, bit for bit, on this machine.

    python scripts/compare_behavior.py OLD NEW

OLD and NEW are checkouts with a virtual environment in `.venv`, or Python executables that can import ptbterm.
Both train, evaluate, score, generate and so on from an invented text, with one thread and with two. Events,
checkpoints and outputs for programs must be equal in every bit; of text for people only the numbers are compared,
so that its wording can change. Only command lines and the files of runs are used, nothing inside the package.

Settings that give NEW the behavior of OLD after an intended change: `--new-set KEY=VALUE`. Exits with 1 on any
difference.
"""

import argparse
import array
import importlib
import itertools
import json
import math
import os
import pkgutil
import random
import re
import runpy
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

Output = Literal["json", "exact", "numbers", "tables"]
"""How output is compared: as JSON lines, in every byte, by its numbers, or by those outside of paragraphs."""

MEASURED = {
    *("time", "seconds", "training_seconds", "seconds_left", "words_per_second", "recent_words_per_second"),
    *("torch", "path"),
}
"""Keys of JSON output and events whose values depend on the clock or the place."""
PROSE = {"message", "hint", "reason"}
"""Keys of JSON output and events that hold text for people."""
SUMMED = {"floor_perplexity"}
"""Keys whose values may differ in the order of a sum: by 1e-12."""
FACTS = {"created", "ptbterm", "torch", "python", "platform"}
"""Keys of a run's settings.toml that describe the program and the machine."""
NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")
RUN = "compared"


# The text.

KNOWN = re.findall(
    r"\S+", "the company said its shares rose of fell N % chairman <unk> was an error this is old a to it"
)
TYPES = 1200


def write_text(folder: Path, evaluated: int) -> None:
    """Write random words with Zipf's frequencies: a train file, and valid and test files of `evaluated` words."""
    chance = random.Random(17)
    syllables = ["".join(pair) for pair in itertools.product("bdfgklmnprst", "aeiou")]
    made_up = ["".join(chance.sample(syllables, 3)) for _ in range(2 * TYPES)]
    words = [*KNOWN, *dict.fromkeys(made_up)][:TYPES]
    weights = [1 / (rank + 3) for rank in range(TYPES)]
    folder.mkdir(parents=True)
    for split, count in {"train": 12000, "valid": evaluated, "test": evaluated}.items():
        drawn = chance.choices(words, weights, k=count)
        if split == "train":
            drawn[:TYPES] = chance.sample(words, TYPES)
        lines = []
        while drawn:
            length = chance.randint(3, 20)
            lines.append(" ".join(drawn[:length]))
            drawn = drawn[length:]
        (folder / f"{split}.txt").write_text("\n".join(lines) + "\n")


SCORED = """The company said its shares rose 12 %.

this is an zyzzyva
its chairman was an error of the old company , it said .
the shares of the company fell N % to a <unk>
"""
PAIRS = "the company said its shares rose\tthe company said its error rose\nthis is old\tthis is zyzzyva\n"


# The cases.


@dataclass(frozen=True)
class Command:
    """A command line, and how its output is compared."""

    arguments: tuple[str, ...]
    output: Output
    stdin: str = ""


@dataclass(frozen=True)
class Case:
    """Commands that make and use one run, named `RUN`."""

    name: str
    commands: tuple[Command, ...]
    threads: tuple[int, ...] = (1, 2)


def train(preset: str, *settings: str, corpus: str = "text") -> Command:
    """Train `RUN`; three windows unless the settings say otherwise."""
    chosen = ("training.device=cpu", "training.windows=3", "training.minutes=0", *settings)
    options = itertools.chain.from_iterable(("--set", setting) for setting in chosen)
    return Command(
        ("train", "--preset", preset, "--corpus", corpus, "--name", RUN, "--view", "plain", *options), "numbers"
    )


SOFTMAXES = {
    "full": ("training.sampled_words=0",),
    "sampled": ("training.sampled_words=800", "training.full_softmax=0.34"),
}
DROPOUTS = {
    "no dropout": ("model.keep_prob=1.0",),
    "dropout by step": ("model.keep_prob=0.6", "model.dropout_mask=step"),
    "dropout by window": ("model.keep_prob=0.6", "model.dropout_mask=window"),
}
SIZES = {
    "notebook": (),
    "small": (),
    "medium": ("training.num_steps=12", "training.batch_size=8", "training.windows=2"),
    "minute": (),
    "fast": (),
    "demo": (),
}


def preset_cases() -> Iterator[Case]:
    """Every preset at its own hidden size, with both softmaxes, without dropout and with both kinds of masks."""
    for preset, size in SIZES.items():
        for (softmax, scored), (dropout, dropped) in itertools.product(SOFTMAXES.items(), DROPOUTS.items()):
            corpus = "short" if preset == "medium" else "text"
            trained = train(preset, *size, *scored, *dropped, corpus=corpus)
            yield Case(f"{preset}, {softmax}, {dropout}", (trained,))
    large = ("training.num_steps=6", "training.batch_size=5", "training.windows=2")
    full = train("large", *large, corpus="short")
    yield Case("large, full, dropout by step", (full,), threads=(2,))
    sampled = train("large", *large, *SOFTMAXES["sampled"], *DROPOUTS["no dropout"], corpus="short")
    yield Case("large, sampled, no dropout", (sampled,), threads=(1,))


TINY = ("model.hidden_size=24", "training.batch_size=8", "training.num_steps=12")
VARIANTS = {
    "one layer": ("model.num_layers=1",),
    "three layers": ("model.num_layers=3",),
    "shared cell": ("model.shared_cell=true",),
    "shared cell, dropout": ("model.shared_cell=true", "model.keep_prob=0.7"),
    "tied": ("model.tied=true",),
    "tied, sampled": ("model.tied=true", *SOFTMAXES["sampled"]),
    "residual, dropout": ("model.residual=true", "model.keep_prob=0.7"),
    "embedding scale, tied": ("model.embedding_scale=3.0", "model.tied=true"),
    "forget bias": ("model.forget_bias=1.0",),
    "unigram bias": ("model.output_bias=unigram",),
    "unigram bias, sampled": ("model.output_bias=unigram", *SOFTMAXES["sampled"]),
    "five steps": ("training.num_steps=5",),
    "five steps, dropout by window": ("training.num_steps=5", *DROPOUTS["dropout by window"]),
    "one row": ("training.batch_size=1",),
    "adamw, weight decay": (
        "training.optimizer=adamw",
        "training.learning_rate=0.01",
        "training.weight_decay=0.1",
    ),
    "cosine, warm-up": ("training.schedule=cosine", "training.warmup_windows=2", "training.final_rate=0.1"),
    "clipped": ("training.max_grad_norm=0.5",),
    "another seed": ("training.seed=7", "model.keep_prob=0.7"),
    "small vocabulary": ("corpus.vocabulary_size=200",),
    "minimum count": ("corpus.minimum_count=3",),
    "sampled throughout": ("training.sampled_words=800", "training.full_softmax=0.0"),
}


def variant_cases() -> Iterator[Case]:
    """One setting at a time, on a small model."""
    for name, settings in VARIANTS.items():
        yield Case(name, (train("small", *TINY, *settings),))
    rows = ("training.batch_size=20", "training.num_steps=24")
    epochs = (*rows, "training.windows=0", "training.epochs=3", "training.full_rate_epochs=1")
    for protocol in ("stream", "notebook"):
        evaluated = f"training.evaluation={protocol}"
        yield Case(
            f"three epochs, {protocol}", (train("small", *TINY, *epochs, evaluated, "model.keep_prob=0.8"),)
        )
    resumed = Command(("resume", RUN, "--view", "plain", "--set", "training.epochs=4"), "numbers")
    sampled = (*SOFTMAXES["sampled"], "training.schedule=cosine", "training.optimizer=adamw")
    yield Case("resumed", (train("small", *TINY, *epochs, "model.keep_prob=0.8"), resumed))
    yield Case(
        "resumed, sampled", (train("small", *TINY, *epochs, *sampled, "training.learning_rate=0.01"), resumed)
    )


SCORES = (
    (),
    ("--context", "stream"),
    ("--format", "jsonl"),
    ("--per-word",),
    ("--per-word", "--eos", "--context", "stream"),
    ("--guesses", "3"),
    ("--with", "entropy_reduction,frequency", "--eos"),
    ("--unknown", "uniform", "--unknown-types", "50"),
    ("--adapt",),
    ("--adapt", "--adapt-rate", "0.5", "--context", "stream"),
)
CONTEXTS = "the company said\nthis is an\nits zyzzyva , the\n\nof\n"


def uses() -> Iterator[Command]:
    """Everything that reads a trained run."""
    for options in SCORES:
        output: Output = "json" if "jsonl" in options else "exact"
        yield Command(("score", "--run", RUN, *options), output, SCORED)
    yield Command(("score", "--run", RUN, "--pairs"), "exact", PAIRS)
    for adapt in ("none", "cache", "dynamic", "both"):
        yield Command(("eval", RUN, "--adapt", adapt, "--json"), "json")
    yield Command(("eval", RUN, "--protocol", "notebook", "--split", "valid", "--json"), "json")
    yield Command(("eval", RUN, "--split", "train"), "numbers")
    yield Command(("generate", RUN, "--seed", "3", "--words", "40", "--samples", "3", "--json"), "json")
    yield Command(
        ("generate", RUN, "--prompt", "the company said", "--temperature", "0.7", "--top-k", "20"), "exact"
    )
    yield Command(
        ("generate", RUN, "--prompt", "this is", "--top-p", "0.5", "--no-unknown", "--words", "9"), "exact"
    )
    yield Command(("generate", RUN, "--temperature", "0", "--words", "9"), "exact")
    yield Command(("chat", RUN), "exact", CONTEXTS)
    yield Command(("chat", RUN, "--json", "-k", "25"), "json", CONTEXTS)
    yield Command(("runs", "list", "--json"), "json")
    yield Command(("runs", "show", RUN), "numbers")
    yield Command(("watch", RUN, "--view", "plain"), "numbers")
    yield Command(("watch", RUN, "--view", "json"), "json")


def used_cases() -> Iterator[Case]:
    """Runs that are evaluated, scored with, talked to and toured."""
    small = train("small", *TINY, "training.windows=40")
    tied = train("fast", *TINY, "training.windows=40", "training.sampled_words=300")
    notebook = train("notebook", *TINY, "training.windows=40")
    yield Case("use of small", (small, *uses()))
    yield Case("use of fast", (tied, *uses()), threads=(1,))
    yield Case("use of notebook", (notebook, *uses()), threads=(1,))
    tour = Command(("tour", "--run", RUN, "--view", "plain"), "tables")
    yield Case("tour of a run", (small, tour), threads=(1,))
    fresh = ("tour", "--corpus", "text")
    yield Case("tour in a pipe", (Command(fresh, "tables"), Command((*fresh, "--quiz"), "tables")), threads=(1,))
    demo = train("demo", "model.hidden_size=16", corpus="demo")
    yield Case("demo corpus", (demo, Command(("eval", RUN, "--json"), "json")), threads=(1,))


def all_cases() -> list[Case]:
    """Return the cases, each with a name of its own."""
    return [*used_cases(), *variant_cases(), *preset_cases()]


# Two programs.


class Done(NamedTuple):
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


class Program:
    """One version of ptbterm, with a home and a copy of the text; its processes are forks with torch loaded."""

    def __init__(self, place: str, folder: Path, threads: int, settings: Sequence[str]) -> None:
        checkout = Path(place).absolute()
        python = checkout / ".venv/bin/python" if checkout.is_dir() else checkout
        self.folder = folder
        self.settings = settings
        environment = os.environ | {
            "PTBTERM_HOME": str(folder / "home"),
            "PTBTERM_OFFLINE": "1",
            "OMP_NUM_THREADS": str(threads),
            "OMP_WAIT_POLICY": "passive",  # threads that spin starve each other on a busy machine
            "COLUMNS": "80",
            "PYTHONPATH": str(checkout) if checkout.is_dir() else "",
        }
        if not folder.exists():
            write_text(
                folder / "text", 700
            )  # the least that the notebook's 30 rows of 20 steps can be evaluated on
            write_text(folder / "short", 60)
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__).absolute()), "--serve"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, case: Case) -> None:
        """Begin with the commands of a case."""
        commands = [
            {"arguments": [*command.arguments, *self._extra(command)], "stdin": command.stdin}
            for command in case.commands
        ]
        assert self._process.stdin
        self._process.stdin.write(json.dumps(commands) + "\n")
        self._process.stdin.flush()

    def results(self) -> list[Done]:
        """Wait until the commands have run."""
        assert self._process.stdout
        replies = json.loads(self._process.stdout.readline())
        return [
            Done(code, *(text.replace(str(self.folder), "FOLDER") for text in texts)) for code, *texts in replies
        ]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _extra(self, command: Command) -> Iterable[str]:
        if command.arguments[0] != "train":
            return ()
        return itertools.chain.from_iterable(("--set", setting) for setting in self.settings)


def serve() -> None:
    """Run the commands that stdin lists, each in a fork of this process, which has imported everything."""
    package = importlib.import_module("ptbterm")
    for module in pkgutil.walk_packages(package.__path__, "ptbterm."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    importlib.import_module("torch._dynamo")  # torch.optim imports it at its first step
    for line in sys.stdin:
        replies = [run_forked(command["arguments"], command["stdin"]) for command in json.loads(line)]
        print(json.dumps(replies), flush=True)


def run_forked(arguments: list[str], stdin: str) -> Done:
    """Run `ptbterm ARGUMENTS...` in a fork, its streams in files."""
    names = [Path(f"stream-{name}") for name in ("in", "out", "err")]
    names[0].write_text(stdin)
    child = os.fork()
    if not child:
        for number, (name, flags) in enumerate(
            zip(names, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_TRUNC] * 2), strict=True)
        ):
            os.dup2(os.open(name, flags), number)
        sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in enumerate("rww"))  # noqa: PTH123, SIM115
        run_here(arguments)
    _, status = os.waitpid(child, 0)
    return Done(os.waitstatus_to_exitcode(status), names[1].read_text(), names[2].read_text())


def run_here(arguments: list[str]) -> None:
    """Run `ptbterm ARGUMENTS...` as the end of this process."""
    code = 0
    sys.argv = ["ptbterm", *arguments]
    try:
        runpy.run_module("ptbterm", run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


# Comparing.


@dataclass
class Findings:
    """What was compared in a case, counted, and the differences, the first of each part."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def add(self, part: str, number: int, difference: str | None, where: str = "") -> None:
        """Count, and keep a difference if there is one."""
        self.counts[part] = self.counts.get(part, 0) + number
        if difference:
            self.differences.append(f"{where or part}: {difference}")

    def __str__(self) -> str:
        counted = ", ".join(f"{number} {part}" for part, number in self.counts.items())
        return ("DIFFERS  " if self.differences else "equal    ") + counted


def compare(case: Case, old: Program, new: Program, results: Sequence[list[Done]]) -> Findings:
    """Compare outputs, and the files of the run."""
    findings = Findings()
    for command, one, other in zip(case.commands, *results, strict=True):
        shown = (
            f"`{' '.join(command.arguments[:4])} ...`"
            if len(command.arguments) > 4
            else " ".join(command.arguments)
        )
        findings.add("outputs", 1, output_difference(command.output, one, other), shown)
    left, right = (program.folder / "home/runs" / RUN for program in (old, new))
    if left.exists() and right.exists():
        compare_run(findings, left, right, {setting.partition("=")[0] for setting in new.settings})
    for folder in (left, right):
        shutil.rmtree(folder, ignore_errors=True)
    return findings


def output_difference(output: Output, one: Done, other: Done) -> str | None:
    """Return what differs between two outputs; a command that fails compares nothing and counts as different."""
    for name, done in (("OLD", one), ("NEW", other)):
        if done.exit_code:
            return f"{name} fails with {done.exit_code}: {done.stderr.strip()[-400:]}"
    if not one.stdout:
        return "OLD prints nothing"
    if output == "json":
        return first_json_difference(parse_lines(one.stdout), parse_lines(other.stdout))
    if output in {"numbers", "tables"}:
        reduce = without_durations if output == "numbers" else without_paragraphs
        return first_difference(*(NUMBER.findall(reduce(done.stdout)) for done in (one, other)))
    return first_difference(one.stdout.splitlines(), other.stdout.splitlines())


def without_durations(text: str) -> str:
    """Leave out what a clock measured: `1:23`, `12 s`, `400 words/s`, `400 wps`, times and dates."""
    text = re.sub(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", "", text)
    return re.sub(r"[\d,.]+(?::\d\d)+|[\d,.]+ (?:s|ms|min|wps|words/s|words per second)\b|speed: \S+", "", text)


def without_paragraphs(text: str) -> str:
    """Leave out what the tour says in sentences, and the source lines that it quotes below names of files."""
    text = re.sub(r"^\S.*\.py\b.*\n(?: .*\n)*", "", text, flags=re.M)
    return "\n".join(line for line in text.splitlines() if line[:1] == " " or not line[:1].isascii())


def first_difference(one: Sequence[object], other: Sequence[object]) -> str | None:
    """Return the first items that differ."""
    for number, (left, right) in enumerate(itertools.zip_longest(one, other, fillvalue="(nothing)"), 1):
        if left != right:
            return f"item {number} of {len(one)}: {left!r} became {right!r}"
    return None


def first_json_difference(one: Any, other: Any, where: str = "") -> str | None:
    """Return where two JSON values differ; keys that only NEW has are allowed."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(f"{where}.{key}", one[key], other.get(key, "(missing)")) for key in one if key not in MEASURED]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{where}[{number}]", *pair) for number, pair in enumerate(zip(one, other, strict=True))]
    elif where.rpartition(".")[2] in PROSE:
        return first_difference(NUMBER.findall(str(one)), NUMBER.findall(str(other)))
    else:
        same = type(one) is type(other) and (one == other or is_rounding(where, one, other))
        return None if same else f"{where}: {str(one)[:200]} became {str(other)[:200]}"
    return next(filter(None, (first_json_difference(left, right, place) for place, left, right in pairs)), None)


def is_rounding(where: str, one: object, other: object) -> bool:
    """Whether two numbers differ as sums in another order do, if that is allowed."""
    allowed = where.rpartition(".")[2] in SUMMED
    return (
        allowed and isinstance(one, float) and isinstance(other, float) and math.isclose(one, other, rel_tol=1e-12)
    )


def compare_run(findings: Findings, old: Path, new: Path, changed: set[str]) -> None:
    """Compare the settings, events, words and checkpoints of two runs; settings named in `changed` may differ."""
    settings, new_settings = read_settings(old, changed), read_settings(new, changed)
    findings.add("settings", len(settings), first_json_difference(settings, new_settings), "settings.toml")
    events, new_events = (parse_lines((run / "events.jsonl").read_text()) for run in (old, new))
    findings.add("events", len(events), first_json_difference(events, new_events), "events.jsonl")
    for name in ("vocabulary.txt", "word_counts.txt"):
        words, new_words = ((run / name).read_text().splitlines() for run in (old, new))
        findings.add("word lists", 1, first_difference(words, new_words), name)
    for name in ("best.safetensors", "last.safetensors"):
        tensors, new_tensors = (read_tensors(run / "checkpoints" / name) for run in (old, new))
        findings.add("tensors", len(tensors), first_tensor_difference(tensors, new_tensors), name)


def parse_lines(text: str) -> list[Any]:
    """Parse JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def read_settings(run: Path, changed: set[str]) -> dict[str, object]:
    """Return `table.key` -> value, without the facts about the machine."""
    tables = tomllib.loads((run / "settings.toml").read_text())
    return {
        f"{table}/{key}": value
        for table, values in tables.items()
        if isinstance(values, dict)
        for key, value in values.items()
        if f"{table}.{key}" not in changed and key not in FACTS and f"{table}.{key}" != "corpus.source"
    }


Tensor = tuple[str, tuple[int, ...], bytes]


def read_tensors(file: Path) -> dict[str, Tensor]:
    """Return name -> type, shape and bytes of the tensors in a safetensors file."""
    content = file.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    return {
        name: (
            entry["dtype"],
            tuple(entry["shape"]),
            content[slice(*(8 + length + end for end in entry["data_offsets"]))],
        )
        for name, entry in sorted(header.items())
    }


def first_tensor_difference(old: dict[str, Tensor], new: dict[str, Tensor]) -> str | None:
    """Return the first tensor that differs, and how."""
    if old.keys() != new.keys():
        return (
            f"tensors only in OLD {sorted(old.keys() - new.keys())}, only in NEW {sorted(new.keys() - old.keys())}"
        )
    for name, (kind, shape, content) in old.items():
        if new[name][:2] != (kind, shape):
            return f"{name}: {kind} {shape} became {new[name][:2]}"
        if new[name][2] != content:
            return f"{name} {shape}: " + numbers_that_differ(kind, content, new[name][2])
    return None


def numbers_that_differ(kind: str, one: bytes, other: bytes) -> str:
    """Count the numbers that differ, and show the first."""
    code = {"F32": "f", "F64": "d"}.get(kind, "B")
    left, right = array.array(code, one), array.array(code, other)
    different = [number for number, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]]
    first = different[0] if different else 0
    return f"{len(different)} of {len(left)} numbers; number {first}: {left[first]!r} became {right[first]!r}"


# The command.


def main() -> None:
    """Compare, print a line a case, exit with 1 on a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", help="checkout or Python executable")
    parser.add_argument("new", metavar="NEW", help="checkout or Python executable")
    parser.add_argument(
        "--new-set", metavar="KEY=VALUE", action="append", default=[], help="setting for NEW; repeatable"
    )
    parser.add_argument("--only", metavar="TEXT", default="", help="only cases with TEXT in their name")
    parser.add_argument("--threads", type=int, choices=(1, 2), help="only with this number of threads")
    parser.add_argument("--list", action="store_true", help="list the cases and exit")
    options = parser.parse_args()
    cases = [case for case in all_cases() if options.only in case.name]
    if options.list:
        print("\n".join(case.name for case in cases))
        return
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ptbterm-compare-") as folder:
        different = sum(
            compare_all(cases, threads, options, Path(folder).resolve() / str(threads))
            for threads in ([options.threads] if options.threads else [1, 2])
        )
    print(f"{different or 'no'} differing cases, {time.monotonic() - started:.0f} s")
    sys.exit(bool(different) or not cases)


def compare_all(cases: Sequence[Case], threads: int, options: argparse.Namespace, folder: Path) -> int:
    """Run the cases with that number of threads, print the equal ones, return how many differ."""
    old = Program(options.old, folder / "old", threads, ())
    new = Program(options.new, folder / "new", threads, options.new_set)
    different = 0
    for case in cases:
        if threads in case.threads:
            started = time.monotonic()
            findings = compare(case, old, new, run_both(case, old, new, together=threads == 1))
            different += bool(findings.differences)
            print(f"{threads}  {case.name:40} {time.monotonic() - started:4.1f} s  {findings}", flush=True)
            for difference in findings.differences:
                print(f"     {difference}", flush=True)
    for program in (old, new):
        program.close()
    return different


def run_both(case: Case, old: Program, new: Program, *, together: bool) -> list[list[Done]]:
    """Run a case on both; one after the other where each has threads for all processors."""
    if together:
        for program in (old, new):
            program.start(case)
        return [program.results() for program in (old, new)]
    results = []
    for program in (old, new):
        program.start(case)
        results.append(program.results())
    return results


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main()
