"""Weighted grammars in TOML: sampled sentences, and the exact probability of every next word.

`demo_grammar.toml` explains how to write one. Grammars are not recursive, so every sum here is finite.
"""

import itertools
import math
import re
import tomllib
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from ptbterm.corpus.marks import END_OF_SENTENCE
from ptbterm.errors import PtbtermError

Tokens = tuple[str, ...]
"""Words, and symbols in braces that are still to be expanded."""


@dataclass(frozen=True)
class Choice:
    """The expansions of a symbol and their probabilities."""

    expansions: tuple[Tokens, ...]
    probabilities: tuple[float, ...]
    cumulative_weights: tuple[float, ...]

    def pick(self, random: Random) -> int:
        """Sample the index of an expansion, by `random.random()`, which is the same on every platform."""
        point = random.random() * self.cumulative_weights[-1]
        return bisect(self.cumulative_weights, point, hi=len(self.expansions) - 1)


@dataclass(frozen=True)
class SampledSentence:
    """Words, without `<eos>`, and the log-probability (nats) of the derivation that produced them."""

    words: list[str]
    log_probability: float


@dataclass(frozen=True)
class Grammar:
    """The choices of every symbol, rules and word classes; a token that is not a symbol is a word."""

    start: str
    rules: Mapping[str, Choice]
    classes: Mapping[str, Choice]

    def sample(self, random: Random) -> SampledSentence:
        """Sample a sentence."""
        words: list[str] = []
        log_probability = 0.0
        stack = [self.start]
        while stack:
            token = stack.pop()
            choice = self.rules.get(token) or self.classes.get(token)
            if choice is None:
                words.append(token)
                continue
            picked = choice.pick(random)
            log_probability += math.log(choice.probabilities[picked])
            stack.extend(reversed(choice.expansions[picked]))
        return SampledSentence(words, log_probability)

    def kinds(self) -> dict[str, str]:
        """Return the class of every word that is in exactly one class."""
        members = [(word, name) for name, choice in self.classes.items() for (word,) in choice.expansions]
        classes_of = Counter(word for word, _ in members)
        return {word: name.strip("{}") for word, name in members if classes_of[word] == 1}


Continuations = dict[Tokens, float]
"""The token sequences that may follow some words, each with its probability given those words."""


class ExactModel:
    """A grammar as a language model: the exact probability of each next word, summed over all derivations.

    It caches expansions, so use one model for all sentences of a text.
    """

    def __init__(self, grammar: Grammar) -> None:
        self._rules = grammar.rules
        self._words_of_class = {
            name: dict(zip((word for (word,) in choice.expansions), choice.probabilities, strict=True))
            for name, choice in grammar.classes.items()
        }
        self._first_tokens = cache(self._find_first_tokens)
        self.start: Continuations = {(grammar.start, END_OF_SENTENCE): 1.0}

    def word_log_probabilities(self, words: Sequence[str]) -> list[float]:
        """Return the log-probability (nats) of each word, then of `<eos>`, given the words before it.

        Raises `PtbtermError` with the first word that the grammar does not allow.
        """
        continuations = self.start
        log_probabilities = []
        for position, word in enumerate([*words, END_OF_SENTENCE], 1):
            probability, continuations = self.advance(continuations, word)
            if not probability:
                raise PtbtermError(f"word {position}, {word!r}, is not allowed by the grammar here.")
            log_probabilities.append(math.log(probability))
        return log_probabilities

    def advance(self, continuations: Continuations, word: str) -> tuple[float, Continuations]:
        """Return the probability of `word` as the next word, and the continuations after it."""
        joint: Continuations = {}
        for stack, weight in continuations.items():
            for token, rest, chance in self._first_tokens(stack):
                likelihood = self._words(token).get(word)
                if likelihood:
                    joint[rest] = joint.get(rest, 0.0) + weight * chance * likelihood
        probability = math.fsum(joint.values())
        return probability, {rest: weight / probability for rest, weight in joint.items()}

    def next_words(self, continuations: Continuations) -> dict[str, float]:
        """Return the probability of every possible next word."""
        distribution: dict[str, float] = {}
        for stack, weight in continuations.items():
            for token, _, chance in self._first_tokens(stack):
                for word, likelihood in self._words(token).items():
                    distribution[word] = distribution.get(word, 0.0) + weight * chance * likelihood
        return distribution

    def _words(self, token: str) -> dict[str, float]:
        return self._words_of_class.get(token) or {token: 1.0}

    def _find_first_tokens(self, stack: Tokens) -> tuple[tuple[str, Tokens, float], ...]:
        """Return each word or class that `stack` can begin with, the tokens after it, and its probability."""
        head, rest = stack[0], stack[1:]
        choice = self._rules.get(head)
        if choice is None:
            return ((head, rest, 1.0),)
        return tuple(
            (token, remaining, probability * chance)
            for expansion, probability in zip(choice.expansions, choice.probabilities, strict=True)
            for token, remaining, chance in self._first_tokens(expansion + rest)
        )


def parse_grammar(text: str) -> Grammar:
    """Parse a grammar. Raises `PtbtermError` if it is not TOML, lacks a rule, or is recursive."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PtbtermError(f"The grammar is not valid TOML: {error}.") from error
    rules = {
        symbol: _weighted({_bind(expansion, values): weight for expansion, weight in expansions.items()})
        for name, expansions in document["rules"].items()
        for symbol, values in _instances(name, document.get("features", {}))
    }
    classes = {f"{{{name}}}": _zipf(words.split()) for name, words in document["classes"].items()}
    grammar = Grammar(document["start"], rules, classes)
    _check(grammar, grammar.start, ("start",))
    return grammar


def _instances(name: str, features: Mapping[str, list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the symbols that a rule stands for, each with the values of the features in its name."""
    used = [feature for feature in features if feature in name.split(".")]
    for chosen in itertools.product(*(features[feature] for feature in used)):
        values = dict(zip(used, chosen, strict=True))
        yield _bind(f"{{{name}}}", values), values


def _bind(text: str, values: Mapping[str, str]) -> str:
    """Replace features by their values in the symbols of `text`."""

    def bound(symbol: re.Match[str]) -> str:
        parts = symbol[1].split(".")
        return "{" + ".".join(values.get(part, part) for part in parts) + "}"

    return re.sub(r"\{([^{}]*)\}", bound, text)


def _weighted(weights: Mapping[str, float]) -> Choice:
    total = math.fsum(weights.values())
    return Choice(
        tuple(tuple(expansion.split()) for expansion in weights),
        tuple(weight / total for weight in weights.values()),
        tuple(itertools.accumulate(weights.values())),
    )


def _zipf(words: Sequence[str]) -> Choice:
    return _weighted({word: 1 / (place + 2) for place, word in enumerate(words, 1)})


def _check(grammar: Grammar, symbol: str, above: Tokens) -> None:
    if symbol in above:
        raise PtbtermError(f"The grammar is recursive: {' > '.join([*above, symbol])}.")
    if symbol in grammar.classes:
        return
    if symbol not in grammar.rules:
        raise PtbtermError(f"The grammar has no rule or class for {symbol}.", f"It is used by {above[-1]}.")
    for expansion in grammar.rules[symbol].expansions:
        for token in expansion:
            if "{" in token or "}" in token:
                _check(grammar, token, (*above, symbol))
