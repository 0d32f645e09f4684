"""How a line becomes words: by example, by property, and beside NLTK's Treebank tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.corpus_text import CorpusTextReader
from ptbterm.corpus.reader import LineReader
from ptbterm.corpus.vocabulary import Vocabulary

WORDS, TREEBANK, WHITESPACE = LineReader("words"), LineReader("ptb"), LineReader("whitespace")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Yes, 3.5 %!", "Yes , 3.5 % !"),
        ("AT&T's well-known co-op, e-mail: a@b.org", "AT&T's well-known co-op , e-mail : a@b.org"),
        ("The U.S. (and/or) [it] {x}", "The U.S . ( and / or ) [ it ] { x }"),
        ('"Hello," she said... --', '" Hello , " she said ... --'),
        ("3:30 1990-91 3/4 1,000.5 5%", "3:30 1990-91 3/4 1,000.5 5 %"),
        ("don\u2019t l'homme qu\u2019il \u2019 well\u2010known", "don't l'homme qu'il \u2019 well-known"),
        ("\u00abO\u00f9?\u00bb na\u00efve", "\u00ab O\u00f9 ? \u00bb na\u00efve"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940, \u0627\u0644\u0639\u0631\u0628\u064a\u0629\u060c", None),
        ("a \U0001f600\U0001f600 b", "a \U0001f600\U0001f600 b"),
        ("<unk> UNK <UNK> [UNK]", "<unk> <unk> <unk> <unk>"),
        ("<s> a b </s> <s> c </S>", "a b <eos> c <eos>"),
        ("[CLS] a b <eos> [SEP]", "a b <eos> <eos>"),
        ("<unk>, garden.</s> (UNK) <num>", "<unk> , garden . <eos> ( <unk> ) <num>"),
        ("co\u00adop cafe\u0301 \ufeffthe\u200b \u200b", "coop caf\u00e9 the"),
        ("", ""),
    ],
)
def test_words(line: str, words: str | None) -> None:
    expected = "\u0939\u093f\u0928\u094d\u0926\u0940 , \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u060c"
    assert WORDS.words(line) == (expected if words is None else words).split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Mr. Lee didn't pay $3.50.", "mr. lee did n't pay $ N ."),
        ("The U.S. cannot, it's they're I'd we'll", "the u.s. can not , it 's they 're i 'd we 'll"),
        ("In 1994 the companies' shares rose 12%", "in N the companies ' shares rose N %"),
        ("It\u2019s Dr. J. Smith, Inc.", "it 's dr. j. smith , inc."),
        ("'90s mid-1980s 13th 1990-91", "' 90s mid-1980s 13th N"),
        ("shouldn't've", "should n't 've"),
        ("<unk> N", "<unk> n"),
        ("<UNK>, end.</S> [CLS]", "<unk> , end . <eos>"),
    ],
)
def test_treebank(line: str, words: str) -> None:
    assert TREEBANK.words(line) == words.split()


def test_lower_case() -> None:
    assert LineReader("words", lowercase=True).words("The CAF\u00c9, <unk>") == ["the", "caf\u00e9", ",", "<unk>"]
    assert LineReader("whitespace", lowercase=True).words("The U.S.") == ["the", "u.s."]


@pytest.mark.parametrize("reader", [WORDS, TREEBANK, WHITESPACE, LineReader("words", lowercase=True)])
@given(line=st.text() | st.text("aA1.,'-\u2019<>unks/ $%", max_size=40))
def test_tokens_cover_the_text_and_are_the_words(reader: LineReader, line: str) -> None:
    vocabulary = Vocabulary(["<unk>", "<eos>", *dict.fromkeys(reader.words(line)).keys() - {"<unk>", "<eos>"}])
    tokens = CorpusTextReader(reader, vocabulary).tokens(line)
    assert "".join(token.typed for token in tokens) == "".join(line.split())
    assert all(line[token.start : token.end] == token.typed for token in tokens)
    modelled = [token.modelled for token in tokens if token.modelled is not None]
    assert [word for word in reader.words(line) if word in modelled] == reader.words(line)


def test_treebank_beside_nltk() -> None:
    """Clitics, abbreviations within a line and punctuation; NLTK keeps case and numbers, and respells quotes."""
    nltk = pytest.importorskip("nltk.tokenize")
    tokenizer = nltk.TreebankWordTokenizer()
    for line in (
        "They'll say it isn't what we've paid for, won't they?",
        "Mr. Smith cannot see the dog's tail; she's gone!",
        "I'd rather go (today) than wait: he's late.",
    ):
        assert TREEBANK.words(line) == [word.lower() for word in tokenizer.tokenize(line)]
