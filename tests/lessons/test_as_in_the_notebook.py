"""On the Penn Treebank the tour shows the notebook's numbers: on the demo corpus it says which are others."""

from pathlib import Path

import pytest

from ptbterm.lessons import losses, notebook
from ptbterm.lessons.lesson import Page, Table, Verdict
from ptbterm.lessons.subject import Subject
from tests.lessons.subjects import last_page, on_treebank


@pytest.fixture(scope="module")
def on_ptb(ptb: Path, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return on_treebank(ptb, tmp_path_factory.mktemp("ptb"))


def claims(page: Page) -> list[str]:
    assert {check.verdict for check in page.checks} == {Verdict.HOLDS}
    return [check.claim for check in page.checks]


def row(page: Page, name: str) -> tuple[str, ...]:
    tables = [block for block in page.frames[0].blocks if isinstance(block, Table)]
    return next(tuple(rest) for table in tables for first, *rest in table.rows if first == name)


def test_the_corpus(on_ptb: Subject) -> None:
    page = last_page(on_ptb, 1)
    assert "word types: 10,000, as in the notebook" in claims(page)
    assert "words of train, valid, test: 929,589, 73,760, 82,430, as in the notebook" in claims(page)
    assert row(page, "1")[0] == "<unk>"


def test_the_first_window(on_ptb: Subject) -> None:
    assert claims(last_page(on_ptb, 2)) == [
        "inputs: (30, 20), as in the notebook",
        "first target: 9971, as in the notebook",
        "all 1,200 ids, SHA-256: e5311b1d, 5c5f8d0b, as in the notebook",
        "windows in an epoch: 1,549, as the notebook computes; its text says 1,548",
    ]


def test_the_weights(on_ptb: Subject) -> None:
    page = last_page(on_ptb, 5)
    assert "trained tensors: 5, as in the notebook" in claims(page)
    assert row(page, "kernel") == ("(400, 800)", "320,000")
    assert row(page, "total") == ("", "4,330,800")


def test_the_shapes(on_ptb: Subject) -> None:
    page = last_page(on_ptb, 6)
    assert "all shapes as in the notebook" in claims(page)
    assert row(page, "logits") == ("(600, 10000)",)


def test_the_losses_and_the_cost(on_ptb: Subject) -> None:
    page = last_page(on_ptb, 8)
    assert "cost: 184.2, as in the notebook" in claims(page)
    assert row(page, "20 x ln 10,000") == ("184.207",)
    assert float(row(page, "mean loss")[0]) == pytest.approx(9.21, abs=0.005)
    smallest, largest = map(float, row(page, "smallest, largest")[0].split(", "))
    assert (smallest, largest) == pytest.approx(notebook.LOSSES, abs=losses.TOLERANCE)


@pytest.mark.parametrize("step", [3, 4, 7, 9, 10, 11, 12])
def test_every_other_check_holds_there_too(on_ptb: Subject, step: int) -> None:
    assert claims(last_page(on_ptb, step))


@pytest.mark.slow
def test_the_training_runs_as_the_notebooks_does(on_ptb: Subject) -> None:
    stated = claims(last_page(on_ptb, 13))
    assert any(claim.endswith("the notebook, from other initial weights, 826.7") for claim in stated)


def test_the_demo_corpus_says_what_is_different(on_demo: Subject) -> None:
    different = [
        check.claim
        for step in (1, 2, 5, 6, 8)
        for check in last_page(on_demo, step).checks
        if check.verdict is Verdict.DIFFERS
    ]
    assert "word types: 632 (demo corpus), 10,000 in the notebook" in different
    assert "first target: 161 (demo corpus), 9971 in the notebook" in different
    assert "cost: 129.0 (demo corpus), 184.2 in the notebook" in different
    assert "shape of the logits: (600, 632) (demo corpus), (600, 10000) in the notebook" in different


def test_a_short_training_on_the_demo_corpus_learns_which_words_follow(on_demo: Subject) -> None:
    fell, alone, compared = last_page(on_demo, 13).checks
    before, after = fell.claim.split(" after a window, ")
    assert float(before.split()[-1]) > 600
    assert float(after.split()[0]) < 20
    assert float(alone.claim.split()[-1]) < 8
    assert compared.claim.endswith(" (demo corpus), 826.7 in the notebook")
    assert {check.verdict for check in last_page(on_demo, 15).checks} == {Verdict.HOLDS}
