"""Valid files, damaged on purpose: what a disk, another version of the program or a stranger makes of them."""

import json
import math
import struct
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

ODD_TEXT = ("", "\x1b[31mred", "[red]", "[/]", "\u202egpj.exe", "a\nb", "\x00", "\x9b2J", "\udce9", "x" * 5000)
EXTREME_TIMES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2026-02-30")
ODD_NUMBERS = (0, -1, 2**31, 2**63, 2**64, 10**400, 0.5, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf)
ODD_VALUES: tuple[Any, ...] = (*ODD_NUMBERS, *ODD_TEXT, True, None, [], {}, [[]], ["a", 1], {"": {}})
DEEP = 5_000

Path_ = tuple[str | int, ...]


@st.composite
def damaged_bytes(draw: st.DrawFn, whole: bytes) -> bytes:
    """Cut, flip, overwrite, drop, double or insert at places that may be anywhere."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.sampled_from([1, 2, 8, 64, 1024]))
        match draw(st.sampled_from(["cut", "flip", "write", "drop", "double", "insert", "empty"])):
            case "cut":
                del data[place:]
            case "flip" if data:
                data[place] ^= 1 << draw(st.integers(0, 7))
            case "write":
                piece = draw(
                    st.sampled_from([b"\x00", b"\xff", b"\n", b"\x1b[2J", b"NaN", b"1e999", b'"', b"[", b"{"])
                )
                data[place : place + len(piece)] = piece
            case "drop":
                del data[place : place + length]
            case "double":
                data[place:place] = data[place : place + length]
            case "insert":
                data[place:place] = draw(st.binary(max_size=16))
            case "empty":
                data.clear()
    return bytes(data)


def places(tree: object, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of every value in a document."""
    yield path
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


@st.composite
def damaged_tree(draw: st.DrawFn, whole: Any) -> Any:
    """Return a document with values of other types and ranges, missing keys and unknown keys."""
    tree = deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([place for place in places(tree) if place] or [()]))
        if not path:
            return deepcopy(draw(st.sampled_from(ODD_VALUES)))
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        match draw(st.sampled_from(["odd", "odd", "near", "drop", "add", "number"])):
            case "odd":
                parent[path[-1]] = deepcopy(draw(st.sampled_from(ODD_VALUES)))
            case "near" if isinstance(parent[path[-1]], int | float):
                parent[path[-1]] = parent[path[-1]] + draw(st.sampled_from([-1, 1]))
            case "number":
                parent[path[-1]] = draw(st.integers() | st.floats())
            case "drop":
                del parent[path[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(["mood", "version", "__class__", "\x1b[31m", ""]))] = 2
            case _:
                parent[path[-1]] = [parent[path[-1]]]
    return tree


@st.composite
def extreme(draw: st.DrawFn, whole: dict[str, Any]) -> bytes:
    """Return a flat JSON object with numbers and texts of the right types, and of any size."""
    odd = {
        int: st.sampled_from([0, 1, -1, 2, 2**31, 2**63 - 1, -(2**63), 10**30]),
        float: st.sampled_from([0, -1, 1, 0.5, 5e-324, 1e-30, 1e15, 1.7e308, -1.7e308, 10**30]),
        str: st.sampled_from(ODD_TEXT + EXTREME_TIMES) | st.text(),
    }
    changed = {name: draw(odd[type(value)]) for name, value in whole.items() if type(value) in odd}
    kept = draw(st.sets(st.sampled_from(sorted(changed)), min_size=1))
    tree = whole | {name: value for name, value in changed.items() if name in kept and name != "kind"}
    return json.dumps(tree).encode()


@st.composite
def damaged_json(draw: st.DrawFn, whole: Any) -> bytes:
    """Return a JSON text that is valid, or has NaN, Infinity, a key twice, or no end to its depth."""
    text = json.dumps(draw(damaged_tree(whole)), ensure_ascii=draw(st.booleans()))
    match draw(st.sampled_from(["", "", "", "twice", "deep", "unknown deep"])):
        case "twice" if text.startswith("{") and len(text) > 2:
            text = text[:-1] + ", " + text[1:]
        case "deep":
            text = text.replace(":", ": " + "[" * DEEP, 1)
        case "unknown deep" if text.startswith("{"):
            text = '{"mood": ' + '{"a":' * DEEP + "1" + "}" * DEEP + ", " + text[1:]
    return text.encode(errors="surrogatepass")


@st.composite
def damaged_toml(draw: st.DrawFn, whole: Any) -> bytes:
    """Return a TOML text with odd values, keys or tables twice, a depth without end, and numbers of any length."""
    lines = toml(draw(damaged_tree(whole))).splitlines()
    place = draw(st.integers(0, len(lines)))
    lines[place:place] = draw(
        st.sampled_from(
            [
                [],
                [],
                lines[max(place - 1, 0) : place],
                [f"deep = {'[' * DEEP}"],
                [f"deep = {'[' * 200}{']' * 200}"],
                ["deep." * 5000 + "a = 1"],
                [f"long = {'9' * 5000}"],
                *([f"{key} = 0x{'f' * 5000}"] for key in ("hidden_size", "version", "preset", "ptbterm")),
                ["day = 2026-02-31"],
                ["day = 2026-02-03T04:05:06Z"],
                ["[model]"],
                ["[[model]]"],
                ["[run.facts]"],
                ["\x00"],
            ]
        )
    )
    return "\n".join(lines).encode(errors="surrogatepass")


def toml(tree: object) -> str:
    """Return a document as TOML, including errors that tomli_w would refuse to write."""
    if not isinstance(tree, dict):
        return f"value = {value(tree)}"
    plain = [f"{key_of(key)} = {value(child)}" for key, child in tree.items() if not isinstance(child, dict)]
    tables = [f"[{key_of(name)}]\n{toml(child)}" for name, child in tree.items() if isinstance(child, dict)]
    return "\n".join([*plain, *tables])


def key_of(key: str) -> str:
    return key if key.replace("_", "").isalnum() else json.dumps(key)


def value(tree: object) -> str:
    match tree:
        case bool():
            return str(tree).lower()
        case float():
            return repr(tree)
        case dict():
            return "{" + ", ".join(f"{key_of(key)} = {value(child)}" for key, child in tree.items()) + "}"
        case list():
            return "[" + ", ".join(map(value, tree)) + "]"
        case None:
            return "none"
    return json.dumps(tree)


@st.composite
def damaged_safetensors(draw: st.DrawFn, whole: bytes) -> bytes:
    """Return a safetensors file whose header has other types, shapes, offsets, sizes or versions."""
    (length,) = struct.unpack("<Q", whole[:8])
    header, body = json.loads(whole[8 : 8 + length]), whole[8 + length :]
    if draw(st.booleans()):
        name = draw(st.sampled_from([name for name in header if name != "__metadata__"]))
        header[name] |= draw(
            st.sampled_from(
                [
                    {"dtype": "I32"},
                    {"dtype": "F64"},
                    {"dtype": "BF16"},
                    {"dtype": "F8_E4M3"},
                    {"dtype": "F4"},
                    {"dtype": "U16"},
                    {"dtype": "C64"},
                    {"dtype": "F128"},
                    {"shape": []},
                    {"shape": [2**40, 0]},
                    {"shape": [2**62, 2**62]},
                    {"shape": [-1]},
                    {"shape": list(reversed(header[name]["shape"]))},
                    {"data_offsets": [0, 0]},
                    {"data_offsets": [0, 2**64 - 1]},
                    {"data_offsets": [8, 4]},
                ]
            )
        )
        text = json.dumps(header).encode()
    elif draw(st.booleans()):
        inner = draw(damaged_json(json.loads(header["__metadata__"]["ptbterm"])))
        header["__metadata__"]["ptbterm"] = inner.decode(errors="replace")
        text = json.dumps(header).encode()
    else:
        text = draw(damaged_json(header))
    claimed = draw(
        st.sampled_from([len(text)] * 8 + [0, 1, len(text) - 1, len(text) + 1, 2**31, 2**63, 2**64 - 1])
    )
    return struct.pack("<Q", claimed) + text + body
