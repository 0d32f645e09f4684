"""One version of ptbterm at work in a process of its own."""

import itertools
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.compare_behavior.cases import Case, Command, write_text
from scripts.compare_behavior.served import Done


class Program:
    """One version of ptbterm, with a home and a copy of the text; its processes are forks with torch loaded."""

    def __init__(self, place: str, folder: Path, threads: int, settings: Sequence[str]) -> None:
        checkout = Path(place).absolute()
        python = checkout / ".venv/bin/python" if checkout.is_dir() else checkout
        self.folder = folder
        self.settings = settings
        environment = os.environ | {
            "PTBTERM_HOME": str(folder / "home"),
            "PTBTERM_OFFLINE": "1",
            "OMP_NUM_THREADS": str(threads),
            "OMP_WAIT_POLICY": "passive",  # threads that spin starve each other on a busy machine
            "COLUMNS": "80",
            "PYTHONPATH": str(checkout) if checkout.is_dir() else "",
        }
        if not folder.exists():
            write_text(
                folder / "text", 700
            )  # the least that the notebook's 30 rows of 20 steps can be evaluated on
            write_text(folder / "short", 60)
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__).absolute().with_name("served.py"))],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, case: Case) -> None:
        """Begin with the commands of a case."""
        commands = [
            {"arguments": [*command.arguments, *self._extra(command)], "stdin": command.stdin}
            for command in case.commands
        ]
        assert self._process.stdin
        self._process.stdin.write(json.dumps(commands) + "\n")
        self._process.stdin.flush()

    def results(self) -> list[Done]:
        """Wait until the commands have run."""
        assert self._process.stdout
        replies = json.loads(self._process.stdout.readline())
        return [
            Done(code, *(text.replace(str(self.folder), "FOLDER") for text in texts)) for code, *texts in replies
        ]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _extra(self, command: Command) -> Iterable[str]:
        if command.arguments[0] != "train":
            return ()
        return itertools.chain.from_iterable(("--set", setting) for setting in self.settings)
