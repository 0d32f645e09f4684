"""What tests share: the command line in this process or its own, a home, a tiny trained run, the real corpus."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from ptbterm.cli.app import main
from tests.commands import Command, Process, Result, train
from tests.examples.texts import TINY, write_corpus

pytest_plugins = ["tests.process_mark"]

if TYPE_CHECKING:
    from ptbterm.lessons.subject import Subject

MAX_WORKERS = 8

os.environ.pop("PYTHONUNBUFFERED", None)  # the processes that tests start buffer as those of people do
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # on a busy machine threads that spin take most of the time
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # each worker has a core of its own, not all of them

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("PTBTERM_FUZZ_EXAMPLES", "20000")),
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share the tests of folders among the cores; those of a file run in this process, which starts sooner."""
    names_a_file = any(".py" in argument for argument in config.args)
    return 0 if names_a_file else min(available_cores() + 1, MAX_WORKERS)  # some tests wait for screens


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PTBTERM_HOME that no other test sees, and no network beyond loopback addresses."""
    place = tmp_path / "home"
    monkeypatch.setenv("PTBTERM_HOME", str(place))
    monkeypatch.setenv("PTBTERM_OFFLINE", "1")
    return place


@pytest.fixture
def ptbterm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `ptbterm ARGUMENTS...` in this process; `stdin=` is what it reads."""

    def run(*arguments: str | Path, stdin: str | bytes = "") -> Result:
        typed = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Result(int(end.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def on_demo(tmp_path_factory: pytest.TempPathFactory) -> "Subject":
    """A tour of the demo corpus: the tests of the lessons share what it computes."""
    from tests.lessons.subjects import demo

    return demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def ptb() -> Path:
    """The folder of the real Penn Treebank files; the test is skipped where PTBTERM_TEST_PTB is unset."""
    place = os.environ.get("PTBTERM_TEST_PTB")
    if not place:
        pytest.skip("PTBTERM_TEST_PTB does not name the folder of the Penn Treebank")
    return Path(place)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with train.txt, valid.txt and test.txt."""
    return write_corpus(tmp_path / "letters")


@pytest.fixture
def process(home: Path) -> Process:
    """Start `ptbterm ARGUMENTS...` as a process of its own, its output in pipes."""

    def start(*arguments: str | Path, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "ptbterm", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        return subprocess.Popen(command, env=os.environ | {"PTBTERM_HOME": str(home)}, **pipes)  # type: ignore[call-overload, no-any-return]

    return start


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run named tiny, which reads texts as typed, like those of the built-in corpora."""
    place = tmp_path_factory.mktemp("trained")
    corpus = write_corpus(place / "letters")
    train(place / "home", "--corpus", corpus, "--name", "tiny", *TINY)
    settings = place / "home" / "runs" / "tiny" / "settings.toml"
    settings.write_text(settings.read_text().replace('text_form = "corpus"', 'text_form = "typed"'))
    return place / "home"


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run named demo: one epoch of the preset."""
    place = tmp_path_factory.mktemp("demo") / "home"
    train(place, "--preset", "demo", "--name", "demo", "--set", "training.epochs=1", "--set", "model.keep_prob=1")
    return place


@pytest.fixture
def demo_run(home: Path, demo_home: Path) -> Path:
    """The directory of the run named demo, in this test's own home."""
    shutil.copytree(demo_home, home)
    return home / "runs" / "demo"


@pytest.fixture
def tiny_run(home: Path, trained_home: Path) -> Path:
    """The directory of a trained run named tiny, in this test's own home."""
    shutil.copytree(trained_home, home)
    return home / "runs" / "tiny"
