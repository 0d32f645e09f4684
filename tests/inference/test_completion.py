"""Answers for a text and a cursor: words with bits, ranked next words, ghost text."""

from pathlib import Path

import pytest

from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.inference.completion import Completer
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.run import Run


@pytest.fixture
def completer(tiny_run: Path) -> Completer:
    return Completer(load_run(Run(tiny_run)).predictor)


def typed(completer: Completer, text: str, cursor: int | None = None) -> Answer:
    return completer.answer(text, len(text) if cursor is None else cursor, AnswerOptions())


def bits(answer: Answer) -> dict[str, float]:
    return {word.typed: word.bits for word in answer.words}


def test_deleting_gives_the_ranking_of_the_shorter_text(completer: Completer) -> None:
    before = completer.answer("the company ", 12, AnswerOptions())
    completer.answer("the company said its ", 21, AnswerOptions())
    assert completer.answer("the company ", 12, AnswerOptions()) == before


def test_completions_and_their_shares(completer: Completer) -> None:
    answer = completer.answer("the s", 5, AnswerOptions())
    assert answer.beginning == "s"
    assert all(word.word.startswith("s") for word in answer.candidates)
    assert sum(word.probability for word in answer.candidates) == pytest.approx(answer.share)
    assert answer.count == len(answer.candidates)


def test_a_sentence_alone_is_read_as_if_nothing_stood_before_it(completer: Completer) -> None:
    alone = AnswerOptions(this_sentence=True)
    text = "the company said\nthis is "
    answer_alone = completer.answer(text, len(text), alone)
    only = completer.answer("this is ", 8, AnswerOptions())
    assert answer_alone.candidates == only.candidates
    assert [word.bits for word in answer_alone.words[-2:]] == [word.bits for word in only.words]
    everything = completer.answer(text, len(text), AnswerOptions())
    assert [word.bits for word in answer_alone.words[:4]] == [word.bits for word in everything.words[:4]]
    assert answer_alone.candidates != everything.candidates


def test_a_cache_makes_words_of_the_text_likelier(completer: Completer) -> None:
    text = "the company said its shares rose\n" * 3 + "the company said its "
    plain, cached = (completer.answer(text, len(text), AnswerOptions(cache=cache)) for cache in (False, True))
    assert [word.bits for word in plain.words] == [word.bits for word in cached.words]
    assert plain.candidates != cached.candidates
    assert sum(word.probability for word in cached.candidates) <= 1 + 1e-6


def test_a_word_has_bits_once_it_is_finished(completer: Completer) -> None:
    half, whole = typed(completer, "the company"), typed(completer, "the company ")
    assert list(bits(half)) == ["the"]
    assert list(bits(whole)) == ["the", "company"]
    assert [word.bits for word in half.half_typed] == pytest.approx([bits(whole)["company"]])
    assert whole.half_typed == ()


def test_the_cursor_changes_no_bits(completer: Completer) -> None:
    text = "the company said its "
    at_rest = typed(completer, text)
    for cursor in range(len(text)):
        assert typed(completer, text, cursor).words == at_rest.words


@pytest.mark.parametrize(
    ("text", "beginning", "first"),
    [
        ("the comp", "comp", "company"),
        ("the Comp", "Comp", "company"),
        ('"comp', "comp", "company"),
        ("(comp", "comp", "company"),
        ("the company's sh", "sh", "shares"),
    ],
)
def test_a_piece_of_a_word_is_completed(completer: Completer, text: str, beginning: str, first: str) -> None:
    answer = typed(completer, text)
    assert (answer.beginning, answer.candidates[0].word) == (beginning, first)


@pytest.mark.parametrize("text", ["shares rose,", 'the "company"', "shares rose."])
def test_punctuation_that_is_not_read_ends_a_word(completer: Completer, text: str) -> None:
    answer = typed(completer, text)
    assert answer.beginning == ""
    assert answer.half_typed == ()
    assert answer.candidates == typed(completer, f"{text} ").candidates


@pytest.mark.parametrize(("text", "read_as"), [("fell 12", "N"), ("fell .5", "N"), ("zeb", "<unk>")])
def test_what_no_word_begins_with_says_as_what_it_is_read(completer: Completer, text: str, read_as: str) -> None:
    answer = typed(completer, text)
    before = typed(completer, text[: len(text) - len(answer.beginning)])
    [probability] = [word.probability for word in before.candidates if word.word == read_as]
    assert (answer.candidates, answer.read_as) == ((), read_as)
    assert answer.share == pytest.approx(probability)


def test_in_the_middle_of_a_word_its_beginning_is_completed(completer: Completer) -> None:
    answer = typed(completer, "the company said ", 7)
    assert answer.beginning == "com"
    assert answer.candidates[0].word == "company"


def test_the_ends_of_sentences_and_unknown_words_have_their_ranks(completer: Completer) -> None:
    answer = typed(completer, "the ")
    for rank, word in answer.special:
        assert answer.candidates[rank - 1] == word
    assert {word.word for _, word in answer.special} == {"<unk>", "<eos>"}


def test_the_ghost_is_the_rest_of_the_word_and_what_follows_it(completer: Completer) -> None:
    answer = typed(completer, "the comp")
    first, *following = completer.ghost(answer)
    assert first == "any"
    assert following == list(completer.ghost(typed(completer, "the company ")))[: len(following)]
    assert completer.ghost(typed(completer, "the zeb")) == ()
    assert completer.ghost(typed(completer, "the company", 3)) == ()
