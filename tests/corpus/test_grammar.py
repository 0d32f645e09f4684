"""Grammars in TOML, and the exact probability of every word of the sentences that they make."""

import math
from collections import Counter
from random import Random

import pytest

from ptbterm.corpus.grammar import Continuations, ExactModel, parse_grammar
from ptbterm.errors import PtbtermError

AGREEING = """
start = "{sentence}"
[features]
NUMBER = ["one", "many"]
[rules]
sentence = { "{clause.one}" = 3, "{clause.many}" = 1 }
"clause.NUMBER" = { "the {noun.NUMBER} {relative} {verb.NUMBER}" = 1 }
relative = { "" = 4, "that {verb.one}" = 1 }
[classes]
"noun.one" = "dog fish"
"noun.many" = "dogs fish"
"verb.one" = "barks"
"verb.many" = "bark"
"""
AMBIGUOUS = """
start = "{s}"
[rules]
s = { "{adjective} dogs" = 1, "old dogs bark" = 1, "old {noun}" = 2 }
[classes]
adjective = "old"
noun = "dogs"
"""


def model_of(toml: str) -> ExactModel:
    return ExactModel(parse_grammar(toml))


def all_sentences(model: ExactModel, prefix: Continuations) -> dict[str, float]:
    """Every sentence that can follow, with its probability, walked word by word."""
    sentences = {}
    for word, likelihood in model.next_words(prefix).items():
        if word == "<eos>":
            sentences[word] = likelihood
            continue
        probability, longer = model.advance(prefix, word)
        for rest, chance in all_sentences(model, longer).items():
            sentences[f"{word} {rest}"] = probability * chance
    return sentences


def test_a_rule_for_each_value_of_its_features() -> None:
    model = model_of(AGREEING)
    one, many, that, no_that = 3 / 4, 1 / 4, 1 / 5, 4 / 5
    first, second = 4 / 7, 3 / 7
    assert all_sentences(model, model.start) == pytest.approx(
        {
            "the dog barks <eos>": one * first * no_that,
            "the fish barks <eos>": one * second * no_that,
            "the dog that barks barks <eos>": one * first * that,
            "the fish that barks barks <eos>": one * second * that,
            "the dogs bark <eos>": many * first * no_that,
            "the fish bark <eos>": many * second * no_that,
            "the dogs that barks bark <eos>": many * first * that,
            "the fish that barks bark <eos>": many * second * that,
        }
    )


def test_all_derivations_of_a_sentence_count() -> None:
    model = model_of(AMBIGUOUS)
    assert all_sentences(model, model.start) == pytest.approx(
        {"old dogs <eos>": 3 / 4, "old dogs bark <eos>": 1 / 4}
    )
    assert model.word_log_probabilities(["old", "dogs"]) == pytest.approx([0, 0, math.log(3 / 4)])
    assert parse_grammar(AMBIGUOUS).sample(Random(3)).log_probability < math.log(3 / 4)


def test_the_nth_word_of_a_class_weighs_1_over_n_plus_2() -> None:
    model = model_of('start = "{c}"\nrules = {}\nclasses = { c = "a b c" }')
    total = 1 / 3 + 1 / 4 + 1 / 5
    expected = {"a": 1 / 3 / total, "b": 1 / 4 / total, "c": 1 / 5 / total}
    assert model.next_words(model.start) == pytest.approx(expected)


def test_sentences_are_drawn_as_often_as_they_are_likely() -> None:
    grammar, random, draws = parse_grammar(AGREEING), Random(1), 4000
    drawn = Counter(" ".join([*grammar.sample(random).words, "<eos>"]) for _ in range(draws))
    model = ExactModel(grammar)
    expected = all_sentences(model, model.start)
    chi_square = sum((drawn[words] - draws * p) ** 2 / (draws * p) for words, p in expected.items())
    assert drawn.keys() == expected.keys()
    assert chi_square < 24.3, "7 degrees of freedom, p = 0.001"


@pytest.mark.parametrize(
    ("sentence", "position", "word"),
    [
        ("the dogs barks", 3, "barks"),
        ("the dog that barks bark", 5, "bark"),
        ("the cat barks", 2, "cat"),
        ("the dog", 3, "<eos>"),
        ("the dog barks barks", 4, "barks"),
        ("", 1, "<eos>"),
    ],
)
def test_the_first_word_that_cannot_be_said_is_named(sentence: str, position: int, word: str) -> None:
    with pytest.raises(PtbtermError, match=f"^word {position}, '{word}', is not allowed"):
        model_of(AGREEING).word_log_probabilities(sentence.split())


def test_kinds_are_the_classes_of_words_that_have_one() -> None:
    assert parse_grammar(AGREEING).kinds() == {
        "dog": "noun.one",
        "dogs": "noun.many",
        "barks": "verb.one",
        "bark": "verb.many",
    }


@pytest.mark.parametrize(
    ("rules", "message", "hint"),
    [
        ('s = { "so {s}" = 1, "" = 1 }', "The grammar is recursive: start > {s} > {s}.", ""),
        (
            's = { "{a}" = 1 }\na = { "no" = 1, "not {b}" = 1 }\nb = { "{a}" = 1 }',
            "The grammar is recursive: start > {s} > {a} > {b} > {a}.",
            "",
        ),
        (
            's = { "{a}" = 1 }\na = { "no {c}" = 1 }',
            "The grammar has no rule or class for {c}.",
            "It is used by {a}.",
        ),
        ('s = { "{a" = 1 }', "The grammar has no rule or class for {a.", "It is used by {s}."),
        ('t = { "a" = 1 }', "The grammar has no rule or class for {s}.", "It is used by start."),
    ],
    ids=["says itself", "says itself in turn", "no rule", "half a brace", "no rule to start with"],
)
def test_faulty_rules(rules: str, message: str, hint: str) -> None:
    with pytest.raises(PtbtermError) as error:
        parse_grammar(f'start = "{{s}}"\nclasses = {{}}\n[rules]\n{rules}')
    assert (error.value.message, error.value.hint) == (message, hint)


def test_not_toml() -> None:
    with pytest.raises(PtbtermError, match=r"^The grammar is not valid TOML: .*\(at line 2, column 3\)\.$"):
        parse_grammar('start = "{s}"\ns : a')
