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
import contextlib, io, json, os, sys
from ptbterm.cli.app import main

for closed, arguments in json.loads(sys.argv[1]):
    mode = os.stat(closed).st_mode
    os.chmod(closed, 0)
    errors, code = io.StringIO(), 0
    try:
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        os.chmod(closed, mode)
    print(json.dumps([code, errors.getvalue()]))
"""
"""Runs each command while its file or folder is closed, in one process, as most load torch."""


@dataclass(frozen=True)
class Case:
    """A command, the file or folder in the home that is closed, and the path that the error names."""

    command: str
    closed: str
    named: str


CASES = [
    Case("runs", "runs", "runs"),
    Case("runs show tiny", "runs/tiny", "runs/tiny"),
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
def test_what_may_not_be_read(home: Path, tiny_run: Path) -> None:
    """Root may read everything, so it gives that up first."""
    give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
    if give_up and not shutil.which("setpriv"):
        pytest.skip("root can't be kept out")
    (home / "text.txt").write_text("the dog saw the cat .\n" * 50)
    (home / "preset.toml").write_text("[training]\nepochs = 1\n")
    for folder in ("texts", "corpora/ptb"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    commands = [[str(home / case.closed), case.command.replace("HOME", str(home)).split()] for case in CASES]
    program = [*give_up, sys.executable, "-P", "-c", PROGRAM, json.dumps(commands)]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
    for case, line in zip(CASES, done.stdout.splitlines(), strict=True):
        code, errors = json.loads(line)
        assert code in {1, 2}, (case, errors)
        assert "Permission denied" in errors, (case, errors)
        assert case.named in errors, (case, errors)
        for untrue in ("missing", "No such file", "No corpus", "No run", "No trained model", "has no"):
            assert untrue not in errors, (case, errors)
