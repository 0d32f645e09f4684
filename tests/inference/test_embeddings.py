"""Word vectors: neighbors by cosine, against vectors whose angles are known."""

import numpy as np
import pytest

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.embeddings import Neighbor, WordVectors

VECTORS = WordVectors(
    Vocabulary(["east", "<unk>", "<eos>", "northeast", "north", "west"]),
    np.array([[1, 0], [0, 0], [0, -2], [3, 3], [0, 5], [-1, 0]], dtype=np.float32),
)


def test_neighbors_do_not_depend_on_the_length_of_vectors() -> None:
    words = VECTORS.neighbors("east")
    assert [neighbor.word for neighbor in words] == ["northeast", "<unk>", "<eos>", "north", "west"]
    assert [neighbor.similarity for neighbor in words] == pytest.approx([0.5**0.5, 0, 0, 0, -1])
    assert VECTORS.neighbors("northeast", k=1) == [Neighbor("east", pytest.approx(0.5**0.5))]  # type: ignore[arg-type]


def test_a_vector_is_a_copy() -> None:
    VECTORS.vector("east")[:] = 7
    assert VECTORS.vector("east").tolist() == [1, 0]


def test_a_vector_of_zeros_is_near_nothing() -> None:
    assert {neighbor.similarity for neighbor in VECTORS.neighbors("<unk>")} == {0.0}


@pytest.mark.parametrize(
    ("word", "hint"),
    [("nort", "Did you mean north?"), ("East", "Did you mean east?"), ("zzz", "Use one of its 6 words.")],
)
def test_an_unknown_word(word: str, hint: str) -> None:
    for ask in (VECTORS.vector, VECTORS.neighbors):
        with pytest.raises(PtbtermError) as error:
            ask(word)
        assert error.value.message == f"The model does not know the word {word!r}."
        assert error.value.hint == hint
