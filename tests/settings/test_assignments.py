"""`--set key=value`: how values are read, and the messages for invalid ones."""

import re

import pytest

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.settings.resolve import flatten, read_preset, resolve
from ptbterm.settings.validation import nearest_key


def set_all(*assignments: str) -> dict[str, object]:
    return flatten(resolve(read_preset("small"), [("--set", assignment) for assignment in assignments]).settings)


def refusal(assignment: str) -> PtbtermError:
    with pytest.raises(PtbtermError) as error:
        set_all(assignment)
    return error.value


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("model.hidden_size=650", 650),
        (" model.hidden_size = 650 ", 650),
        ("training.decay=0.5", 0.5),
        ("training.learning_rate=2", 2.0),
        ("training.learning_rate=1e-3", 0.001),
        ("model.tied=true", True),
        ("corpus.source=demo", "demo"),
        ('corpus.source="demo"', "demo"),
        ("corpus.source=/my texts/a=b.txt", "/my texts/a=b.txt"),
        ("corpus.source=1987 news", "1987 news"),
        ("training.evaluation=notebook", "notebook"),
        ("training.device=cuda:1", "cuda:1"),
        ("training.watched_contexts=['this is an', 'the']", ("this is an", "the")),
        ("training.watched_contexts=[]", ()),
        ("training.full_rate_epochs=0", 0),
        ("model.keep_prob=1", 1.0),
    ],
)
def test_values_of_every_type(assignment: str, value: object) -> None:
    read = set_all(assignment)[assignment.partition("=")[0].strip()]
    assert read == value
    assert type(read) is type(value)


def test_the_last_one_wins() -> None:
    assert set_all("training.epochs=3", "training.seed=2", "training.epochs=4")["training.epochs"] == 4


@pytest.mark.parametrize("key", ["training.seed", "training.optimizer", "model.tied"])
def test_bytes_that_are_not_utf_8(key: str) -> None:
    """Python has lone surrogates in place of an argument's bytes that are not valid."""
    assert refusal(f"{key}=\udcff").message.endswith(", not '\\udcff'.")


@pytest.mark.parametrize("assignment", ["training.epochs", "=3", "", "  = "])
def test_without_key_or_equals_sign(assignment: str) -> None:
    error = refusal(assignment)
    assert error.message == f"--set {assignment!r} is not in the form key=value."
    assert "--set training.epochs=3" in error.hint


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("lr_decay", "training.decay"),
        ("training.lr_decay", "training.decay"),
        ("max_max_epoch", "training.epochs"),
        ("vocab_size", "corpus.vocabulary_size"),
        ("hidden_size", "model.hidden_size"),
        ("training.hidden_size", "model.hidden_size"),
        ("keep_prob", "model.keep_prob"),
        ("model.hiden_size", "model.hidden_size"),
        ("hiden_size", "model.hidden_size"),
        ("training.epoch", "training.epochs"),
        ("num_step", "training.num_steps"),
        ("learningrate", "training.learning_rate"),
        ("traning.batch_size", "training.batch_size"),
        ("cropus.source", "corpus.source"),
    ],
)
def test_unknown_keys_get_the_nearest_right_one(wrong: str, right: str) -> None:
    error = refusal(f"{wrong}=1")
    assert error.message == f"--set: unknown setting {wrong!r}."
    assert error.hint == f"Did you mean {right}?"


def test_the_notebooks_max_epoch_is_one_less_than_full_rate_epochs() -> None:
    """Its epochs count from 0: full_rate_epochs=4 would be another schedule than max_epoch=4."""
    hint = "Did you mean training.full_rate_epochs? It is the notebook's max_epoch + 1."
    assert refusal("max_epoch=4").hint == refusal("training.max_epoch=4").hint == hint


def test_a_key_unlike_any_other_gets_no_suggestion() -> None:
    assert nearest_key("xyzzy") is None
    error = refusal("xyzzy=1")
    assert (error.hint, error.next_step) == ("", NextStep.LIST_SETTINGS)


@pytest.mark.parametrize(
    "notebook_name", ["init_scale", "learning_rate", "max_grad_norm", "num_layers", "num_steps"]
)
def test_the_notebooks_own_names_lead_to_the_setting(notebook_name: str) -> None:
    assert (nearest_key(notebook_name) or "").partition(".")[2] == notebook_name


@pytest.mark.parametrize(
    ("assignment", "value", "allowed"),
    [
        ("model.forget_bias=-1e31", "-1e+31", "a number of at least -1e+30"),
        ("training.optimizer=adam", "'adam'", "sgd or adamw"),
        ("training.matmul_precision=low", "'low'", "highest, high or medium"),
        ("model.hidden_size=0", "0", "an integer of at least 1 and at most 100000"),
        ("model.hidden_size=20.5", "20.5", "an integer of at least 1 and at most 100000"),
        ("model.hidden_size='200'", "'200'", "an integer of at least 1 and at most 100000"),
        ("training.epochs=many", "'many'", "an integer of at least 1"),
        ("model.tied=1", "1", "true or false"),
        ("model.tied=yes", "'yes'", "true or false"),
        ("model.keep_prob=0", "0", "a number greater than 0 and at most 1"),
        ("model.keep_prob=1.5", "1.5", "a number greater than 0 and at most 1"),
        ("training.decay=true", "True", "a number greater than 0 and at most 1"),
        ("training.learning_rate=-1", "-1", "a number greater than 0"),
        ("training.seed=-1", "-1", "an integer of at least 0"),
        (
            "training.seed=99999999999999999999",
            "99999999999999999999",
            "an integer of at least 0 and at most 9223372036854775807",
        ),
        ("training.device=mps", "'mps'", "auto (CUDA if available), cpu, cuda or cuda:N"),
        ("training.evaluation=word", "'word'", "stream or notebook"),
        ("training.watched_contexts=the", "'the'", "a list of strings"),
        ("training.watched_contexts=[1]", "[1]", "a list of strings"),
        ("corpus.source=", "''", "a string that is not empty"),
        ("corpus.vocabulary_size=2", "2", "an integer of at least 3"),
    ],
)
def test_values_that_cannot_be_used(assignment: str, value: str, allowed: str) -> None:
    error = refusal(assignment)
    key = assignment.partition("=")[0]
    assert error.message == f"--set: {key} must be {allowed}, not {value}."
    assert error.hint.startswith(f"{key}: ")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "+nan"])
@pytest.mark.parametrize("key", ["training.learning_rate", "model.forget_bias", "model.hidden_size"])
def test_not_a_finite_number(key: str, value: str) -> None:
    message = refusal(f"{key}={value}").message
    assert re.fullmatch(rf"--set: {key} must be an? (number|integer).*, not (nan|-?inf)\.", message)
