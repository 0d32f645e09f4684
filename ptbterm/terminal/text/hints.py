"""What to do about an error: its own hint, and the command that takes the next step."""

import errno
import shlex
from pathlib import Path

from ptbterm import environment
from ptbterm.errors import NextStep, PtbtermError

COMMANDS = {
    NextStep.TRAIN_DEMO: "Train one on the demo corpus (0.5 to 2 minutes): ptbterm train --preset demo",
    NextStep.RESUME: "Resume it: ptbterm resume {run}",
    NextStep.RESUME_THAT: "Resume that run: ptbterm resume {run}",
    NextStep.RESUME_CHANGED: "Resume it with a lower value: ptbterm resume {run} --set {change}",
    NextStep.TRAIN_ON: "If it is not training, train it further: ptbterm resume {run}",
    NextStep.TRAIN_LONGER: "Train it longer: ptbterm resume {run} --set {change}",
    NextStep.RETRAIN: "Use that version, or train again: ptbterm train --preset {settings_file}",
    NextStep.TRAIN_NEW: "Train a new run with the same settings: ptbterm train --preset {settings_file}",
    NextStep.TRAIN_CHANGED: (
        "Train a new run with a smaller value: ptbterm train --preset {settings_file} --set {change}"
    ),
    NextStep.WATCH: "Watch it: ptbterm watch {run}",
    NextStep.STOP: "Stop it: ptbterm runs stop {run}",
    NextStep.SHOW: "Show what is recorded: ptbterm runs show {run}",
    NextStep.LIST_SETTINGS: "List all settings: ptbterm presets fast",
    NextStep.LIST_RUNS: "List the runs: ptbterm runs",
    NextStep.OTHER_CORPUS: (
        "Download it from another URL: ptbterm download --url URL. Or train on your own copy of its three files "
        "with --corpus FOLDER, or on the built-in text with --corpus demo."
    ),
    NextStep.SET: "--set {change}",
    NextStep.SMALLER_WINDOWS: "--set training.batch_size={rows} --set training.num_steps={steps}",
    NextStep.TEXT_COLUMN: "--text-column {column}",
    NextStep.TEXT_COLUMNS: "--text-column {first} --text-column {second}",
    NextStep.TEXT_COLUMNS_OR_NUMBERS: (
        "--text-column {first} --text-column {second}; if it is a pair, give their numbers: "
        "--text-column {first_number} --text-column {second_number}"
    ),
    NextStep.CHOOSE_TEXT_COLUMNS: (
        "or choose two columns with --text-column, by their numbers if there is no header."
    ),
    NextStep.SPLIT_SENTENCES: (
        "Put one sentence on each line: ptbterm corpus sentences {file} > sentences.txt. Or use a folder with "
        "train, valid and test text."
    ),
    NextStep.TOUR_FRESH_MODEL: "Take the tour with an untrained model: ptbterm tour --corpus PATH",
}


def hint_for(error: PtbtermError) -> str:
    """Return what to do about an error; empty if it says nothing about that."""
    details = {name: shlex.quote(value) for name, value in error.details.items()}  # it will be pasted
    command = COMMANDS[error.next_step].format(**details) if error.next_step else ""
    return f"{error.hint} {command}".strip()


def resume_command(run: str, change: str = "") -> str:
    """Return the command that resumes a run, with a setting (key=value) changed if one is given."""
    return f"ptbterm resume {run}" + (f" --set {shlex.quote(change)}" if change else "")


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def hint_for_system_error(error: OSError) -> str:
    """Return what to do about an error of the operating system; empty if that depends."""
    is_ours = bool(error.filename) and Path(str(error.filename)).is_relative_to(environment.home())
    if error.errno in _NO_SPACE:
        return "Free some space" + (", or set PTBTERM_HOME to a folder on another disk." if is_ours else ".")
    if error.errno in _NOT_ALLOWED:
        return "Set PTBTERM_HOME to a folder that you can write to." if is_ours else "Choose another place."
    if error.errno == errno.EMFILE:
        return "Raise the limit of open files: ulimit -n 4096"
    return ""
