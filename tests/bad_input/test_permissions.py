"""What may not be read is called so, and never missing."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = """
import contextlib, io, json, sys
from ptbterm.cli.app import main

errors, code = io.StringIO(), 0
with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
    try:
        main(json.loads(sys.argv[1]))
    except SystemExit as end:
        code = end.code
print(json.dumps([code, errors.getvalue()]))
"""


@dataclass(frozen=True)
class Case:
    """A command, the file or folder in the home that is closed, and the path that the error names."""

    command: str
    closed: str
    named: str


CASES = [
    Case("runs", "runs", "runs"),
    Case("runs show tiny", "runs/tiny", "runs/tiny/settings.toml"),
    Case("runs show HOME/runs/tiny", "runs", "runs"),
    Case("eval tiny", "runs/tiny/checkpoints", "checkpoints/best.safetensors"),
    Case("eval", "runs/tiny/checkpoints", "checkpoints/last.safetensors"),
    Case("resume tiny --view none", "runs/tiny/checkpoints", "checkpoints"),
    Case("eval tiny", "runs/tiny/vocabulary.txt", "vocabulary.txt"),
    Case("score HOME/text.txt --run tiny --with frequency", "runs/tiny/word_counts.txt", "word_counts.txt"),
    Case("watch tiny --view plain", "runs/tiny/events.jsonl", "events.jsonl"),
    Case("score HOME/text.txt --run tiny", "text.txt", "text.txt"),
    Case("score HOME/texts/text.txt --run tiny", "texts", "texts/text.txt"),
    Case("corpus show HOME/texts", "texts", "texts"),
    Case("corpus show HOME/texts/letters", "texts", "texts/letters"),
    Case("corpus show HOME/text.txt", "text.txt", "text.txt"),
    Case("eval tiny --corpus ptb", "corpora", "corpora/ptb"),
    Case("train --preset HOME/preset.toml", "preset.toml", "preset.toml"),
    Case("train --preset HOME/texts/preset.toml", "texts", "texts/preset.toml"),
]


@pytest.mark.process
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_may_not_be_read(home: Path, tiny_run: Path, case: Case) -> None:
    """Root may read everything, so it gives that up first."""
    give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
    if give_up and not shutil.which("setpriv"):
        pytest.skip("root can't be kept out")
    (home / "text.txt").write_text("the dog saw the cat .\n" * 50)
    (home / "preset.toml").write_text("[training]\nepochs = 1\n")
    for folder in ("texts", "corpora/ptb"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    arguments = json.dumps([word.replace("HOME", str(home)) for word in case.command.split()])
    closed = home / case.closed
    mode = closed.stat().st_mode
    closed.chmod(0)
    try:
        command = [*give_up, sys.executable, "-P", "-c", PROGRAM, arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    finally:
        closed.chmod(mode)
    assert not done.stderr, done.stderr
    code, errors = json.loads(done.stdout)
    assert code in {1, 2}, errors
    assert "Permission denied" in errors, errors
    assert case.named in errors, errors
    for untrue in (
        "missing",
        "No such file",
        "No corpus",
        "No run",
        "No trained model",
        "not installed",
        "has no",
    ):
        assert untrue not in errors, errors
