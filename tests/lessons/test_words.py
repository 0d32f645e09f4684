"""What a step says is so for every run: other layers, scales, schedules, ceilings, and runs that were adapted."""

from pathlib import Path

import pytest

from ptbterm.inference.trained_model import load_run
from ptbterm.lessons.lesson import Curve, Page, Table, Verdict
from ptbterm.lessons.subject import Subject, subject_of_run
from ptbterm.runs.run import Run
from tests.commands import Command
from tests.examples.texts import SENTENCES
from tests.lessons.subjects import last_page, of_a_run, settled

pytestmark = pytest.mark.process  # trains


def words(page: Page) -> str:
    return page.all_words(hides_answers=False)


def code(page: Page) -> list[str]:
    return [text.strip() for excerpt in page.code for _, text in excerpt.lines]


def claims(page: Page) -> list[str]:
    assert Verdict.FAILS not in {check.verdict for check in page.checks}
    return [check.claim for check in page.checks]


def tables(page: Page) -> list[Table]:
    return [block for frame in page.frames for block in frame.blocks if isinstance(block, Table)]


# Layers.


@pytest.mark.parametrize(
    ("settings", "said", "unsaid"),
    [
        ([], "The second layer reads the outputs of the first", "This model has one layer"),
        (["model.num_layers=1"], "This model has one layer. The notebook stacks two", "cell for each layer"),
        (["model.num_layers=3"], "Each layer above the first reads the outputs of the one below", "second layer"),
        (["model.residual=true"], "adds its input to its output", "one layer"),
        (["model.num_layers=3", "model.shared_cell=true"], "so all layers have one kernel", "both"),
        (["model.num_layers=1", "model.shared_cell=true"], "This model has one layer", "reproduced here"),
    ],
)
def test_stacked_layers(tmp_path: Path, settings: list[str], said: str, unsaid: str) -> None:
    subject = settled(tmp_path, "small", *settings)
    page = last_page(subject, 5)
    assert said in words(page)
    assert unsaid not in words(page)
    assert ("adds its input to its output" in words(page)) == subject.settings.model.residual
    layers = subject.settings.model.num_layers
    assert page.frames[0].title.startswith("1 layer, 1 cell: " if layers == 1 else f"{layers} layers, ")
    assert len([claim for claim in claims(page) if "one object" in claim]) == (
        subject.settings.model.shared_cell and layers > 1
    )


# The embedding.


def test_a_scaled_embedding_shows_the_line_that_scales(tmp_path: Path) -> None:
    page = last_page(settled(tmp_path, "small", "model.embedding_scale=3.0"), 3)
    assert "vectors = vectors * self.settings.embedding_scale" in code(page)
    assert "takes its row times 3." in words(page)
    assert claims(page)[0].startswith("equals one-hot vectors times the matrix times 3 ")


def test_an_embedding_that_is_not_scaled_shows_no_such_line(tmp_path: Path) -> None:
    page = last_page(settled(tmp_path, "small"), 3)
    assert "embedding_scale" not in " ".join(code(page))
    assert "its row. " in words(page)


# Costs and gradients.


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_what_a_mean_would_change_holds_for_every_optimizer(tmp_path: Path, optimizer: str) -> None:
    page = last_page(settled(tmp_path, "small", f"training.optimizer={optimizer}"), 8)
    assert "a mean over all 20 words would make every gradient 5 times smaller" in words(page)


@pytest.mark.parametrize("ceiling", [1e-3, 1.0, 5.0, 1e3])
def test_clipping(tmp_path: Path, ceiling: float) -> None:
    page = last_page(settled(tmp_path, "small", f"training.max_grad_norm={ceiling}"), 10)
    *_, (_, norm, clipped, halved) = tables(page)[0].rows
    assert float(clipped) == pytest.approx(min(float(norm), ceiling), abs=0.002)
    assert float(halved) == pytest.approx(float(norm) / 2, abs=0.002)
    if float(norm) < ceiling:
        assert f"Here it is below: {ceiling:g} changes nothing, {float(norm) / 2:.3g} would halve all." in words(
            page
        )
    else:
        assert "Here it is above." in words(page)
    assert f"The steepest is that of {tables(page)[0].rows[0][0]}" in words(page)


# The schedule.


@pytest.mark.parametrize(
    ("settings", "question", "answer"),
    [
        (["training.epochs=13"], "What is the rate when epoch 13 begins?", "rate is 0.00195."),
        (["training.epochs=2"], "What would be the rate when epoch 5 begins?", "rate would be 0.5."),
        (
            ["training.schedule=cosine", "training.epochs=4", "training.final_rate=0.0"],
            "What is the rate when epoch 4 begins?",
            "rate is 0.146.",
        ),
        (
            ["training.schedule=cosine", "training.epochs=1"],
            "What is the rate when epoch 1 begins?",
            "rate is 0.167.",
        ),
    ],
)
def test_the_schedule_asks_for_what_its_own_page_answers(
    tmp_path: Path, settings: list[str], question: str, answer: str
) -> None:
    page = last_page(of_a_run(tmp_path, "small", *settings, repeats=10), 12)
    assert page.question == question
    assert page.answer.endswith(answer)
    assert claims(page)


def test_the_last_bar_is_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    page = last_page(of_a_run(tmp_path, "fast", "training.sampled_words=0", "training.epochs=3", repeats=10), 12)
    (bars,) = page.frames[0].blocks
    assert page.answer.endswith(f"is {bars.bars[-1].figure}.")  # type: ignore[attr-defined]


# A training, live.


def test_a_figure_is_said_to_be_over_the_windows_that_it_is_over(tmp_path: Path) -> None:
    subject = settled(tmp_path, "small", "training.learning_rate=0.3", repeats=600)
    page = last_page(subject, 13)
    assert "it lags behind the model" in words(page)
    last = subject.training.progress[-1]
    first, alone, compared = claims(page)
    assert first.endswith(f"{last.perplexity:,.1f} over all {last.window + 1}")
    assert last.window + 1 < subject.training.windows == 319
    assert alone.startswith("windows ")
    assert float(alone.split()[-1]) < last.perplexity
    assert compared == (
        f"over {last.window + 1} windows: {last.perplexity:,.1f} (letters), 826.7 over 319 in the notebook"
    )
    assert page.checks[-1].verdict is Verdict.DIFFERS


# A run's log.


def test_estimates_are_marked_and_the_words_of_the_test_are_counted(tmp_path: Path) -> None:
    sampled = ("training.num_steps=2", "training.sampled_words=10", "training.full_softmax=0.5")
    subject = of_a_run(tmp_path, "fast", *sampled)
    page = last_page(subject, 13)
    (table,), (curve,) = tables(page), [block for block in page.frames[0].blocks if isinstance(block, Curve)]
    assert [row[1].startswith("≈") for row in table.rows] == [True, False]
    assert curve.title == "running perplexity, by epoch; ≈ by a sampled softmax"
    scored = 3 * sum(len(sentence.split()) + 1 for sentence in SENTENCES) - 1
    assert claims(page)[0].endswith(f" (stream, {scored} words)")


def test_exact_values_are_not_marked(tmp_path: Path) -> None:
    page = last_page(of_a_run(tmp_path, "small"), 13)
    assert "≈" not in " ".join(cell for row in tables(page)[0].rows for cell in row)
    assert "≈" not in page.frames[0].blocks[0].title  # type: ignore[attr-defined]


# A run that was adapted.


@pytest.fixture
def adapted(tmp_path: Path, ptbterm: Command) -> Subject:
    source = of_a_run(tmp_path, "small")
    assert source.trained is not None
    run = source.trained.run.path
    read = ptbterm("score", "--run", run, "--adapt", "--save-adapted", "reader", stdin="\n".join(SENTENCES * 3))
    assert read.exit_code == 0, read.stderr
    return subject_of_run(load_run(Run(run.parent / "reader"), "cpu"), source.corpus, tmp_path)


def test_an_adapted_run_says_from_which_run_and_on_what(adapted: Subject) -> None:
    page = last_page(adapted, 13)
    event = adapted.adapted
    assert event is not None
    assert event.words > 50
    assert (
        "the model of run small took a step of gradient descent on each sentence of a text after scoring it"
        in words(page)
    )
    assert page.ran == "The lines that adapted it"
    assert "weight.add_(gradient * factor, alpha=-self.learning_rate)" in code(page)
    assert ("words read", f"{event.words:,}") in tables(page)[0].rows
    assert claims(page) == [
        f"perplexity {event.perplexity:.1f} on the text: each sentence was scored before the model adapted to it"
    ]
    for step in (14, 15):
        phrase = f"the 2 epochs of run small and a text of {event.words:,} words that it was adapted to"
        assert phrase in words(last_page(adapted, step))


def test_an_adapted_run_whose_log_is_lost_still_says_so(adapted: Subject) -> None:
    assert adapted.trained is not None
    adapted.trained.run.events_file.write_bytes(b"")
    again = subject_of_run(adapted.trained, adapted.corpus, adapted.runs)
    page = last_page(again, 13)
    assert "the model of run small" in words(page)
    assert [check.verdict for check in page.checks] == [Verdict.DIFFERS]
    assert "the 2 epochs of run small and a text that it was adapted to" in again.what_was_learned()
