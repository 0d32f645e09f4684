"""The settings that `resume --set` may change."""

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.settings.resolve import change_on_resume
from ptbterm.settings.schema import Settings, setting_fields

RESUMABLE = {
    *("training.epochs", "training.windows", "training.learning_rate", "training.full_rate_epochs"),
    *("training.decay", "training.warmup_windows", "training.final_rate", "training.weight_decay"),
    *("training.full_softmax", "training.matmul_precision", "training.max_grad_norm", "training.evaluation"),
    *("training.watched_contexts", "training.save_minutes", "training.device", "training.threads"),
}


def test_the_schema_lists_the_settings_that_may_change() -> None:
    assert {field.key for field in setting_fields() if field.resumable} == RESUMABLE


def test_changes_and_what_they_change() -> None:
    before = Settings()
    after, changed = change_on_resume(before, ["training.epochs=20", "training.decay=0.9", "training.epochs=21"])
    assert changed == {"training.epochs": 21, "training.decay": 0.9}
    assert (after.training.epochs, after.training.decay) == (21, 0.9)
    assert (after.corpus, after.model) == (before.corpus, before.model)


def test_the_same_value_changes_nothing() -> None:
    assert change_on_resume(Settings(), ["training.epochs=13", "training.learning_rate=1"]) == (Settings(), {})


@pytest.mark.parametrize(
    "assignment",
    [
        "model.hidden_size=300",
        "model.keep_prob=0.5",
        "corpus.source=demo",
        "training.batch_size=10",
        "training.num_steps=10",
        "training.seed=2",
    ],
)
def test_settings_built_into_the_weights_or_the_position_stay(assignment: str) -> None:
    with pytest.raises(PtbtermError) as error:
        change_on_resume(Settings(), [assignment])
    key = assignment.partition("=")[0]
    assert error.value.message == f"--set: {key} can't be changed on resume."
    assert "training.epochs" in error.value.hint
    assert key not in error.value.hint


def test_wrong_values_are_refused() -> None:
    with pytest.raises(PtbtermError, match=r"training\.epochs must be an integer of at least 1, not 0"):
        change_on_resume(Settings(), ["training.epochs=0"])
