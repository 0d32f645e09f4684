"""Reads any text exactly as a model's corpus was read, or as people type it."""

from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.reader import AS_IT_STANDS, LineReader, reader_of
from ptbterm.corpus.text_reader import TextReader, Token
from ptbterm.corpus.typed_text import TypedTextReader
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.settings.choices import Form
from ptbterm.settings.schema import CorpusSettings


def text_reader(settings: CorpusSettings, vocabulary: Vocabulary, form: Form) -> TextReader:
    """Return the reader of texts in a form."""
    if reads_as_typed(settings, form):
        return TypedTextReader(vocabulary)
    return CorpusTextReader(reader_of(settings), vocabulary)


def reads_as_typed(settings: CorpusSettings, form: Form) -> bool:
    """Return whether a text in a form is split otherwise than the corpus.

    A tokenizer that splits words itself reads typed text as it read the corpus.
    """
    return form == "typed" and reader_of(settings) == AS_IT_STANDS


class CorpusTextReader:
    """Splits text into words by the corpus's tokenizer; a word outside the vocabulary is `<unk>`."""

    def __init__(self, reader: LineReader, vocabulary: Vocabulary) -> None:
        self._reader, self.vocabulary = reader, vocabulary

    def tokens(self, text: str) -> list[Token]:
        """Split `text` into tokens, in order; what is invisible is skipped."""
        tokens, end = [], 0
        for chunk in text.split():
            start = text.index(chunk, end)
            for typed, word in self._reader.parts(chunk):
                end = start + len(typed)
                tokens.append(Token(typed, self._read(word) if word else None, start, end))
                start = end
        return tokens

    def words(self, text: str) -> list[str]:
        """Return the words that `text` is read as."""
        return [self._read(word) for word in self._reader.words(text)]

    def _read(self, word: str) -> str:
        return word if word in self.vocabulary else UNKNOWN
