"""A map of the most frequent words by t-SNE, with clusters by k-means; computed once and kept in the run."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from ptbterm.errors import PtbtermError
from ptbterm.files import read_text, replacing
from ptbterm.inference.embeddings import WordVectors
from ptbterm.runs.run import Run
from ptbterm.settings.choices import Side

MIN_WORDS = 8
PERPLEXITY = 10.0
"""The perplexity of t-SNE: about how many neighbors each word has."""
DEGREES_OF_FREEDOM = 1.5
"""Of t-SNE's kernel on the map; with the usual 1, similar words are too close together to be read."""
STEPS = 750
"""Of t-SNE's gradient descent: 250 with early exaggeration, then 500, the usual numbers (Belkina et al. 2019)."""
WORDS_A_CLUSTER = 16
MAX_BYTES_A_WORD = 200
"""Limit of a saved map, which has about 50 bytes a word."""
_PARAMETERS = f"{PERPLEXITY} {DEGREES_OF_FREEDOM} {STEPS} {WORDS_A_CLUSTER}"

Points = npt.NDArray[np.float64]
OnStep = Callable[[int], None]
"""Called with the number of `STEPS` done."""


class WordMap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Place and cluster of each word, in the order of the vocabulary; x and y are between 0 and 1, y upwards.

    `made_from` identifies the vectors and the parameters.
    """

    version: Literal[1] = 1
    made_from: str
    x: list[float]
    y: list[float]
    cluster: list[int]

    def __len__(self) -> int:
        return len(self.cluster)


def map_of_run(
    run: Run,
    words: WordVectors,
    count: int,
    seed: int = 1,
    on_step: OnStep = lambda _: None,
    side: Side = "both",
) -> WordMap:
    """Return the map of the `count` most frequent words, the first of the vocabulary, by the vectors of `side`.

    It is read from the run if it was made from the same vectors with the same seed; otherwise it is computed, and
    saved there if the run can be written to. Raises `PtbtermError` if the extra `plots` is not installed or there
    are too few words.
    """
    directions = words.directions[:count]
    made_from = hashlib.sha256(directions.tobytes() + _PARAMETERS.encode()).hexdigest()
    file = run.path / "maps" / f"words-{len(directions)}-{side}-seed-{seed}.json"
    if (saved := _read(file, len(directions))) and saved.made_from == made_from and len(saved) == len(directions):
        return saved
    points = arrange(directions, seed, on_step)
    x, y = points.T.tolist()
    word_map = WordMap(made_from=made_from, x=x, y=y, cluster=cluster(directions, seed))
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        with replacing(file) as temporary:
            temporary.write_bytes(msgspec.json.encode(word_map))
    return word_map


def arrange(directions: npt.NDArray[np.float32], seed: int, on_step: OnStep = lambda _: None) -> Points:
    """Return places between 0 and 1, (words, 2), by t-SNE (van der Maaten & Hinton 2008) on the cosine."""
    if len(directions) < MIN_WORDS:
        raise PtbtermError(f"A map needs at least {MIN_WORDS} words, not {len(directions)}.")
    steps_done = 0

    def count_steps(*_: object) -> None:
        nonlocal steps_done
        steps_done += 10
        on_step(steps_done)

    tsne = _plots("openTSNE").TSNE(
        perplexity=min(PERPLEXITY, (len(directions) - 1) / 3),
        dof=DEGREES_OF_FREEDOM,
        neighbors="exact",
        negative_gradient_method="bh",
        random_state=seed,
        n_jobs=1,
        callbacks=count_steps,
        callbacks_every_iters=10,
    )
    places = np.asarray(tsne.fit(directions.astype(np.float64)), dtype=np.float64)
    lower, upper = places.min(axis=0), places.max(axis=0)
    scaled: Points = (places - lower) / np.maximum(upper - lower, np.finfo(np.float64).tiny)
    return scaled.round(5)


def cluster(directions: npt.NDArray[np.float32], seed: int) -> list[int]:
    """Return each word's cluster, by k-means on the directions, independently of the map."""
    clusters = max(2, round(len(directions) / WORDS_A_CLUSTER))
    kmeans = _plots("sklearn.cluster").KMeans(clusters, n_init=4, random_state=seed)
    return [int(number) for number in kmeans.fit_predict(directions)]


def _plots(module: str) -> Any:
    """Import a module of the extra `plots`, which takes a second."""
    from importlib import import_module  # noqa: PLC0415

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise PtbtermError(
            f"The map of words needs {error.name}, which is not installed.",
            "Install it: pip install 'ptbterm[plots]'",
        ) from error


def _read(file: Path, words: int) -> WordMap | None:
    """Return a saved map; None if it is missing, damaged, too large for the words or of another version."""
    with suppress(PtbtermError, OSError, msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(read_text(file, MAX_BYTES_A_WORD * (words + 1)), type=WordMap)
    return None
