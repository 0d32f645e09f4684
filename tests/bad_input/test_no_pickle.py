"""Nothing that is read can run: no pickle, no eval, anywhere in our code; and a hostile pickle proves it."""

import ast
import pickle
from pathlib import Path

import pytest

import ptbterm as package
from ptbterm.checkpoints import load_checkpoint
from ptbterm.errors import PtbtermError
from tests.commands import Command

CODE = Path(package.__file__).parent
MODULES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "yaml"}
CALLS = {
    *("torch.load", "torch.save", "torch.jit.load", "torch.hub.load", "np.load", "numpy.load", "np.save"),
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen"),
}


def name_of(node: ast.expr) -> str:
    """Return a dotted name as written; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangers(source: str) -> list[str]:
    """Return what a source imports or calls that could run what it reads."""
    uses = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            uses += [alias.name for alias in node.names if alias.name.partition(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names} & CALLS
            uses += [*names, *({node.module or ""} & MODULES)]
        elif isinstance(node, ast.Call):
            uses += {name_of(node.func)} & CALLS
            uses += [f"{keyword.arg}=" for keyword in node.keywords if keyword.arg in {"allow_pickle", "shell"}]
    return uses


def test_our_code_neither_unpickles_nor_evaluates() -> None:
    sources = sorted(CODE.rglob("*.py"))
    assert len(sources) > 80
    assert {str(source): dangers(source.read_text()) for source in sources if dangers(source.read_text())} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from torch import load",
        "import torch\ntorch.load('x')",
        "np.load(path, allow_pickle=True)",
        "exec(text)",
        "subprocess.run(line, shell=True)",
    ],
)
def test_what_would_be_found(source: str) -> None:
    assert dangers(source)


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (self.place,))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_named_like_a_checkpoint_does_not_run(tmp_path: Path, protocol: int) -> None:
    exploded = tmp_path / "exploded"
    file = tmp_path / "last.safetensors"
    file.write_bytes(pickle.dumps(Bomb(exploded), protocol))
    with pytest.raises(PtbtermError, match="can't be read"):
        load_checkpoint(file)
    assert not exploded.exists()
    pickle.loads(file.read_bytes())
    assert exploded.exists()  # it would have


@pytest.mark.parametrize("command", [["eval"], ["generate"], ["chat"], ["score"], ["resume", "--view", "plain"]])
def test_no_command_runs_it(ptbterm: Command, tiny_run: Path, tmp_path: Path, command: list[str]) -> None:
    import torch

    exploded = tmp_path / "exploded"
    for file in ("best.safetensors", "last.safetensors", "previous.safetensors"):
        torch.save({"model.embedding": Bomb(exploded)}, tiny_run / "checkpoints" / file)
    for file in ("vocabulary.txt", "trainer.json"):
        (tiny_run / file).write_bytes(pickle.dumps(Bomb(exploded)))
    result = ptbterm(*command, stdin="the company\n")
    assert (result.exit_code, exploded.exists()) == (1, False)
