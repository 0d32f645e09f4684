"""Ordinary text as the words of a corpus: by example, by property, and beside NLTK's Treebank tokenizer."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ptbterm.corpus.text_files import one_text
from ptbterm.corpus.text_reader import Token
from ptbterm.corpus.typed_text import TypedTextReader
from ptbterm.corpus.vocabulary import Vocabulary, build_vocabulary

RESERVED = ("<unk>", "<eos>")


def vocabulary(words: str) -> Vocabulary:
    return Vocabulary(dict.fromkeys([*RESERVED, *words.split()]))


PTB_LIKE = vocabulary(
    "N $ # us$ & ' 's n't 're 've 'll 'd 'm the a i he she they it do does ca wo can could not gon is was company "
    "companies said rose fell hello world plans yes word other may mr. inc. u.s. no. no at&t s&p well-known "
    "12-year mid-1980s 1980s '80s 13th 747 1\\/2-year mgm\\/ua non-u.s. \\*"
)
OF_ITS_OWN = vocabulary("May may The 1987 3rd N.B. don't caf\u00e9 Zürich")
PUNCTUATED = vocabulary(
    ", . ? ! : ; -- ... `` '' ` ' -LRB- -RRB- % $ 's n't do The the Yes dogs bark said She No it is good N-day :)"
)
TYPOGRAPHIC = vocabulary("“ ” ‘ ’ — … . , ( ) don’t ’s dog She said no it")
FRENCH = vocabulary("« » , ? l' qu' d' homme il aujourd'hui est arrivé Où")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("the The THE", "the the the"),
        ("U.S. n't $ <UNK>", "u.s. n't $ <unk>"),
        ("xyzzy <unk> N n <eos>", "<unk> <unk> N <unk> <eos>"),
        ("<s> the [UNK] plans.</s> UNK, <EOS>", "the <unk> plans <eos> <unk> <eos>"),
        (" \t the\r\n  the\u00a0the ", "the the the"),
        ("", ""),
        # clitics
        ("the company's plans", "the company 's plans"),
        ("the companies' plans", "the companies ' plans"),
        ("don't DOESN'T can't won't couldn't've", "do n't does n't ca n't wo n't could n't 've"),
        ("they're I'd it's I'll don’t he’s", "they 're i 'd it 's i 'll do n't he 's"),
        ("cannot gonna", "can not <unk>"),
        ("xyzzy's o'clock y'all", "<unk> 's <unk> <unk>"),
        # numbers and their symbols
        ("7 1987 3.5 -12,000 +0.5 .5 747", "N N N N N N 747"),
        ("3/4 3\\/4 2:30 1990-91 1990–91 555-1234 52-48", "N N N N N N N"),
        ("$12 $.50 US$12 C$5 £3 £ 3 €4", "$ N $ N us$ N <unk> # N # N <unk>"),
        ("12% 12 % -5% 12%, 0.5%.", "N N N N N N N N N N"),
        ("1980s '80s ’80s mid-1980s 13th 12-year 1/2-year", "1980s '80s '80s mid-1980s 13th 12-year 1\\/2-year"),
        ("1980's 1920s 3rd 17-year 5kg 1e5", "N 's <unk> <unk> <unk> <unk> <unk>"),
        # abbreviations and names
        ("Mr. Smith, Inc. rose.", "mr. <unk> inc. rose"),
        ("the U.S.'s, (the U.S.) in the non-U.S.?", "the u.s. 's the u.s. <unk> the non-u.s."),
        ("AT&T's S&P, R&D & MGM/UA", "at&t 's s&p <unk> & mgm\\/ua"),
        ("he said no.", "he said no."),
        # punctuation, which this corpus lacks
        ('"Hello," she said. "Yes!"', "hello she said yes"),
        ("“Hello”, ‘world’ 'world' (yes) [yes] {yes}...", "hello world world yes yes yes"),
        ("yes—no yes--no yes...no yes,no no – yes - no", "yes no yes no yes no yes no no yes no"),
        ("well-known. world-known, yes/no", "well-known <unk> <unk>"),
        ("... , - '' “ * . ?!", ""),
        ("@ = 😀 a@b.com", "<unk> <unk> <unk> <unk>"),
        ("\ufeffthe the\u200b", "the the"),
    ],
)
def test_as_the_penn_treebank(typed: str, read: str) -> None:
    assert TypedTextReader(PTB_LIKE).words(typed) == read.split()


WIKITEXT = vocabulary("the , . 1994 N @-@ @,@ well known 1 000 % company 's caf\u00e9 cooperative")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("In 1994 the company's N", "<unk> 1994 the company 's N"),
        ("1995 12 %", "<unk> <unk> %"),
        ("well-known, 1,000.", "well @-@ known , 1 @,@ 000 ."),
        ("un-known", "<unk> @-@ known"),
        ("cafe\u0301 co\u00adoperative the\u200b \ufeffcompany", "caf\u00e9 cooperative the company"),
    ],
)
def test_as_wikitext(typed: str, read: str) -> None:
    assert TypedTextReader(WIKITEXT).words(typed) == read.split()


@pytest.mark.parametrize(
    ("typed", "read", "corpus"),
    [
        ("The the", "The <unk>", OF_ITS_OWN),
        ("May may MAY", "May may may", OF_ITS_OWN),
        ("well-known 12,000", "well - known <unk>", vocabulary("well - known 12 000 the @.@")),
        ("well-known un-known", "well known <unk> known", vocabulary("well known the")),
        ("well-known e-mail", "<unk> e-mail", vocabulary("well - known e-mail")),
        ("1994 N", "<unk> N", vocabulary("the N Korea")),
        ("1987 1988 3rd N", "1987 <unk> 3rd <unk>", OF_ITS_OWN),
        ("don't isn't 12% $5", "don't <unk> <unk> <unk>", OF_ITS_OWN),
        ("N.B., Cafe\u0301 ZÜRICH", "N.B. caf\u00e9 <unk>", OF_ITS_OWN),
        ('"Yes," She said: "it is..."', "`` Yes , '' She said : `` it is ... ''", PUNCTUATED),
        ("“Yes?” 'No!' (it) –it", "`` Yes ? '' ` No ! ' -LRB- it -RRB- -- it", PUNCTUATED),
        ("The dogs' bark—it is good; don't!?", "The dogs ' bark -- it is good ; do n't ! ?", PUNCTUATED),
        ("12% $ 5-day 5", "<unk> % $ N-day <unk>", PUNCTUATED),
        ('it is " No ..." (...)', "it is `` No ... '' -LRB- ... -RRB-", PUNCTUATED),
        ("it is good :) The [dogs]", "it is good :) The dogs", PUNCTUATED),
        ("\"She don't,\" it said... dog's", "“ She don’t , ” it said … dog ’s", TYPOGRAPHIC),
        ("'no' -- (no).", "‘ no ’ — ( no ) .", TYPOGRAPHIC),
        ("« L'homme » «Qu’il» aujourd'hui, d'homme?", "« l' homme » « qu' il » aujourd'hui , d' homme ?", FRENCH),
        ("Où est-il arrivé", "Où est il arrivé", FRENCH),
    ],
)
def test_as_other_corpora(typed: str, read: str, corpus: Vocabulary) -> None:
    assert TypedTextReader(corpus).words(typed) == read.split()


def test_tokens_have_the_place_of_each_word() -> None:
    assert TypedTextReader(PTB_LIKE).tokens(" Don’t, $12!") == [
        Token("Do", "do", 1, 3),
        Token("n’t", "n't", 3, 6),
        Token(",", None, 6, 7),
        Token("$", "$", 8, 9),
        Token("12", "N", 9, 11),
        Token("!", None, 11, 12),
    ]


VOCABULARIES = st.sampled_from([PTB_LIKE, OF_ITS_OWN, PUNCTUATED, TYPOGRAPHIC, FRENCH])
WORDS = st.text(min_size=1).filter(lambda word: word.split() == [word])
PIECES = (
    "don't n't 's ' ’ '' `` \" “ ” ( ) [ . ... .. , ; ? ! - -- — – / \\/ $ % # & 12 3.5 -4 N s l' company U.S."
)
FRAGMENTS = st.sampled_from(PIECES.split())
TEXTS = st.text() | st.lists(FRAGMENTS | st.sampled_from(" \n") | WORDS).map("".join)


@given(TEXTS, VOCABULARIES)
def test_tokens_are_the_text_in_order(text: str, corpus: Vocabulary) -> None:
    tokens = TypedTextReader(corpus).tokens(text)
    assert all(token.typed == text[token.start : token.end] != "" for token in tokens)
    assert all(token.modelled is None or token.modelled in corpus for token in tokens)
    covered = [place for token in tokens for place in range(token.start, token.end)]
    assert covered == [place for place, character in enumerate(text) if not character.isspace()]


@given(TEXTS, VOCABULARIES)
def test_words_are_those_of_the_tokens_and_read_as_themselves(text: str, corpus: Vocabulary) -> None:
    words = TypedTextReader(corpus).words(text)
    assert words == [
        token.modelled for token in TypedTextReader(corpus).tokens(text) if token.modelled is not None
    ]
    assert TypedTextReader(corpus).words(" ".join(words)) == words


@given(st.lists(WORDS | FRAGMENTS, unique=True), st.data())
@example(["a.", "a", "A", ".", "'", '"', "N"], None)
def test_words_of_any_vocabulary_read_as_themselves(words: list[str], data: st.DataObject | None) -> None:
    corpus = Vocabulary(dict.fromkeys([*RESERVED, *words]))
    typed = data.draw(st.lists(st.sampled_from(corpus))) if data else [*corpus]
    tokens = TypedTextReader(corpus).tokens(" ".join(typed))
    assert [(token.typed, token.modelled) for token in tokens] == [(word, word) for word in typed]


def test_the_penn_treebank_reads_as_itself(ptb: Path) -> None:
    train = one_text(ptb / "ptb.train.txt").sentences()
    corpus = build_vocabulary(Counter(word for words in train for word in words), size=10_000, minimum_count=1)
    for words in one_text(ptb / "ptb.valid.txt").sentences():
        tokens = TypedTextReader(corpus).tokens(" ".join(words))
        assert [(token.typed, token.modelled) for token in tokens] == [(word, word) for word in words]


@pytest.mark.parametrize(
    "text", ["'" * 20_000, "a's" * 20_000, "a," * 20_000, "(" * 20_000 + "x", "1." * 20_000 + "x"]
)
def test_long_text_without_spaces_is_read_too(text: str) -> None:
    assert "".join(token.typed for token in TypedTextReader(PTB_LIKE).tokens(text)) == text


SENTENCES = [
    "The bakery's owner didn't open on Monday, and the queue's mood wasn't good.",
    'She said, "We can\'t wait any longer," and left.',
    "They're sure it'll rain; I'd stay home, but we've promised.",
    "Mr. Porter (who cannot swim) paid $12.50 for a ticket!",
    "Prices rose 12% in May and 3.5 % in June.",
    "Is the well-known half-hour show on at 2:30?",
    "In the 1980s, the sisters' farm lost about 1,000 sheep -- or 3/4 of its flock.",
    "Everybody's gonna ask: \"Who won't be there?\"",
    "Gimme the lemon, and lemme see what you've gotta do...",
    "A 12-year lease [with a garden] costs $ 700 & two months' deposit.",
    "The mid-1990s weren't kind to the town's 45 mills, were they?",
    "Bring the #2 pencil; nobody'd mind {really}.",
    "He's seen it, hasn't he?",
    "Dr. Lee and Mrs. Novak met at St. Anne's in the '80s.",
    "The temperature was -4 on the 13th, the lowest since 1947.",
    "The pact of 1990-91 failed; I'm told that nobody couldn't've known.",
]


def ours(sentence: str, words: list[str]) -> list[str]:
    return TypedTextReader(Vocabulary(dict.fromkeys([*RESERVED, *words]))).words(sentence)


def nltk(sentence: str) -> list[str]:
    treebank = pytest.importorskip("nltk.tokenize.treebank")
    tokens: list[str] = treebank.TreebankWordTokenizer().tokenize(sentence)
    return tokens


def as_the_preprocessed_ptb(tokens: list[str]) -> list[str]:
    """Lower case, `N` for numbers and for `%`, no punctuation but the `'` of `sisters '`."""
    words = ["N" if re.fullmatch(r"%|[-+]?\d[\d.,:/-]*", token) else token.lower() for token in tokens]
    return [word for word in words if word in "$#&'" or re.search(r"\w", word)]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_are_nltks_after_the_corpus_s_conventions(sentence: str) -> None:
    everything = [word for each in SENTENCES for word in as_the_preprocessed_ptb(nltk(each))]
    assert ours(sentence, everything) == as_the_preprocessed_ptb(nltk(sentence))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_are_nltks_where_the_corpus_keeps_case_numbers_and_punctuation(sentence: str) -> None:
    everything = [word for each in SENTENCES for word in nltk(each)]
    assert ours(sentence, everything) == nltk(sentence)


@pytest.mark.parametrize(
    ("typed", "theirs", "read", "reason"),
    [
        ("AT&T rose", "at & t rose", "at&t rose", "the corpus keeps names with & whole"),
        ("S&P fell", "s & p fell", "s&p fell", "the corpus keeps names with & whole"),
        ("US$12", "us $ N", "us$ N", "the corpus has dollars of other countries whole"),
        ("he said no.", "he said no", "he said no.", "the corpus has no. for number: text can't tell the two"),
        ("the U.S.", "the u.s", "the u.s.", "a stop that ends word and sentence: the word keeps it"),
        ("he rose. she fell.", "he rose. she fell", "he rose she fell", "NLTK wants one sentence at a time"),
        ("don’t", "don’t", "do n't", "NLTK knows only straight apostrophes"),
        ("“hello”", "“hello”", "hello", "NLTK knows only straight quotes"),
        ("'hello world'", "'hello world '", "hello world", "this corpus has no quotes: its ' is possessive"),
        ("yes—no", "yes—no", "yes no", "NLTK knows only -- as a dash"),
        ("£3", "£3", "# N", "the corpus has # for pounds"),
        ("1/2-year", "1/2-year", "1\\/2-year", "the corpus escapes slashes"),
        ("gonna", "gon na", "<unk>", "a part is not in the vocabulary"),
        ("'twas", "'t was", "<unk>", "'t is not in the vocabulary"),
    ],
)
def test_where_words_are_not_nltks(typed: str, theirs: str, read: str, reason: str) -> None:
    assert as_the_preprocessed_ptb(nltk(typed)) == theirs.split()
    assert TypedTextReader(PTB_LIKE).words(typed) == read.split(), reason
