"""Finds the first difference between the outputs, and the runs, of two versions."""

import array
import itertools
import json
import math
import re
import shutil
import struct
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.compare_behavior.cases import RUN, Case, Output
from scripts.compare_behavior.program import Program
from scripts.compare_behavior.served import Done

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
