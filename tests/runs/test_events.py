"""The event types: a contract with every program that reads events.jsonl."""

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from ptbterm.runs import events
from ptbterm.runs.events import AnyEvent, Event, result
from ptbterm.runs.journal import Follower, encode
from tests.examples.events import EVALUATED, EVENTS, RESUMED

EVERY_EVENT = {"version", "sequence", "time", "kind"}
FIELDS = {
    "run_started": "run preset corpus device threads seed epochs windows_per_epoch parameters torch",
    "run_resumed": "run epoch window changed",
    "epoch_started": "epoch learning_rate",
    "progress": "epoch fraction window tenth perplexity estimate words_per_second recent_words_per_second"
    " learning_rate gradient_norm seconds_left loss training_seconds",
    "epoch_finished": "epoch train_perplexity estimate valid_perplexity words_per_second training_seconds best",
    "evaluated": "run preset corpus split protocol adapt words unknown_words perplexity known_perplexity"
    " bits_per_word floor_perplexity seconds epoch",
    "checkpoint_saved": "checkpoint epoch window",
    "warning": "message hint",
    "glimpse": "epoch fraction contexts generated",
    "run_stopped": "epoch window training_seconds checkpoint",
    "run_finished": "best_epoch best_valid_perplexity training_seconds checkpoint",
    "run_adapted": "run adapted_from words perplexity learning_rate checkpoint",
    "run_failed": "reason hint change",
}


def test_there_is_an_example_of_every_kind() -> None:
    assert {type(event) for event in EVENTS} == set(Event.__subclasses__())
    assert {json.loads(encode(event))["kind"] for event in EVENTS} == FIELDS.keys()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_field_names(event: AnyEvent) -> None:
    record = json.loads(encode(event))
    assert record["version"] == 1
    assert record.keys() == {*FIELDS[record["kind"]].split(), *EVERY_EVENT}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_one_line_of_json_and_back(event: AnyEvent) -> None:
    line = encode(event)
    assert b"\n" not in line
    assert msgspec.json.decode(line, type=AnyEvent) == event


def test_the_result_of_an_evaluation_is_the_event_without_its_envelope() -> None:
    assert result(EVALUATED).keys() == set(FIELDS["evaluated"].split())
    assert result(EVALUATED)["perplexity"] == 115.91


def test_ranked_words_are_records() -> None:
    (glimpse,) = (json.loads(encode(event)) for event in EVENTS if b"glimpse" in encode(event))
    assert glimpse["contexts"] == [
        {
            "context": "this is an",
            "next_words": [
                {"word": "important", "probability": 0.02},
                {"word": "<unk>", "probability": 0.01},
            ],
        }
    ]


TOY = '''
import pathlib, sys, types

import ptbterm.runs

file = pathlib.Path(ptbterm.runs.__file__).with_name("events.py")
source = file.read_text().replace(
    "AnyEvent = (",
    """
class Toy(Event, frozen=True, kw_only=True, tag="toy"):
    number: int


AnyEvent = (
    Toy |""",
)
events = sys.modules["ptbterm.runs.events"] = types.ModuleType("ptbterm.runs.events")
exec(source, vars(events))

from ptbterm.runs.journal import Follower, Journal

log = pathlib.Path(sys.argv[1])
Journal(log, lambda event: None).append(events.Toy(number=3))
(new,) = Follower(log).read_all()
assert [type(event) for event in new.events] == [events.Toy], new
'''


@pytest.mark.process
def test_a_new_event_is_a_class_and_a_line(tmp_path: Path) -> None:
    """A toy event, added to the source in two places, is written and read back; without it, it is skipped."""
    log = tmp_path / "events.jsonl"
    subprocess.run([sys.executable, "-c", TOY, str(log)], check=True)
    (new,) = Follower(log).read_all()
    assert (new.events, new.damaged_lines) == ([], 0)


def test_a_class_that_is_not_in_the_union_is_skipped(tmp_path: Path) -> None:
    class Unlisted(Event, frozen=True, kw_only=True, tag="unlisted"):
        pass

    log = tmp_path / "events.jsonl"
    log.write_bytes(msgspec.json.encode(Unlisted()) + b"\n")
    (new,) = Follower(log).read_all()
    assert (new.events, new.damaged_lines) == ([], 0)


def test_every_event_is_in_the_union() -> None:
    listed = set(get_args(AnyEvent))
    defined = {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)}
    assert listed == defined - {Event}


@pytest.mark.parametrize("value", ["9" * 400, "-3", "1e999", "null", "[]"])
def test_a_changed_setting_that_no_setting_can_be_is_damage(tmp_path: Path, value: str) -> None:
    log = tmp_path / "events.jsonl"
    changed = encode(RESUMED).replace(b'"training.epochs":20', f'"training.epochs":{value}'.encode())
    log.write_bytes(changed + b"\n")
    (new,) = Follower(log).read_all()
    assert (new.events, new.damaged_lines) == ([], 1)
