"""The command line: help at once, one sentence for an error, and no heavy import without need."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ptbterm as package
from ptbterm.cli.app import COMMANDS, CommandsOnDemand
from tests.commands import Command


def modules_after(*arguments: str, **environment: str) -> set[str]:
    """The modules that a fresh process has imported when `ptbterm ARGUMENTS...` ends."""
    program = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from ptbterm.cli.app import main\n"
        f"main({list(arguments)!r})\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return set(json.loads(ended.stderr.splitlines()[-1]))


@pytest.mark.process
@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["presets"], ["--version"]])
def test_imports_no_torch(arguments: list[str]) -> None:
    assert modules_after(*arguments).isdisjoint({"torch", "numpy", "textual", "safetensors"})


def test_version(ptbterm: Command) -> None:
    result = ptbterm("--version")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"ptbterm {package.__version__}\n", "")


def test_help_shows_every_command_in_order(ptbterm: Command) -> None:
    result = ptbterm("--help")
    assert result.exit_code == 0
    places = [result.stdout.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_the_whole_text_of_each_option(
    ptbterm: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Rich takes [words in brackets] for markup."""
    monkeypatch.setenv("COLUMNS", "300")
    command = CommandsOnDemand().get_command(None, name)
    parts = {(name,): command} | {(name, part): it for part, it in getattr(command, "commands", {}).items()}
    for words, part in parts.items():
        shown = " ".join(ptbterm(*words, "--help").stdout.replace("│", " ").split())
        for text in (part.help, *(getattr(parameter, "help", None) for parameter in part.params)):
            assert " ".join((text or "").split()) in shown


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["trian"], "trian"),
        (["train", "--veiw", "plain"], "--veiw"),
        (["train", "--view", "loud"], "loud"),
        (["train", "--seed", "first"], "--seed"),
        (["eval", "--split", "all"], "all"),
        (["eval", "--protocol", "batch"], "batch"),
        (["generate", "--words", "0"], "--words"),
        (["generate", "--top-p", "1.5"], "--top-p"),
        (["generate", "--temperature", "-1"], "--temperature"),
        (["chat", "--candidates", "0"], "--candidates"),
        (["download", "wikitext"], "wikitext"),
    ],
)
def test_usage_errors_exit_2_and_create_nothing(
    ptbterm: Command, home: Path, arguments: list[str], wrong: str
) -> None:
    result = ptbterm(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert wrong in result.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--words", "0", "must be greater than or equal to 1, not 0."),
        ("--words", "many", "must be a valid integer, not many."),
        ("--top-p", "1.5", "must be less than or equal to 1, not 1.5."),
        ("--seed", "\x1b[2J", r"must be a valid integer, not \x1b[2J."),
    ],
)
def test_a_usage_error_says_which_value_is_invalid(
    ptbterm: Command, monkeypatch: pytest.MonkeyPatch, option: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    assert f"Invalid value for '{option}': {sentence}" in ptbterm("generate", option, value).stderr


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def buffering(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", request.param)


@pytest.mark.process
@pytest.mark.usefixtures("buffering")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "ptbterm", "presets"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == "Error: standard output: No space left on device.\nFree some space.\n"


@pytest.mark.process
@pytest.mark.usefixtures("buffering")
def test_a_closed_pipe_ends_quietly() -> None:
    shell = f"set -o pipefail; {sys.executable} -P -m ptbterm presets notebook | head -n 1"
    ended = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("description = ")
    assert ended.stderr == ""


INTERRUPTED_IMPORT = """
import os, signal, sys, weakref
def interrupt(_=None):
    os.kill(os.getpid(), signal.SIGINT)
    return [None for _ in range(1_000)]
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {interrupt}
sys.meta_path.insert(0, Interrupt())
sys.argv = ["ptbterm", "presets"]
from ptbterm.__main__ import main
main()
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("module", "code"),
    [("typer", -signal.SIGINT), ("ptbterm.cli.app", -signal.SIGINT), ("ptbterm.cli.presets", 130)],
)
@pytest.mark.parametrize("interrupt", ["interrupt()", "a = set(); r = weakref.ref(a, interrupt); del a"])
def test_ctrl_c_at_once_ends_without_a_traceback(module: str, code: int, interrupt: str) -> None:
    program = INTERRUPTED_IMPORT.format(module=module, interrupt=interrupt)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert "Traceback" not in ended.stderr


def completions(line: str) -> list[str]:
    """What bash is offered after `ptbterm LINE<tab>`."""
    words = ["ptbterm", *line.split(" ")]
    environment = os.environ | {
        "_PTBTERM_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    program = "import sys; sys.argv = ['ptbterm']; from ptbterm.cli.app import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    return ended.stdout.split()


@pytest.mark.process
def test_completes_presets_corpora_and_runs(home: Path) -> None:
    for name in ("small-1", "small-2", "large-1"):
        (home / "runs" / name).mkdir(parents=True)
        (home / "runs" / name / "settings.toml").touch()
    assert completions("train --preset no") == ["notebook"]
    assert completions("presets de") == ["demo"]
    assert completions("train --corpus ") == ["auto", "demo", "ptb"]
    assert completions("chat small") == ["small-1", "small-2"]
