"""The event types: a contract with every program that reads events.jsonl."""

import json

import msgspec
import pytest

from ptbterm.runs.events import AnyEvent, Event, result
from ptbterm.runs.journal import encode
from tests.examples.events import EVALUATED, EVENTS

EVERY_EVENT = {"version", "sequence", "time", "kind"}
FIELDS = {
    "run_started": "run preset corpus device threads seed epochs windows_per_epoch parameters torch",
    "run_resumed": "run epoch window changed",
    "epoch_started": "epoch learning_rate",
    "progress": "epoch fraction window tenth perplexity estimate words_per_second recent_words_per_second"
    " learning_rate gradient_norm seconds_left loss training_seconds",
    "epoch_finished": "epoch train_perplexity estimate valid_perplexity words_per_second training_seconds best",
    "evaluated": "run preset corpus split protocol adapt words unknown_words perplexity bits_per_word"
    " floor_perplexity seconds epoch",
    "checkpoint_saved": "checkpoint epoch window",
    "warning": "message hint",
    "glimpse": "epoch fraction contexts generated",
    "run_stopped": "epoch window training_seconds checkpoint",
    "run_finished": "best_epoch best_valid_perplexity training_seconds checkpoint",
    "run_adapted": "run adapted_from words perplexity learning_rate checkpoint",
    "run_failed": "reason hint",
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
