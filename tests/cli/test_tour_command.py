"""`ptbterm tour`: the whole walk as text, and on a real terminal with the bytes that keys send."""

import json
import re
from pathlib import Path

import pytest

from ptbterm.cli.tour import LESSON_COUNT
from ptbterm.lessons.tour import LESSONS
from tests.cli.terminals import Open
from tests.commands import Command, Process
from tests.examples.texts import write_corpus

TITLES = [
    "The corpus and its words",
    "Ids, and the first window",
    "Embedding lookup",
    "One LSTM cell, opened",
    "Stacked layers",
    "Outputs, and the reshape",
    "Logits, softmax, argmax",
    "Losses, and the cost",
    "A toy gradient",
    "Gradients, and clipping",
    "One step",
    "The schedule",
    "A short training",
    "This is an ...",
    "The embedding map",
]


def steps_of(text: str) -> dict[str, str]:
    """The text of each step by its title."""
    pieces = re.split(r"^Step \d+ of 15: (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def test_in_a_pipe_the_whole_walk_is_text(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("tour", "--corpus", corpus)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert result.stdout.startswith("The notebook, step by step: letters, untrained model, seed 1.")
    steps = steps_of(result.stdout)
    assert list(steps) == TITLES
    for text in steps.values():
        rule, words, *_ = text.splitlines()
        assert set(rule) == {"─"}
        assert len(words) > 60
        assert re.search(r"^The (lines that ran|loop that trains): \w+\.py", text, re.MULTILINE)
        assert re.search(r"^[✓≠] ", text, re.MULTILINE)
    assert "✗" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 79

    assert "(600, 200)" in steps["Outputs, and the reshape"]
    assert re.findall(r"Time step (\d+) of 20", steps["One LSTM cell, opened"]) == ["1", "10", "20"]
    assert "(3 of 20 time steps: --step NUMBER prints a whole step)" in steps["One LSTM cell, opened"]
    assert "✓ 8, 10, 3, as in the notebook" in steps["A toy gradient"]
    assert "epochs 1-5" in steps["The schedule"]
    assert "running perplexity" in steps["A short training"]


def test_it_is_the_same_text_each_time_in_another_process(process: Process, corpus: Path) -> None:
    texts = [process("tour", "--corpus", corpus).communicate()[0] for _ in range(2)]
    assert texts[0] == texts[1]
    assert "Step 15 of 15" in texts[0]


def test_one_step_alone(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("tour", "--corpus", corpus, "--step", "9")
    assert list(steps_of(result.stdout)) == ["A toy gradient"]


def test_one_step_alone_is_printed_whole(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("tour", "--corpus", corpus, "--step", "4")
    assert re.findall(r"Time step (\d+) of 20", result.stdout) == [f"{step}" for step in range(1, 21)]
    assert "--step NUMBER" not in result.stdout


def test_the_front_door_knows_how_many_steps_there_are() -> None:
    assert len(LESSONS) == LESSON_COUNT == len(TITLES)


@pytest.mark.parametrize("view", ["plain", "tui"])
@pytest.mark.parametrize(("step", "nearest"), [(0, 1), (LESSON_COUNT + 1, LESSON_COUNT), (99, LESSON_COUNT)])
def test_a_step_that_there_is_not(
    ptbterm: Command, monkeypatch: pytest.MonkeyPatch, view: str, step: int, nearest: int
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    result = ptbterm("tour", "--view", view, "--step", f"{step}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"or equal to {nearest}, not {step}." in result.stderr


def test_a_quiz_asks_first_and_answers_at_the_end(ptbterm: Command, corpus: Path) -> None:
    """What is hidden of each step is tested with the lessons."""
    result = ptbterm("tour", "--corpus", corpus, "--quiz", "--step", "9")
    asked, answers = result.stdout.split("\nAnswers\n")
    assert asked.endswith("Question: What are z, dz/dx and dz/dy at x = 1, y = 2?\n\n")
    for secret in ("By hand, dz/dx = 4x + 3y", "by hand\n", "8, 10, 3"):
        assert secret not in asked
        assert secret in answers


def test_a_quiz_of_a_step_that_asks_nothing_is_the_step(ptbterm: Command, corpus: Path) -> None:
    plain, quiz = (ptbterm("tour", "--corpus", corpus, "--step", "3", *more) for more in ([], ["--quiz"]))
    assert plain.stdout == quiz.stdout


def test_a_trained_run(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("tour", "--run", "tiny")
    assert result.exit_code == 0
    assert result.stdout.startswith("The notebook, step by step: letters, run tiny, seed 1.")
    assert "✗" not in result.stdout
    assert "the 2 epochs of run tiny" in steps_of(result.stdout)["This is an ..."].replace("\n", " ")
    assert not list((tiny_run.parent).glob("tour*"))


def test_a_run_and_a_corpus_at_once(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("tour", "--run", "tiny", "--corpus", corpus)
    assert result.exit_code == 2
    assert "--run has its own corpus" in result.stderr


def test_a_text_too_short(ptbterm: Command, tmp_path: Path) -> None:
    result = ptbterm("tour", "--corpus", write_corpus(tmp_path / "short", repeats=2))
    assert result.exit_code == 1
    assert "a window of 30 x 20 words needs 630" in result.stderr


def test_without_a_corpus_it_is_the_demo_corpus_and_nothing_is_downloaded(ptbterm: Command) -> None:
    result = ptbterm("tour", "--step", "8")
    assert result.exit_code == 0
    assert "demo corpus, untrained model, seed 1" in result.stdout
    assert "cost: 129.0 (demo corpus), 184.2 in the notebook" in result.stdout


def test_on_a_terminal_with_the_bytes_of_keys(terminal: Open, corpus: Path, home: Path) -> None:
    screen = terminal("tour", "--corpus", corpus)
    screen.until(r"tour  1 of 15  The corpus and its words")
    screen.press("\x1b[C \x1b[C")  # right, space, right
    screen.until(r"4 of 15  One LSTM cell, opened[^$]+Time step 1 of 20")
    screen.press("\x1b[B\x1b[B")  # down, down
    screen.until("Time step 3 of 20")
    screen.press("]")
    screen.until(r"units (?!1-)\d+-\d+ of 200")
    screen.press("g")
    screen.until("Go to step")
    screen.press("13\r")
    screen.until("13 of 15  A short training")
    screen.press("\x1b[D\x7f")  # left, backspace
    screen.until("11 of 15  One step")
    screen.resize(120, 36)
    screen.until(r"✓ the cost fell")
    screen.press("q")
    code, _ = screen.end()
    assert code == 0
    assert json.loads((home / "tour.json").read_bytes())["step"] == 11

    again = terminal("tour", "--corpus", corpus)
    again.until("11 of 15  One step")
    again.press("\x11")  # ctrl+q
    assert again.end()[0] == 0


def test_left_while_it_trains_it_ends_at_once(terminal: Open, tmp_path: Path) -> None:
    screen = terminal("tour", "--corpus", write_corpus(tmp_path / "long", repeats=6000), "--step", "13")
    screen.until(r"computing +\d+ %")
    screen.press("q")
    code, text = screen.end()
    assert code == 0
    assert "Traceback" not in text


def test_without_color(terminal: Open, corpus: Path) -> None:
    screen = terminal("tour", "--corpus", corpus, "--step", "4", NO_COLOR="1")
    screen.until(r"input  i [░▒▓█]+")
    screen.until("✓ equals nn.LSTM")
    colors = {int(code) for codes in re.findall(rb"\x1b\[([\d;]+)m", screen.raw) for code in codes.split(b";")}
    assert not colors.intersection({*range(31, 37), *range(41, 47)})
    screen.press("q")
    assert screen.end()[0] == 0


def test_a_dumb_terminal_gets_the_text(terminal: Open, corpus: Path) -> None:
    screen = terminal("tour", "--corpus", corpus, "--step", "9", TERM="dumb")
    code, text = screen.end()
    assert code == 0
    assert "8, 10, 3, as in the notebook" in text
