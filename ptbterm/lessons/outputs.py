"""Step: the outputs of all steps as rows, one for each word to predict."""

from collections.abc import Iterator

import torch

from ptbterm.lessons import notebook
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Check, Frame, Lesson, Page, Table
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.model.language_model import LanguageModel


def show(subject: Subject) -> Iterator[Page]:
    """Show the shape of each tensor between the ids and the losses."""
    reading, size = subject.reading, subject.model.settings.hidden_size
    batch, steps = reading.inputs.shape
    rows, vocabulary_size = batch * steps, subject.model.vocabulary_size
    hidden = reading.hidden.reshape(-1, size)
    h, c = reading.state
    tensors = {
        "ids": reading.inputs,
        "word vectors": reading.vectors.transpose(0, 1),
        "outputs": reading.hidden,
        "outputs, as rows": hidden,
        "state c, a layer": c[0],
        "state h, a layer": h[0],
        "logits": subject.log_probabilities,
    }
    with torch.no_grad():
        tensors["losses"] = subject.model.word_nats(reading.hidden, reading.targets)
    ours = {name: f"{tuple(tensor.shape)}" for name, tensor in tensors.items()}
    row, step = min(2, batch - 1), min(1, steps - 1)
    number = row * steps + step
    table = Table(("tensor", "shape"), tuple(ours.items()))
    yield Page(
        f"At each of {batch} x {steps} places the last layer outputs {size} numbers: all that the model knows "
        "there about the next word. The softmax treats each place separately, so rows and steps are folded into "
        f"one dimension: {rows} rows of {size}. A product with a matrix of {size} x {vocabulary_size:,} will "
        "score every word for each.",
        (excerpt(LanguageModel.forward, "outputs"), excerpt(LanguageModel.word_nats, "rows")),
        (Frame("Shapes on the way", (table,)),),
        (
            holds(
                f"row {number + 1} of {rows} is row {row + 1}, step {step + 1}",
                true=torch.equal(hidden[number], reading.hidden[row, step]),
            ),
            _compared(subject, ours),
        ),
    )


def _compared(subject: Subject, ours: dict[str, str]) -> Check:
    """Compare all shapes with the notebook's; name the first that differs."""
    for name, shape in ours.items():
        if shape != notebook.SHAPES[name]:
            return subject.as_in_the_notebook(f"shape of the {name}", shape, notebook.SHAPES[name])
    return holds("all shapes as in the notebook", true=True)


LESSON = Lesson("Outputs, and the reshape", show)
