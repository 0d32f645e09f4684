"""The line at the top: the model, and how uncertain it is of the next word."""

from ptbterm.inference.answer import Answer
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.words import sentence
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, justify, line, muted, strong, width
from ptbterm.terminal.text.numbers import counted
from ptbterm.terminal.text.symbols import Symbols


def chat_header(model: ModelInfo, answer: Answer | None, symbols: Symbols, cells: int) -> Line:
    """Return the facts of the model, the most important ones first as far as they fit, and the entropy in bits.

    `answer` is None while the model is being loaded.
    """
    entropy = f"entropy {answer.entropy_bits:.1f} bits " if answer else "loading the model... "
    if cells >= TWO_COLUMNS and answer:
        words = [word for word in sentence(answer) if word.modelled is not None]
        entropy = f"{counted(len(words), 'word')} since {symbols.end_of_sentence}{symbols.dot}{entropy}"
    facts = [model.run, model.perplexity, model.corpus, f"{model.vocabulary_size:,} words"]
    for count in range(len(facts), 0, -1):
        shown = muted(symbols.dot.join(symbols.shown(fact) for fact in facts[:count] if fact))
        header = line(" ", strong("chat"), "  ", shown)
        if width(header) + width(line(entropy)) < cells:
            break
    return justify(header, line(entropy), cells)
