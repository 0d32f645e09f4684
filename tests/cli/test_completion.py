"""Names of folders reach the shell only if it can't execute parts of them."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from ptbterm.cli.options import complete_runs
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.catalog import find_run, latest_first, list_runs
from ptbterm.terminal.text.hints import hint_for

HOSTILE = (
    *(
        "x$(touch PWNED)",
        "x`touch PWNED`",
        "x\\$(touch PWNED)",
        "x;touch PWNED",
        "x|touch PWNED",
        "x'$(touch PWNED)'",
    ),
    *('x"$(touch PWNED)"', "x\ntouch PWNED\n", "x y", "x{a,b}", "x*", "~", "-x", "!!", "x:y", "x\u202ey"),
)
SCRIPTS = Path(sysconfig.get_path("scripts"))

ZSH = """
_arguments() { names=${1#*\\(\\(}; eval "names=( ${names%%\\)\\)} )"; print -rl -- $names }
eval "$(env _TYPER_COMPLETE_ARGS='ptbterm eval ' _PTBTERM_COMPLETE=complete_zsh ptbterm)"
"""
"""What the function that `ptbterm --show-completion zsh` prints does on TAB; _arguments evaluates its list."""

BASH = """
IFS=$'\n'
COMPREPLY=( $(env COMP_WORDS='ptbterm eval ' COMP_CWORD=2 _PTBTERM_COMPLETE=complete_bash ptbterm) )
for name in "${COMPREPLY[@]}"; do eval ": $name"; done
echo "${COMPREPLY[*]}"
"""
"""The same for bash, and Enter after each of the names."""


@pytest.fixture(params=HOSTILE)
def hostile(tiny_run: Path, request: pytest.FixtureRequest) -> Path:
    """A run beside `tiny` whose name a shell would take for more than a name."""
    return Path(shutil.copytree(tiny_run, tiny_run.with_name(request.param)))


def test_only_valid_names_are_listed_completed_and_opened(hostile: Path) -> None:
    assert complete_runs("") == ["tiny"]
    assert [run.name for run in latest_first(list_runs(hostile.parent))] == ["tiny"]
    assert find_run(hostile.parent, None).name == "tiny"  # the newest
    assert find_run(hostile.parent, "t").name == "tiny"
    with pytest.raises(PtbtermError):
        find_run(hostile.parent, hostile.name)
    with pytest.raises(PtbtermError, match="is not a valid name for a run") as refused:
        find_run(hostile.parent, str(hostile))
    assert "Rename its folder" in hint_for(refused.value)


@pytest.mark.process
@pytest.mark.parametrize(("shell", "completion"), [("zsh", ZSH), ("bash", BASH)])
def test_no_shell_executes_a_name(tiny_run: Path, tmp_path: Path, shell: str, completion: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    for name in HOSTILE:
        shutil.copytree(tiny_run, tiny_run.with_name(name))
    here = tmp_path / "here"
    here.mkdir()
    environment = {"PTBTERM_HOME": str(tiny_run.parents[1]), "PATH": f"{SCRIPTS}:/usr/bin:/bin"}
    options = {"cwd": here, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run([shell, "-c", completion], check=False, **options)  # type: ignore[call-overload]
    assert "tiny" in done.stdout, done.stderr
    assert list(here.iterdir()) == []


def test_a_name_in_a_command_to_paste_is_quoted() -> None:
    error = PtbtermError("It stopped.", next_step=NextStep.RESUME, run="x$(touch PWNED)")
    assert hint_for(error) == "Resume it: ptbterm resume 'x$(touch PWNED)'"
