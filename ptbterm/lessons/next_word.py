"""Step: logits, softmax, and the most probable word against the target."""

from collections.abc import Iterator

import torch

from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Bar, Bars, Check, Frame, Lesson, Page, Text, Verdict
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.model.softmax import Softmax

WORDS = (
    "A matrix product gives every word a score, its logit. Softmax turns the logits into probabilities: "
    "exponentials divided by their sum, all positive, adding up to 1. The largest is the model's best guess, the "
    "argmax; the target is the word that follows in the text."
)
UNTRAINED = "Untrained, every word has a probability of about 1 in {words:,}, and the guess is arbitrary."
TRAINED = "A good model may guess wrong: what counts is the probability of the target."
LISTED = 5
WORD_CELLS = 13


def show(subject: Subject) -> Iterator[Page]:
    """Show the most probable words at each step of the first row, and the target among them."""
    inputs, targets = subject.reading.inputs[0], subject.reading.targets.reshape(-1)
    log_probabilities = subject.log_probabilities
    # tour shows: argmax
    best = log_probabilities.argmax(dim=1)

    right = int((best == targets).sum())
    sums = log_probabilities.exp().sum(dim=1)
    yield Page(
        WORDS,
        (excerpt(Softmax.log_probabilities), excerpt(show, "argmax")),
        tuple(_frame(subject, step) for step in range(len(inputs))),
        (
            holds("the probabilities of every row add up to 1", true=bool(((sums - 1).abs() < 1e-4).all())),
            Check(Verdict.HOLDS, f"argmax = target at {right} of {len(targets)} places"),
        ),
        walk="time step",
        question="Which word has the highest probability? Is it the one that follows?",
        answer=TRAINED if subject.trained else UNTRAINED.format(words=subject.model.vocabulary_size),
    )


def _frame(subject: Subject, step: int) -> Frame:
    """Return the ranked next words after one word of the first row."""
    words, targets = subject.words(subject.reading.inputs[0]), subject.reading.targets[0]
    log_probabilities = subject.log_probabilities[step]
    best = log_probabilities.topk(min(LISTED, len(log_probabilities)))
    target = int(targets[step])
    rank = 1 + int((log_probabilities > log_probabilities[target]).sum())
    ranked = [
        *zip(range(1, LISTED + 1), best.indices.tolist(), best.values.exp().tolist(), strict=False),
        (rank, target, float(log_probabilities[target].exp())),
    ]
    top = ranked[0][2]
    bars = tuple(
        Bar(f"{place:>5,} {subject.corpus.vocabulary[number]:<{WORD_CELLS}}", share / top, f"{100 * share:.3g} %")
        for place, number, share in ranked
    )
    return Frame(
        f"Time step {step + 1} of {len(words)}: after “{words[step]}”",
        (
            Bars(f"most probable of {len(log_probabilities):,}", bars[:-1], is_answer=True),
            Bars("the target", bars[-1:], is_answer=True),
            Text("logit", _logit(subject, step, target), is_answer=True),
        ),
    )


def _logit(subject: Subject, step: int, target: int) -> str:
    """Return the steps from the target's logit to its log-probability."""
    hidden, model = subject.reading.hidden[0, step], subject.model
    with torch.no_grad():
        log_probability = subject.log_probabilities[step, target]
        logit = hidden @ model.softmax.vectors()[target] + model.softmax.bias[target]
        log_sum = logit - log_probability
    return f"of the target: {logit:+.3f}, less log of the sum of exponentials {log_sum:.3f}"


LESSON = Lesson("Logits, softmax, argmax", show)
