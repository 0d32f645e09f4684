"""The tour as plain text, as a pipe and a screen reader get it: the whole of it on the demo corpus, and on PTB."""

import hashlib
import math
import re
from pathlib import Path

import numpy as np
import pytest

from ptbterm.lessons import notebook
from ptbterm.lessons.subject import Subject
from ptbterm.lessons.tour import Tour
from ptbterm.terminal.screens.tour.plain import step_lines
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.text.symbols import UNICODE
from tests.lessons.subjects import last_page, on_treebank


def text(subject: Subject, step: int) -> str:
    """A step, all of it."""
    heading = f"Step {step} of 15: {Tour(subject).titles[step - 1]}"
    return "\n".join(step_lines(heading, last_page(subject, step), RenderOptions(UNICODE, 79, 0), whole=True))


def joined(shown: str) -> str:
    """The text without its line breaks."""
    return " ".join(shown.split())


# Step: its title, a line that ran, and where; what its values say; what its checks say.
ON_DEMO = {
    1: (
        "The corpus and its words",
        ("vocabulary.py", "return Vocabulary(sorted(kept_counts, key=lambda word:"),
        ["demo corpus: 632 word types", "train  200,009  0.4 %", "0   <eos>"],
        [
            "✓ counted again: the same vocabulary as the model's",
            "≠ word types: 632 (demo corpus), 10,000 in the notebook",
        ],
    ),
    2: (
        "Ids, and the first window",
        ("windows.py", "return ids[: batch_size * columns].reshape((batch_size, columns))"),
        ["Row 1 of 30", "Row 30 of 30", "inputs  2 161 7 80 491", "targets 161 7 80 491"],
        ["✓ inputs: (30, 20), as in the notebook", "≠ first target: 161 (demo corpus), 9971 in the notebook"],
    ),
    3: (
        "Embedding lookup",
        ("language_model.py", "vectors = functional.embedding(ids.t(), self.embedding, sparse=not"),
        ["Row 1 of (30, 20, 200)", "(units 1-69 of 200)"],
        ["✓ equals one-hot vectors times the matrix", "✓ “at” at steps 3 and 7: the same row"],
    ),
    4: (
        "One LSTM cell, opened",
        ("lstm.py", "c = f * c + i * j"),
        ["Time step 1 of 20", "Time step 20 of 20", "memory c", "(units 1-53 of 200)"],
        ["✓ equals nn.LSTM to "],
    ),
    5: (
        "Stacked layers",
        ("stack.py", "for number in range(self.settings.num_layers):"),
        ["2 layers, 1 cell", "kernel     (400, 800)  320,000", "bias           (800,)      800"],
        ["✓ both layers are one object", "✓ trained tensors: 5, as in the notebook"],
    ),
    6: (
        "Outputs, and the reshape",
        ("language_model.py", "rows = hidden.reshape(-1, self.settings.hidden_size)"),
        [
            "ids                    (30, 20)",
            "(30, 20, 200)",
            "(600, 200)",
            "(600, 632)",
            "losses                   (600,)",
        ],
        ["≠ shape of the logits: (600, 632) (demo corpus), (600, 10000) in the notebook"],
    ),
    7: (
        "Logits, softmax, argmax",
        ("softmax.py", "logits = products.product(hidden, self._columns, plus=self.bias)"),
        ["most probable of 632", "the target", "logit   of the target: "],
        ["✓ the probabilities of every row add up to 1", "✓ argmax = target at "],
    ),
    8: (
        "Losses, and the cost",
        ("softmax.py", "exponentials = scores.sub_(largest).exp_()"),
        ["600 losses", f"20 x ln 632             {20 * math.log(632):.3f}", "cost                    12"],
        ["✓ each is -log of the target's probability", "≠ cost: 129.0 (demo corpus), 184.2 in the notebook"],
    ),
    9: (
        "A toy gradient",
        ("toy_gradient.py", "z = 2 * x**2 + 3 * x * y"),
        ["z             8", "dz/dx        10", "dz/dy         3"],
        ["✓ 8, 10, 3, as in the notebook"],
    ),
    10: (
        "Gradients, and clipping",
        ("gradients.py", "cost.backward()"),
        ["gradient of   norm   at 5", "softmax_b", "all as one"],
        ["✓ all as one: the root of the sum of squares, "],
    ),
    11: (
        "One step",
        ("trainer.py", "nats = self.word_nats(hidden, targets)"),
        ["before    after", "cost        12", "largest move"],
        ["✓ the cost fell"],
    ),
    12: (
        "The schedule",
        ("schedules.py", "return settings.learning_rate * float(settings.decay**decayed_epochs)"),
        ["epochs 1-5  ━━", "epoch 6     ━━", "0.00391"],
        ["✓ the notebook's rates: 1.0 for five epochs, then halved each epoch"],
    ),
    13: (
        "A short training",
        ("loop.py", "trainer.train_window()"),
        ["Window 319 of 319", "running perplexity, by window", "uniform guess 632"],
        [
            "✓ perplexity 632.0 after a window, 15",
            "over all 319",
            "✓ windows 290 to 319 alone: ",
            "826.7 in the notebook",
        ],
    ),
    14: (
        "This is an ...",
        ("predictor.py", "best = probabilities.topk(min(k, len(self.vocabulary)))"),
        ["this is an ...", "the company said ...", "before", "after", "issue", "Sentences that it generates"],
        ["✓ the best guess is more probable than before training"],
    ),
    15: (
        "The embedding map",
        ("embeddings.py", "similarities = self.directions @ self.directions[number]"),
        ["The most frequent words", "Nearest to “rose”", "fell", "Nearest to “march”", "january"],
        ["✓ the nearest word's cosine rose by "],
    ),
}


@pytest.mark.parametrize("step", ON_DEMO)
def test_on_the_demo_corpus(on_demo: Subject, step: int) -> None:
    title, (file, line), values, checks = ON_DEMO[step]
    shown = text(on_demo, step)
    head, rule, *_ = shown.splitlines()
    assert head == f"Step {step} of 15: {title}"
    assert rule == "─" * len(head)
    heading = "The loop that trains: " if step == 13 else "The lines that ran: "
    code, frames = shown.split(f"\n{heading}")[1].split("\n\n", 1)
    assert file in code.splitlines()[0]
    assert re.search(rf"^ +\d+ +{re.escape(line)}", code, re.MULTILINE)
    assert [value for value in values if value not in frames] == []
    assert [check for check in checks if check not in joined(shown)] == []
    assert "✗" not in shown
    assert max(map(len, shown.splitlines())) <= 79


def test_there_are_no_other_steps(on_demo: Subject) -> None:
    assert len(Tour(on_demo).titles) == len(ON_DEMO)


@pytest.fixture(scope="module")
def on_ptb(ptb: Path, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return on_treebank(ptb, tmp_path_factory.mktemp("ptb"))


def test_the_ids_that_are_shown_are_the_notebooks_first_window(on_ptb: Subject) -> None:
    rows = re.findall(r"Row \d+ of 30 inputs ((?:\d+ )+)targets ((?:\d+ )+)read ", joined(text(on_ptb, 2)))
    assert len(rows) == 30
    for shown, expected in zip(
        zip(*rows, strict=True), (notebook.INPUTS_SHA256, notebook.TARGETS_SHA256), strict=True
    ):
        ids = np.array([row.split() for row in shown], dtype="<i4")
        assert ids.shape == notebook.SHAPE
        assert hashlib.sha256(ids.tobytes()).hexdigest() == expected


@pytest.mark.parametrize(
    ("step", "claims"),
    [
        (
            1,
            [
                "10,000 word types",
                "word types: 10,000, as in the notebook",
                "929,589, 73,760, 82,430, as in the notebook",
            ],
        ),
        (
            2,
            [
                "first target: 9971, as in the notebook",
                "windows in an epoch: 1,549, as the notebook computes; its text says 1,548",
            ],
        ),
        (5, ["kernel (400, 800) 320,000", "total 4,330,800", "trained tensors: 5, as in the notebook"]),
        (6, [*(f"{name} {shape}" for name, shape in notebook.SHAPES.items()), "all shapes as in the notebook"]),
        (
            8,
            [
                "20 x ln 10,000 184.207",
                "cost: 184.2, as in the notebook",
                "the notebook's, from other initial weights, 9.193 to 9.228",
            ],
        ),
        (9, ["✓ 8, 10, 3, as in the notebook"]),
    ],
)
def test_on_the_penn_treebank_it_says_the_notebooks_numbers(on_ptb: Subject, step: int, claims: list[str]) -> None:
    shown = joined(text(on_ptb, step))
    assert [claim for claim in claims if claim not in shown] == []
    assert "≠" not in shown
    assert "✗" not in shown
