"""Training, evaluation and scoring read the same words: the same sums, for corpora of every kind."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ptbterm.corpus.corpus_text import text_reader
from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import SPLITS, fingerprint, one_text
from ptbterm.corpus.text_reader import TextReader
from ptbterm.inference.evaluation import Score, evaluate
from ptbterm.inference.sentences import Layout, read_sentences
from ptbterm.inference.surprisal import score
from ptbterm.inference.totals import Totals
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.choices import Form, Tokenizer
from ptbterm.settings.schema import CorpusSettings, ModelSettings

WORDS = re.findall(
    r"[^ \n]+",
    """
    the dog Dog saw, saw. it's don't cannot U.S. Mr. 1994 3.5% N % <unk> UNK "yes" (no) -- well-known e-mail
    caf\u00e9 cafe\u0301 co\u00adop \u200b \u00ab\u00e9t\u00e9\u00bb \u4e2d\u6587 a@b.c $5 companies'
    \u2019s @-@ <s> </s> <EOS> <bos> [CLS] [SEP] [UNK] saw.</s> <unk>, [ ] unk 12,000 @,@ well known -
    """,
)
line = st.lists(st.sampled_from(WORDS) | st.text("ab.,' \u0301", max_size=4), max_size=6).map(" ".join)
ended = st.builds("{}{}".format, line, st.sampled_from(["\n", "\r\n", "\r", " <eos>\n", " </s>\n"]))
texts = st.lists(ended, min_size=1, max_size=8).map("".join).filter(lambda text: any(map(str.isalpha, text)))


@pytest.mark.process  # takes seconds
@given(
    splits=st.tuples(texts, texts, texts),
    tokenizer=st.sampled_from(["auto", "whitespace", "words", "ptb"]),
    lowercase=st.booleans(),
    minimum_count=st.integers(0, 2),
    name=st.sampled_from(["own", "demo"]),
    other=texts,
    form=st.sampled_from(["typed", "corpus"]),
)
def test_eval_and_score_agree_on_every_split_and_on_other_texts(
    tmp_path_factory: pytest.TempPathFactory,
    splits: tuple[str, str, str],
    tokenizer: Tokenizer,
    lowercase: bool,
    minimum_count: int,
    name: str,
    other: str,
    form: Form,
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    files = {split: folder / f"{split}.txt" for split in SPLITS}
    for file, text in zip(files.values(), splits, strict=True):
        file.write_bytes(text.encode())
    settings = CorpusSettings(tokenizer=tokenizer, lowercase=lowercase, minimum_count=minimum_count)
    found = {split: one_text(file) for split, file in files.items()}
    assume(all(next(text.sentences(), None) for text in found.values()))
    corpus = encode_corpus(CorpusText(name, name, found, fingerprint(found)), settings, folder / "ids")
    model = LanguageModel(ModelSettings(hidden_size=3), len(corpus.vocabulary))
    model.reset_parameters(1)
    for split, file in files.items():
        if len(corpus.ids[split]) > 1:
            reader = corpus.text_reader()
            agree(evaluated(model, corpus, split), scored(model.eval(), reader, file))
    file = folder / "other.txt"
    file.write_bytes(other.encode())
    reader = text_reader(corpus.reading.settings, corpus.vocabulary, form)
    ids = list(corpus.vocabulary.encode(one_text(file).sentences(reader)))
    if sum(map(len, ids)) > 1:
        agree(
            evaluate(ModelScorer(model), ids, "stream", corpus.vocabulary.unknown_id), scored(model, reader, file)
        )


def evaluated(model: LanguageModel, corpus: EncodedCorpus, split: str) -> Score:
    ids = list(corpus.vocabulary.encode(corpus.text.splits[split].sentences(corpus.reader)))
    assert [number for chunk in ids for number in chunk] == corpus.ids[split].tolist()
    return evaluate(ModelScorer(model), ids, "stream", corpus.vocabulary.unknown_id)


def scored(model: LanguageModel, reader: TextReader, file: Path) -> Totals:
    totals = Totals()
    with file.open("rb") as stream:
        sentences = read_sentences(stream, file.name, Layout())
        for sentence in score(model, reader.vocabulary, sentences, "stream", reader=reader):
            totals.add(sentence, in_stream=True)
    return totals


def agree(evaluation: Score, totals: Totals) -> None:
    assert (totals.words, totals.unknown_words) == (evaluation.words, evaluation.unknown_words)
    for ours, theirs in pairs(evaluation, totals):
        assert ours / totals.words == pytest.approx(theirs / totals.words, abs=1e-6)


def pairs(evaluation: Score, totals: Totals) -> Iterator[tuple[float, float]]:
    yield totals.nats, evaluation.nats
    yield totals.unknown_nats, evaluation.unknown_nats
