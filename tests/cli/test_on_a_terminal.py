"""Trainer and viewer apart, for real: pseudo-terminals, processes that are killed, lines that drop."""

import os
import re
import signal
import termios
from pathlib import Path

import psutil
import pytest

from ptbterm.runs import lock
from ptbterm.runs.events import RunStopped
from ptbterm.runs.journal import read_events
from ptbterm.runs.run import Run
from tests.cli.terminals import Open, Terminal
from tests.commands import Command
from tests.examples.texts import TINY, write_corpus

LONG = [*TINY, "--set", "training.epochs=100000"]


@pytest.fixture
def run(home: Path) -> Run:
    return Run(home / "runs" / "first")


@pytest.fixture
def training(terminal: Open, corpus: Path) -> Terminal:
    """A terminal in which a training was started that would take for ever."""
    screen = terminal("train", "--corpus", corpus, "--name", "first", *LONG)
    screen.until("● running")
    return screen


def trainer_of(run: Run) -> psutil.Process:
    trainer = lock.trainer(run)
    assert trainer is not None
    return trainer


def is_training_on(run: Run) -> bool:
    """Return whether the trainer writes more events."""
    before = run.events_file.stat().st_size
    trainer = trainer_of(run)
    for _ in range(200):
        if run.events_file.stat().st_size > before:
            return trainer.is_running()
        trainer_wait(trainer)
    return False


def trainer_wait(trainer: psutil.Process) -> None:
    with pytest.raises(psutil.TimeoutExpired):
        trainer.wait(0.05)


def test_detach_attach_resize_stop_and_resume(terminal: Open, training: Terminal, run: Run) -> None:
    training.until(r"epoch \d+ of 100000")
    trainer = trainer_of(run)
    training.press("q")
    code, text = training.end()
    assert code == 0
    assert "first continues training" in text
    assert "ptbterm watch first" in text
    assert "ptbterm runs stop first" in text
    assert is_training_on(run)

    screen = terminal("watch", size=(140, 42))
    screen.until("3 Speed")
    screen.resize(80, 24)
    screen.until(r"\[1 Perplexity\]")
    screen.press("s")
    screen.until("Stop after the current window and save")
    screen.press("y")
    screen.until("■ stopped")
    trainer.wait(10)
    screen.press("r")
    screen.until("● running")
    assert trainer_of(run).pid != trainer.pid
    screen.press("q")
    assert screen.end()[0] == 0
    kinds = [type(event).__name__ for event in read_events(run.events_file)]
    assert [kind for kind in kinds if kind.startswith("Run")] == ["RunStarted", "RunStopped", "RunResumed"]


def test_a_viewer_that_is_killed_leaves_the_trainer_alone(training: Terminal, run: Run) -> None:
    training.child.kill(signal.SIGKILL)
    training.end()
    assert is_training_on(run)


def test_a_line_that_drops_leaves_the_trainer_alone(training: Terminal, run: Run) -> None:
    training.child.close(force=False)
    assert is_training_on(run)


def test_a_killed_trainer_is_lost_and_can_be_resumed(training: Terminal, run: Run) -> None:
    training.until("saved")
    trainer_of(run).kill()
    training.until(r"\? lost")
    training.until("r resumes it")
    training.press("r")
    training.until("● running")


def test_ctrl_c_does_not_stop_the_training(training: Terminal, run: Run) -> None:
    training.press("\x03")
    training.until(r"Press ctrl\+c again to leave")
    training.press("\x03")
    assert training.end()[0] == 0
    assert is_training_on(run)


def test_a_finished_training_says_what_to_try_next(terminal: Open, corpus: Path) -> None:
    screen = terminal("train", "--corpus", corpus, "--name", "short", *TINY, "--exit-when-done")
    code, text = screen.end()
    assert code == 0
    assert "Trained short in " in text
    assert "ptbterm eval short" in text


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["--set", "training.batch_size=5000"], 1, "Error: The training text is too short"),
        (["--name", "no/name"], 2, "Error: 'no/name' is not a valid name for a run."),
        (["--device", "cuda:7"], 1, "Error: Device cuda:7 is not available"),
    ],
)
def test_a_training_that_fails_to_start_says_why_in_the_terminal(
    terminal: Open, corpus: Path, home: Path, arguments: list[str], exit_code: int, says: str
) -> None:
    screen = terminal("train", "--corpus", corpus, *TINY, *arguments)
    code, text = screen.end()
    assert code == exit_code
    assert says in text
    assert not list((home / "runs").glob("[!.]*"))


def test_resuming_a_finished_run_says_that_it_has_finished(terminal: Open, tiny_run: Path) -> None:
    screen = terminal("resume", "tiny")
    screen.until("✓ finished")
    screen.until("Run tiny is finished")


def test_a_run_resumed_while_its_deletion_is_being_confirmed_is_kept(terminal: Open, tiny_run: Path) -> None:
    screen = terminal("runs", "delete", "tiny")
    screen.until("y/N")
    with lock.as_trainer(Run(tiny_run)):
        screen.press("y\r")
        code, text = screen.end()
    assert code == 1
    assert "Run tiny is training." in text
    assert (tiny_run / "settings.toml").exists()


def test_two_viewers_of_one_run(terminal: Open, training: Terminal) -> None:
    other = terminal("watch", "first", "--no-mouse", "--refresh", "0.1")
    other.until("● running")
    assert "● running" in training.text
    assert b"\x1b[?1000h" not in other.raw


def test_hostile_words_are_shown_and_do_not_act(terminal: Open, home: Path, tmp_path: Path) -> None:
    """Words of the corpus that a terminal, or markup, would act on."""
    folder = write_corpus(tmp_path / "hostile")
    for split in ("train", "valid", "test"):
        file = folder / f"{split}.txt"
        file.write_text(file.read_text().replace("the", "\x1b[31m\x07[red]x[/]\u202e漢字🎉"))
    screen = terminal(
        "train", "--corpus", folder, "--name", "hostile", *TINY, "--set", 'training.watched_contexts=["said"]'
    )
    screen.until("✓ finished")
    screen.press("4")
    text = screen.until("it writes")
    assert r"\x1b[31m" in text
    assert screen.raw.count(b"\x07") == screen.raw.count(b"\x1b]22;default\x07")
    assert b"\x1b[31m\x07" not in screen.raw


@pytest.mark.parametrize(
    "variables", [{"TERM": "dumb"}, {"CI": "true"}], ids=lambda variables: "=".join(*variables.items())
)
def test_plain_lines_where_a_dashboard_would_not_work(
    terminal: Open, corpus: Path, variables: dict[str, str]
) -> None:
    screen = terminal("train", "--corpus", corpus, "--name", "plain", *TINY, **variables)
    code, text = screen.end()
    assert code == 0
    assert "Test Perplexity: " in text
    assert b"\x1b" not in screen.raw


def test_without_color_the_same_screen_is_gray(terminal: Open, tiny_run: Path) -> None:
    screen = terminal("watch", "tiny", NO_COLOR="1")
    screen.until("✓ finished")
    colors = {tuple(code.split(b";")[2:5]) for code in re.findall(rb"38;2;\d+;\d+;\d+", screen.raw)}
    assert all(len(set(color)) == 1 for color in colors)


def test_ascii_where_there_is_no_utf8(terminal: Open, tiny_run: Path) -> None:
    screen = terminal("watch", "tiny", LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    screen.until(r"\+ finished")


def test_plain_watching_prints_the_lines_of_the_training(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("watch", "tiny", "--view", "plain")
    assert result.exit_code == 0
    assert "Epoch 2 : Valid Perplexity: " in result.stdout
    assert "Test Perplexity: " in result.stdout
    assert "Trained tiny in " in result.stderr


def test_chat_follows_real_keys(terminal: Open, tiny_run: Path) -> None:
    screen = terminal("chat", "tiny")
    screen.until("Next word")
    screen.press("the comp")
    screen.until("Words that begin with “comp”")
    screen.press("\t")
    screen.until("the company ")
    screen.press("\x7f" * 3)
    screen.until("Words that begin with “compa”")
    screen.press("\x1b[13~\x1bOR")  # F3, as two terminals send it; twice shows the ranking again
    screen.press("\x11")
    assert screen.end()[0] == 0


def test_chat_without_a_model_offers_to_train_one(terminal: Open, home: Path) -> None:
    screen = terminal("chat")
    screen.until("Train one on the demo")
    screen.press("n\r")
    code, text = screen.end()
    assert code == 1
    assert "ptbterm train --preset demo" in text.replace("\n", "")


@pytest.mark.process
def test_a_terminal_that_is_closed_on_plain_lines_leaves_the_run_saved(home: Path, corpus: Path, run: Run) -> None:
    """A hangup, after which no output can be written (EIO)."""
    screen = Terminal(home, "train", "--corpus", corpus, "--name", "first", *LONG, "--view", "plain")
    screen.until("perplexity")
    screen.child.ptyproc.fileobj.close()
    _, status = os.waitpid(screen.child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 130
    *_, end = read_events(run.events_file)
    assert isinstance(end, RunStopped)
    assert run.last_checkpoint.is_file()


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("command", "shows"),
    [
        (["watch", "tiny"], "Leave"),
        (["chat", "tiny"], "entropy"),
        (["tour", "--run", "tiny"], "1 of 15"),
        (["embeddings", "tiny", "--words", "8"], "Search"),
    ],
)
def test_a_signal_gives_the_terminal_back(
    home: Path, tiny_run: Path, command: list[str], shows: str, number: signal.Signals
) -> None:
    terminal = Terminal(home, *command)
    before = termios.tcgetattr(terminal.child.child_fd)[3] & (termios.ICANON | termios.ECHO)
    terminal.until(shows)
    assert not termios.tcgetattr(terminal.child.child_fd)[3] & termios.ICANON
    terminal.child.kill(number)
    while terminal.child.isalive():
        terminal.read()
    terminal.read()
    assert termios.tcgetattr(terminal.child.child_fd)[3] & (termios.ICANON | termios.ECHO) == before
    for mode in (b"?1049", b"?1000", b"?1003", b"?1006", b"?2004"):  # alternate screen, mouse, pastes
        assert terminal.raw.count(b"\x1b[%sh" % mode) == terminal.raw.count(b"\x1b[%sl" % mode), mode
    assert terminal.raw.rindex(b"\x1b[?25h") > terminal.raw.rindex(b"\x1b[?25l")
    assert terminal.child.exitstatus == 128 + number
