"""Runs commands of one version of ptbterm, each in a fork with torch loaded; the standard library alone."""

import importlib
import json
import os
import pkgutil
import runpy
import sys
from pathlib import Path
from typing import NamedTuple


class Done(NamedTuple):
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


def serve() -> None:
    """Run the commands that stdin lists, each in a fork of this process, which has imported everything."""
    package = importlib.import_module("ptbterm")
    for module in pkgutil.walk_packages(package.__path__, "ptbterm."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    importlib.import_module("torch._dynamo")  # torch.optim imports it at its first step
    for line in sys.stdin:
        replies = [run_forked(command["arguments"], command["stdin"]) for command in json.loads(line)]
        print(json.dumps(replies), flush=True)


def run_forked(arguments: list[str], stdin: str) -> Done:
    """Run `ptbterm ARGUMENTS...` in a fork, its streams in files."""
    names = [Path(f"stream-{name}") for name in ("in", "out", "err")]
    names[0].write_text(stdin)
    child = os.fork()
    if not child:
        for number, (name, flags) in enumerate(
            zip(names, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_TRUNC] * 2), strict=True)
        ):
            os.dup2(os.open(name, flags), number)
        sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in enumerate("rww"))  # noqa: PTH123, SIM115
        run_here(arguments)
    _, status = os.waitpid(child, 0)
    return Done(os.waitstatus_to_exitcode(status), names[1].read_text(), names[2].read_text())


def run_here(arguments: list[str]) -> None:
    """Run `ptbterm ARGUMENTS...` as the end of this process."""
    code = 0
    sys.argv = ["ptbterm", *arguments]
    try:
        runpy.run_module("ptbterm", run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
