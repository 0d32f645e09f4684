"""Sentences from tables of every kind, and what is refused."""

import io
import json

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.inference.sentences import Layout, Sentence, Span, read_sentences


def read(text: str, layout: Layout, name: str = "items.txt") -> list[Sentence]:
    return list(read_sentences(io.BytesIO(text.encode()), name, layout))


def texts(text: str, layout: Layout, name: str = "items.txt") -> list[tuple[str, ...]]:
    return [(sentence.text, *sentence.columns) for sentence in read(text, layout, name)]


ITEMS = Layout(("text",), ("item",), is_table=True)


@pytest.mark.parametrize(
    "table",
    [
        "item\ttext\n7\ta, b\n8\tc; d\n",
        'item,text\n7,"a, b"\n8,c; d\n',
        'item;text\n7;a, b\n8;"c; d"\n',
        'text;item\r\n"a, b";7\r\n"c; d";8\r\n',
        '"item"\t"text"\n7\ta, b\n8\tc; d\n',
        '{"item": 7, "text": "a, b"}\n{"text": "c; d", "item": 8, "more": [1]}\n',
        '[{"item": 7, "text": "a, b"},\n {"item": "8", "text": "c; d"}]\n',
        '{"version": 1,\n "items": [{"item": 7, "text": "a, b"}, {"item": 8, "text": "c; d"}]}\n',
    ],
    ids=[
        "tabs",
        "commas",
        "semicolons",
        "another order",
        "quoted header",
        "JSON lines",
        "JSON list",
        "nested JSON",
    ],
)
def test_every_form_of_the_same_table(table: str) -> None:
    assert texts(table, ITEMS) == [("a, b", "7"), ("c; d", "8")]


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_a_quoted_cell_with_a_line_break_is_one_sentence(separator: str) -> None:
    table = f'item{separator}text\n7{separator}"a\nb"\n8{separator}"c ""d"""\n'
    assert texts(table, ITEMS) == [("a b", "7"), ('c "d"', "8")]


def test_a_quotation_mark_that_encloses_no_cell_is_text() -> None:
    assert texts('item\ttext\n7\t"Yes," she said\n8\t"c" and "d"\n', ITEMS) == [
        ('"Yes," she said', "7"),
        ('"c" and "d"', "8"),
    ]


def test_columns_of_syntaxgym_are_found_by_the_last_part_of_their_names() -> None:
    region = {"region_number": 1, "content": "The dog"}
    suite = {
        "meta": {"name": "agreement"},
        "predictions": [{"type": "formula"}],
        "items": [
            {
                "item_number": number,
                "conditions": [
                    {"condition_name": name, "regions": [region, {"region_number": 2, "content": verb}]}
                    for name, verb in (("match", "runs"), ("mismatch", "run"))
                ],
            }
            for number in (1, 2)
        ],
    }
    layout = Layout(("content",), ("region_number",), is_table=True, groups=("item_number", "condition_name"))
    read_suite = read(json.dumps(suite, indent=1), layout)
    assert [sentence.text for sentence in read_suite] == ["The dog runs", "The dog run"] * 2
    assert read_suite[0].spans == (Span(0, 7, ("1",)), Span(8, 12, ("2",)))


def test_pairs_of_blimp_need_no_options() -> None:
    line = '{"sentence_good": "Who ran?", "sentence_bad": "Who run?", "UID": "agreement"}\n'
    layout = Layout(columns=("UID",), is_pairs=True)
    assert texts(line * 2, layout) == [("Who ran?", "agreement"), ("Who run?", "agreement")] * 2


def test_pairs_by_two_text_columns() -> None:
    table = "good,bad\na b,a c\n"
    assert texts(table, Layout(("bad", "good"), is_pairs=True)) == [("a c",), ("a b",)]


def test_a_header_of_pairs_is_not_scored() -> None:
    with pytest.raises(PtbtermError, match="looks like a header: good, bad") as error:
        read("good\tbad\nthe dog\tthe dogs\n", Layout(is_pairs=True))
    assert error.value.hint == "Name the text columns: good and bad."


def test_pairs_without_a_header() -> None:
    assert texts("a b\tc d\ne\tf\n", Layout(is_pairs=True)) == [("a b",), ("c d",), ("e",), ("f",)]


def test_numbers_are_lines_and_rows() -> None:
    assert [sentence.number for sentence in read("a\n\nb\n", Layout())] == [1, 3]
    assert [sentence.number for sentence in read("item,text\n1,a\n2,\n3,b\n", ITEMS)] == [1, 2, 3]


def test_bars_separate_regions() -> None:
    (sentence,) = read("The analyst | expects|crude \n", Layout(has_bars=True))
    assert sentence.text == "The analyst   expects crude "
    assert [sentence.text[span.start : span.end] for span in sentence.spans] == ["The analyst", "expects", "crude"]


STORY = "story,word,zone,region\n1,The,1,a\n1,dog,2,a\n1,ran.,3,b\n2,It,1,a\n2,,2,b\n2,barked.,3,b\n"


def test_a_word_a_row_is_joined_by_groups() -> None:
    layout = Layout(("word",), ("zone",), is_table=True, groups=("story",))
    first, second = read(STORY, layout)
    assert (first.text, second.text) == ("The dog ran.", "It  barked.")
    assert [span.columns for span in second.spans] == [("1",), ("2",), ("3",)]
    assert [second.text[span.start : span.end] for span in second.spans] == ["It", "", "barked."]


def test_rows_of_a_region_are_one_span() -> None:
    layout = Layout(("word",), ("zone",), is_table=True, groups=("story",), region_column="region")
    first, second = read(STORY, layout)
    assert [first.text[span.start : span.end] for span in first.spans] == ["The dog", "ran."]
    assert [second.text[span.start : span.end].strip() for span in second.spans] == ["It", "barked."]


@pytest.mark.parametrize(
    ("table", "layout", "says"),
    [
        ("item,text,text\n1,a,b\n", ITEMS, "has 2 columns 'text'"),
        ("item,txt\n1,a\n", ITEMS, "has no column 'text'"),
        ("item,text\n1\n", ITEMS, "has 1 cells in line 2, but 2 in its first line"),
        ('item,text\n1,"a\n', ITEMS, "is not a CSV table"),
        ('item\ttext\n1\ta\n"2\n', ITEMS, "has a cell in line 3 whose quotation mark is not closed"),
        ('{"item": 1, "text": "a"}\n{"item": \n', ITEMS, "is not valid JSON: line 2"),
        ("[1, 2]\n", ITEMS, "has no JSON objects"),
        ("[" * 5000, ITEMS, "is not valid JSON"),
        (
            "story,word\n1,a\n2,b\n1,c\n",
            Layout(("word",), is_table=True, groups=("story",)),
            "line 4: the rows of 1 are not together",
        ),
    ],
)
def test_what_is_refused(table: str, layout: Layout, says: str) -> None:
    with pytest.raises(PtbtermError) as error:
        read(table, layout)
    assert says in error.value.message


def test_a_quotation_that_spans_sentences_stays_in_its_rows() -> None:
    table = 'item\ttext\n1\t"We left.\n2\tThen we came back," he said.\n3\t"But\n'
    assert texts(table, ITEMS) == [('"We left.', "1"), ('Then we came back," he said.', "2"), ('"But', "3")]
