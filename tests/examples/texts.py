"""A corpus of four sentences, and the options that train a model of it in a second."""

from pathlib import Path

SENTENCES = [
    "the company said its shares rose",
    "the shares of the company fell N %",
    "its chairman said the <unk> was an error",
    "this is an old company",
]
TINY = [
    *("--preset", "small"),
    *("--set", "model.hidden_size=16"),
    *("--set", "training.batch_size=4"),
    *("--set", "training.num_steps=5"),
    *("--set", "training.epochs=2"),
]
"""Options of `train`."""


def write_corpus(folder: Path, repeats: int = 60) -> Path:
    """Write the sentences `repeats` times as train.txt, three times as valid.txt and test.txt."""
    folder.mkdir()
    text = "\n".join(SENTENCES) + "\n"
    (folder / "train.txt").write_text(text * repeats)
    (folder / "valid.txt").write_text(text * 3)
    (folder / "test.txt").write_text(text * 3)
    return folder
