"""Lines of any file: their ends, compressed ones, and every kind of file that is not text."""

import bz2
import gzip
import io
import lzma
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.text_lines import MAX_LINE_BYTES, text_lines
from ptbterm.errors import PtbtermError

RUSSIAN = "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!\n" * 3
CHINESE = "\u4eca\u5929\u5929\u6c14\u5f88\u597d\uff0c\u6211\u4eec\u4e00\u8d77\u53bb\u3002\n" * 3
TEXT = "The caf\u00e9 is open.\nIt closes at 6.\n"


def read(data: bytes, max_bytes: int = MAX_LINE_BYTES) -> list[bytes]:
    return list(text_lines(io.BytesIO(data), "a.txt", max_bytes))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\x00", codec="utf-8"), max_size=5)), st.data())
def test_a_line_is_a_line_whatever_ends_it(lines: list[str], data: st.DataObject) -> None:
    ends = [data.draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in lines]
    following = [*lines[1:], "x"]
    ends = ["\r\n" if end == "\r" and not after else end for end, after in zip(ends, following, strict=False)]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    if not text.startswith(("{\\rtf", "%PDF-", "PK\x03\x04", "BZh", "PAR1")):
        assert [line.decode().rstrip("\r\n") for line in read(text.encode())] == lines


def test_a_line_end_cut_by_a_block_is_one() -> None:
    text = b"x" * (2**18 - 1) + b"\r\n" + b"y"
    assert [len(line) for line in read(text)] == [2**18 + 1, 1]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_text_is_read_by_its_first_bytes(compress: object) -> None:
    assert callable(compress)
    data = compress(TEXT.encode())
    assert b"".join(read(data)).decode() == TEXT
    with pytest.raises(PtbtermError, match=r"a\.txt is damaged compressed data"):
        read(data[:-9])


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), TEXT)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "advice"),
    [
        (TEXT.encode("utf-16"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8"),
        (TEXT.encode("utf-16-le"), "UTF-16 text", "iconv -f UTF-16LE -t UTF-8"),
        (TEXT.encode("utf-16-be"), "UTF-16 text", "iconv -f UTF-16BE -t UTF-8"),
        (TEXT.encode("utf-32"), "UTF-32 text", "iconv -f UTF-32 -t UTF-8"),
        (TEXT.encode("utf-32-le"), "UTF-32 text", "iconv -f UTF-32LE -t UTF-8"),
        (TEXT.encode("utf-32-be"), "UTF-32 text", "iconv -f UTF-32BE -t UTF-8"),
        (b"%PDF-1.7\n", "a PDF file", "pdftotext"),
        (zipped("a.txt"), "a ZIP archive", "Extract"),
        (zipped("xl/workbook.xml"), "Excel", "CSV"),
        (b"\x28\xb5\x2f\xfd....", "compressed with zstd", "zstd -d"),
        (b"{\\rtf1 a}", "an RTF document", "plain text"),
        (b"a line\nand \x00 nothing\n", "a binary file, with a NUL byte at byte 12", "plain text"),
        (gzip.compress(b"%PDF-1.7\n", mtime=0), "a PDF file", "pdftotext"),
        (b"\xef\xbb\xbf%PDF-1.7\n", "a PDF file", "pdftotext"),
        (gzip.compress(gzip.compress(TEXT.encode()), mtime=0), "compressed twice", "gzip -dc FILE > NEW"),
        (bz2.compress(lzma.compress(TEXT.encode())), "compressed twice", "bzip2 -dc FILE > NEW"),
        (lzma.compress(TEXT.encode(), lzma.FORMAT_ALONE), "lzma", "xz -F lzma -dc FILE > NEW"),
        (b"\x1f\x9d\x90T", "compressed with compress (.Z)", "gzip -dc FILE > NEW"),
        (b"PK\x05\x06" + b"\x00" * 18, "an empty ZIP archive", "plain file"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive", "Extract"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive", "Extract"),
        *(
            (text.encode(encoding), f"{encoding[:6]} text", f"iconv -f {encoding} -t UTF-8")
            for text in (RUSSIAN, CHINESE, CHINESE.replace("\n", "") * 20)
            for encoding in ("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",  # compressed bytes hold the time
)
def test_what_is_not_text_is_refused_by_what_it_is(data: bytes, kind: str, advice: str) -> None:
    with pytest.raises(PtbtermError) as error:
        read(data)
    assert error.value.message.startswith("a.txt is not UTF-8 text: it is ")
    assert kind in error.value.message
    assert advice in str(error.value.hint)


def test_a_line_that_is_too_long_is_refused_before_it_is_held() -> None:
    with pytest.raises(PtbtermError, match=r"more than 10 bytes in line 2"):
        read(b"short\n" + b"x" * 11, max_bytes=10)
