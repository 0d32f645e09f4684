"""Kinds of files that are not UTF-8 text, by their first bytes, and what to do with each."""

import unicodedata

_AS_TEXT = "Save it as plain text in UTF-8."
_OFFICE = "Save the document as plain text, or the table as CSV, in UTF-8."
_UTF = "Convert it, for example with: iconv -f {0} -t UTF-8 FILE > NEW"
_EXTRACT = "Extract the text from it."
_ZIP = ("a ZIP archive, or a file of Word, Excel or LibreOffice", f"{_EXTRACT} {_OFFICE}")
_SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32 text", _UTF.format("UTF-32")),
    (b"\x00\x00\xfe\xff", "UTF-32 text", _UTF.format("UTF-32")),
    (b"\xff\xfe", "UTF-16 text", _UTF.format("UTF-16")),
    (b"\xfe\xff", "UTF-16 text", _UTF.format("UTF-16")),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Decompress it: zstd -d FILE"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "Decompress it: lz4 -d FILE"),
    (b"\x1f\x9d", "compressed with compress (.Z)", "Decompress it: gzip -dc FILE > NEW"),
    (b"\x5d\x00\x00", "compressed with lzma", "Decompress it: xz -F lzma -dc FILE > NEW"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _EXTRACT),
    (b"Rar!\x1a\x07", "a RAR archive", _EXTRACT),
    (b"PK\x03\x04", *_ZIP),
    (b"PK\x07\x08", *_ZIP),
    (b"PK\x05\x06", "an empty ZIP archive", "Put the text into a plain file."),
    (b"\xd0\xcf\x11\xe0", "a file of Word or Excel", _OFFICE),
    (b"{\\rtf", "an RTF document", _AS_TEXT),
    (b"%PDF-", "a PDF file", "Convert it, for example with: pdftotext FILE text.txt"),
    (b"PAR1", "a Parquet table", "Save it as CSV in UTF-8."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the text as CSV in UTF-8."),
)
"""First bytes, what they begin, and what to do with it."""
_TAR = (257, b"ustar")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WIDE = {"UTF-32LE": 4, "UTF-32BE": 4, "UTF-16LE": 2, "UTF-16BE": 2}
"""Encodings that texts without a byte order mark may be in, and their bytes a character, at least."""
_COMMON = frozenset(" \n\r\t.,-'\"?!\u3000\u3001\u3002\uff0c\uff01\uff1f")
"""Signs of any text, which a wrong encoding hardly gives."""
_MAX_ODD = 0.02


def kind_of(start: bytes) -> tuple[str, str] | None:
    """Return the kind of a file that is no UTF-8 text, by its first bytes, and what to do; None for text."""
    visible_start = start.removeprefix(_BYTE_ORDER_MARK).lstrip(b" \t\r\n")
    for sign, kind, advice in _SIGNS:
        if start.startswith(sign) or visible_start.startswith(sign):
            return kind, advice
    if start[_TAR[0] :].startswith(_TAR[1]):
        return "a tar archive", "Extract the text from it: tar -xf FILE"
    if b"\x00" not in start and _is_utf8(start):
        return None
    if encoding := _wide_encoding(start):
        return f"{encoding[:6]} text", _UTF.format(encoding)
    if b"\x00" in start:
        return f"a binary file, with a NUL byte at byte {start.index(0) + 1}", _AS_TEXT
    return None


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _wide_encoding(start: bytes) -> str:
    """Return the encoding of 2 or 4 bytes a character that makes a text of the bytes; empty if none does."""
    signs = {encoding: _count_common(start, encoding) for encoding in _WIDE}
    best = max(signs, key=lambda encoding: signs[encoding])
    return best if signs[best] else ""


def _count_common(start: bytes, encoding: str) -> int:
    """Return how many common signs the bytes have in an encoding; 0 if they are no text in it."""
    whole = start[: len(start) // _WIDE[encoding] * _WIDE[encoding]]
    try:
        text = whole.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(whole) - 2:  # else half of a character
            return 0
        text = whole[: error.start].decode(encoding)
    odd = sum(1 for character in text if unicodedata.category(character)[0] == "C" and character not in "\n\r\t")
    return 0 if odd > _MAX_ODD * len(text) else sum(1 for character in text if character in _COMMON)
