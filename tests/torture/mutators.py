"""Ways to damage bytes that need no knowledge of their format, beyond that it has numbers, lines and tokens."""

import random
import re
import struct
from collections.abc import Callable, Sequence

MAX_SIZE = 2**16
NUMBERS = (
    b"0",
    b"-1",
    b"1e999",
    b"NaN",
    b"-0",
    b"0x10",
    b"9" * 400,
    b"2147483648",
    b"%d" % 2**64,
    b"1_0",
)
TOKENS = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe2\x80\xa8"),
    *(b"\x1b[2J", b"\x9b", b"\xe2\x80\xae", b"\r", b"\r\n", b"\t", b'"', b"'", b"\\", b"\\u0000", b"<unk>"),
    *(b"[", b"]", b"{", b"}", b"[[", b"=", b"#", b",", b"null", b"true", b"../../x", b"PK\x03\x04", b"\x1f\x8b"),
)
INTEGERS = (0, 1, 7, 255, 2**16, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1)

Mutator = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def span(chance: random.Random, data: bytes) -> slice:
    """Return a range of the bytes, mostly a short one."""
    first = chance.randrange(len(data) + 1)
    return slice(first, first + chance.choice([1, 2, 4, 8, 32, 256, len(data)]))


def flip_bits(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 30])):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def behead(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def remove(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    hole = span(chance, data)
    return data[: hole.start] + data[hole.stop :]


def zero(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Leave a hole, as a file system does that lost blocks."""
    hole = span(chance, data)
    return data[: hole.start] + bytes(len(data[hole])) + data[hole.stop :]


def repeat(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    piece = span(chance, data)
    return data[: piece.start] + data[piece] * chance.choice([2, 3, 20, 500]) + data[piece.stop :]


def move(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    piece, to = span(chance, data), chance.randrange(len(data) + 1)
    rest = data[: piece.start] + data[piece.stop :]
    return rest[:to] + data[piece] + rest[to:]


def reverse(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    piece = span(chance, data)
    return data[: piece.start] + data[piece][::-1] + data[piece.stop :]


def insert_token(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(TOKENS) + data[place:]


def random_bytes(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    piece = span(chance, data)
    return data[: piece.start] + chance.randbytes(len(data[piece])) + data[piece.stop :]


def splice(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Begin like this file and end like another one."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def replace_number(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    numbers = list(re.finditer(rb"[0-9.]+", data[:MAX_SIZE]))
    if not numbers:
        return data
    number = chance.choice(numbers)
    return data[: number.start()] + chance.choice(NUMBERS) + data[number.end() :]


def replace_word(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put one word of the file, or a token, in place of another."""
    words = list(re.finditer(rb"\w+", data[:MAX_SIZE]))
    if not words:
        return data
    word = chance.choice(words)
    return data[: word.start()] + chance.choice([chance.choice(words)[0], *TOKENS[:9]]) + data[word.end() :]


def replace_integer(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Overwrite a binary integer of 2, 4 or 8 bytes, aligned as in headers."""
    size, letter = chance.choice([(2, "H"), (4, "I"), (8, "Q")])
    if len(data) < size:
        return data
    place = chance.randrange(len(data) // size) * size if chance.random() < 0.7 else 0
    value = chance.choice(INTEGERS) % 2 ** (8 * size)
    return data[:place] + struct.pack(f"<{letter}", value) + data[place + size :]


def shuffle_lines(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def drop_line(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def other_line_ends(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data.replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n", b" ", b"\x85", b"\x0c\n"]))


def encode_otherwise(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Save the text in another encoding."""
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(["utf-16", "utf-32", "utf-7", "cp500"]), "replace")


def nest(chance: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Open brackets, hundreds of them, in front of a value."""
    place = data.find(chance.choice([b":", b"=", b","])) + 1
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}"), (b"{a=", b"}")])
    depth = chance.choice([30, 300, 3000])
    return data[:place] + opening * depth + b"1" + closing * chance.choice([0, depth]) + data[place:]


MUTATORS: tuple[Mutator, ...] = (
    *(flip_bits, truncate, behead, remove, zero, repeat, move, reverse, insert_token, random_bytes, splice),
    *(replace_number, replace_word, replace_integer, shuffle_lines, drop_line, other_line_ends),
    *(encode_otherwise, nest),
)


def mutate(chance: random.Random, data: bytes, others: Sequence[bytes]) -> tuple[bytes, str]:
    """Apply one to four mutators; return the damaged bytes and the names of the mutators."""
    chosen = chance.choices(MUTATORS, k=chance.choice([1, 1, 2, 4]))
    for mutator in chosen:
        data = mutator(chance, data, others)[:MAX_SIZE]
    return data, ", ".join(mutator.__name__ for mutator in chosen)
