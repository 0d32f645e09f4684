"""The built-in demo corpus: sampled from a grammar, so that the true probability of every word is known."""

import atexit
import shutil
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from ptbterm.corpus.checksums import all_intact
from ptbterm.corpus.grammar import ExactModel, Grammar, parse_grammar
from ptbterm.corpus.text_files import one_text
from ptbterm.errors import PtbtermError
from ptbterm.files import new_folder

SEED = 1
WORDS = {"demo.train.txt": 200_000, "demo.valid.txt": 8_000, "demo.test.txt": 8_000}
"""File name -> number of words, `<eos>` included, at which the text ends after the current sentence."""

SHA256 = {
    "demo.train.txt": "719fcd33911d6d02831192507afdaf47fac1ba83777294a6925957b8c69a7aa1",
    "demo.valid.txt": "c333da57ba96b9ad037cd17eddeabee2772477e12a0000f361798b31417b40c3",
    "demo.test.txt": "40c802cb28288cfea068d37f7a4d838dc17c4d383970470d685d9ecb2d201b68",
}
"""File name -> its SHA-256 sum, the same on every platform."""


@cache
def grammar() -> Grammar:
    """Return the grammar that the demo corpus is sampled from."""
    text = (resources.files("ptbterm.corpus") / "demo_grammar.toml").read_text(encoding="utf-8")
    return parse_grammar(text)


def ensure_demo_corpus(corpora: Path) -> Path:
    """Return the folder of the demo corpus in `corpora`; write it first if it is missing or damaged.

    Where that can't be written, it is a temporary folder, which is deleted when the process ends.
    """
    folder = corpora / "demo"
    if all_intact(folder, SHA256):
        return folder
    try:
        return _write(folder)
    except OSError:
        temporary = TemporaryDirectory(prefix="ptbterm-")
        atexit.register(temporary.cleanup)
        return _write(Path(temporary.name) / "demo")


def _write(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(FileExistsError), new_folder(folder) as temporary:
        for name in WORDS:
            (temporary / name).write_bytes(sample_text(name).encode())
    return folder


def sample_text(name: str) -> str:
    """Return the text of one file, one sentence per line; each file has its own random stream."""
    random, lines, words = Random(f"{SEED} {name}"), [], 0
    while words < WORDS[name]:
        sentence = grammar().sample(random)
        lines.append(" ".join(sentence.words))
        words += len(sentence.words) + 1
    return "\n".join([*lines, ""])


def word_nats(path: Path) -> npt.NDArray[np.float64]:
    """Return -log p (nats) of every word of a text, `<eos>` included, under the grammar itself.

    Raises `PtbtermError` with file and sentence if the grammar can't generate it.
    """
    model, nats = ExactModel(grammar()), []
    for number, words in enumerate(one_text(path).sentences(), 1):
        try:
            nats += [-log_probability for log_probability in model.word_log_probabilities(words[:-1])]
        except PtbtermError as error:
            raise PtbtermError(
                f"{path} is not from the demo corpus: sentence {number}, {error.message}"
            ) from error
    return np.array(nats)
