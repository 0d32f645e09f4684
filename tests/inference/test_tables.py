"""Sentences from tables of every kind, and what is refused."""

import io
import json

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.inference.sentence import Sentence, Span
from ptbterm.inference.sentences import Layout, read_sentences
from ptbterm.terminal.text.hints import hint_for


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
    assert hint_for(error.value) == (
        "Name the text columns: --text-column good --text-column bad; "
        "if it is a pair, give their numbers: --text-column 1 --text-column 2"
    )


@pytest.mark.parametrize("header", ["Good sentence\tBad sentence", "sentence 1\tsentence 2", "item\tsentence_a"])
def test_names_of_columns_with_spaces_are_a_header(header: str) -> None:
    with pytest.raises(PtbtermError, match="looks like a header"):
        read(f"{header}\nruns\trun\n", Layout(is_pairs=True))


def test_the_columns_that_are_proposed_hold_texts() -> None:
    table = "item,condition,good,the bad\n1,agreement in number,The old dog runs away.,The old dog run away.\n"
    with pytest.raises(PtbtermError) as error:
        read(table.replace("the bad", "bad"), Layout(is_pairs=True))
    assert "--text-column good --text-column bad;" in hint_for(error.value)
    assert hint_for(error.value).endswith("--text-column 3 --text-column 4")


def test_columns_by_number_have_no_header() -> None:
    layout = Layout(("1", "2"), is_pairs=True)
    assert texts("Run!\tRuns!\nthe dog\tthe dogs\n", layout) == [
        ("Run!",),
        ("Runs!",),
        ("the dog",),
        ("the dogs",),
    ]
    layout = Layout(("3",), ("1",), is_table=True)
    assert texts("7;x;a, b\n8;y;c\n", layout) == [("a, b", "7"), ("c", "8")]
    assert texts("1,x,a b\n2,y,c\n", layout) == [("a b", "1"), ("c", "2")]
    assert texts("1,3\n7,a\n", layout) == [("a", "7")]
    with pytest.raises(PtbtermError) as error:
        read("1,the dog\n2,the cat\n", Layout(is_table=True))
    assert "If its first line is a row, give the numbers of columns" in error.value.hint


def test_a_first_pair_without_a_header_is_said() -> None:
    remarks: list[str] = []
    stream = io.BytesIO(b"a b;c d\n")
    pair = list(read_sentences(stream, "items.txt", Layout(is_pairs=True), remarks.append))
    assert [sentence.text for sentence in pair] == ["a b", "c d"]
    assert remarks == ["items.txt names no columns of sentences: line 1 is read as the first pair."]


def test_pairs_that_two_separators_cut_are_refused_with_advice_that_works() -> None:
    pairs = "yes, he came;yes he came\n"
    with pytest.raises(PtbtermError, match="may be separated by commas or semicolons") as error:
        read(pairs, Layout(is_pairs=True))
    assert error.value.hint.endswith("sep=,")
    assert texts(f"sep=;\n{pairs}", Layout(is_pairs=True)) == [("yes, he came",), ("yes he came",)]


def test_the_line_of_excel_that_names_the_separator_is_no_row() -> None:
    assert texts("sep=;\r\ntext;item\r\na, b;7\r\n", ITEMS) == [("a, b", "7")]


def test_pairs_from_one_column_are_refused() -> None:
    with pytest.raises(PtbtermError, match="Both sentences of a pair are in column 'good'"):
        read("good,bad\na b,a c\n", Layout(("good", "good"), is_pairs=True))


def test_json_pairs_with_other_columns_name_them() -> None:
    pairs = json.dumps({"uid": "a", "x": "the dog runs", "y": "the dog run"})
    with pytest.raises(PtbtermError, match="none of the columns of pairs") as error:
        read(pairs, Layout(is_pairs=True))
    assert hint_for(error.value) == "Name them: --text-column x --text-column y"


def test_rows_of_all_lists_are_read_or_none() -> None:
    split = json.dumps({"train": [{"item": 1, "text": "a"}], "test": [{"item": 2, "text": "b"}]})
    with pytest.raises(PtbtermError) as error:
        read(split, ITEMS)
    assert error.value.message == "items.txt, line 1 has sentences in 2 places: test.text, train.text."
    assert hint_for(error.value) == "Name one of them, for example: --text-column test.text"
    assert texts(split, Layout(("test.text",), ("item",), is_table=True)) == [("b", "2")]
    later = '{"a": {"text": "x"}}\n{"b": {"text": "y"}}\n'
    with pytest.raises(PtbtermError, match=r"line 2 has sentences in 2 places: a\.text, b\.text"):
        read(later, Layout(("text",), is_table=True))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('{"item": 1, "text": "a", "text": "b"}', "line 1 has an object with two keys 'text'"),
        ('{"item": 1, "text": "a"}\n{"item": 2}\n', "line 2 has no 'text'"),
        ('{"item": 1, "text": "a"}\n\n{"text": "b"}\n', "line 3 has no 'item'"),
        ('{"item": 1}\n{"item": 2, "text": "b"}\n', "has no column 'text' in its first row"),
        ('[{"item": 1, "text": "a"}, {"item": 2}]', "row 2 has no 'text'"),
        ('{"a": [{"b": [{"item": 1, "text": "x"}]}, {"c": 1}]}', "has an object without 'a.b'"),
        ('[{"item": 1, "text": "a"}, "b"]', "has a text where a JSON object is expected"),
        ('{"item": 1, "text": ["The", "dog"]}', "line 1 has a list, not a text, in 'text'"),
        ('{"item": ' + "1" * 5000 + ', "text": "a"}', "is not valid JSON"),
    ],
)
def test_json_of_which_rows_would_be_lost_is_refused(rows: str, says: str) -> None:
    with pytest.raises(PtbtermError) as error:
        read(rows, ITEMS)
    assert says in error.value.message


@pytest.mark.parametrize(
    "table",
    [
        '{"item": {"0": 7, "1": 8}, "text": {"0": "a", "1": "b"}}',
        '{"0": {"item": 7, "text": "a"}, "1": {"item": 8, "text": "b"}}',
        '{\n "item": 7,\n "text": "a"\n}\n{\n "item": 8,\n "text": "b"\n}\n',
        '{"item": 7, "text": "a", "tags": ["x"]}\n{"item": 8, "text": "b", "meta": {"source": null}}\n',
    ],
    ids=["pandas by columns", "pandas by index", "objects of several lines", "lists beside"],
)
def test_other_forms_of_json(table: str) -> None:
    assert texts(table, ITEMS) == [("a", "7"), ("b", "8")]


def test_lists_and_objects_are_copied() -> None:
    row = '{"text": "a", "tags": ["x", 1], "meta": {"source": "web"}}'
    assert texts(row, Layout(("text",), ("tags", "source"), is_table=True)) == [("a", '["x", 1]', "web")]


def test_a_long_cell_is_read() -> None:
    assert texts(f"item,text\n7,{'a ' * 200_000}\n", ITEMS)[0][1] == "7"
    with pytest.raises(PtbtermError, match="more than 1,048,576 bytes in line 2"):
        read(f"item,text\n7,{'a ' * 600_000}\n", ITEMS)


def test_spaces_around_the_names_of_groups_do_not_separate_them() -> None:
    layout = Layout(("word",), ("zone",), is_table=True, groups=("story",))
    (sentence,) = read("story,zone,word\n1,1,The\n1 ,2 ,dog\n", layout)
    assert (sentence.text, sentence.spans[1].columns) == ("The dog", ("2 ",))


def test_pairs_without_a_header() -> None:
    assert texts("a b\tc d\ne\tf\n", Layout(is_pairs=True)) == [("a b",), ("c d",), ("e",), ("f",)]


def test_numbers_are_lines_and_rows() -> None:
    assert [sentence.number for sentence in read("a\n\nb\n", Layout())] == [1, 3]
    assert [sentence.number for sentence in read("item,text\n1,a\n2,\n3,b\n", ITEMS)] == [1, 2, 3]


def test_bars_separate_regions() -> None:
    (sentence,) = read("The analyst | expects| crude \n", Layout(has_bars=True))
    assert sentence.text == "The analyst   expects  crude "
    assert [sentence.text[span.start : span.end] for span in sentence.spans] == ["The analyst", "expects", "crude"]


def test_bars_without_spaces_separate_regions_if_all_do() -> None:
    (sentence,) = read("The analyst|expects|crude\n", Layout(has_bars=True))
    assert [sentence.text[span.start : span.end] for span in sentence.spans] == ["The analyst", "expects", "crude"]
    with pytest.raises(
        PtbtermError, match=r"sentence 2: some \| have a space beside them, others are within a word"
    ):
        read("The analyst | expects\nprofits and|or losses\n", Layout(has_bars=True))


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
        ("item,text,text\n1,a,b\n", ITEMS, "has 2 columns named 'text'"),
        ("item,txt\n1,a\n", ITEMS, "has no column 'text'"),
        ("item,text\n1\n", ITEMS, "line 2: the number of cells is 1, but 2 in the first line"),
        ('item,text\n1,"a\n', ITEMS, "is not a CSV table"),
        ('item\ttext\n1\ta\n"2\n', ITEMS, "has a cell in line 3 whose quotation mark is not closed"),
        ('{"item": 1, "text": "a"}\n{"item": \n', ITEMS, "is not valid JSON: line 2"),
        ("[1, 2]\n", ITEMS, "has the value 1 where a JSON object is expected"),
        ("[" * 5000, ITEMS, "is not valid JSON"),
        (
            "story,word\n1,a\n2,b\n1,c\n",
            Layout(("word",), is_table=True, groups=("story",)),
            "line 4: the rows with story=1 are not together",
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
