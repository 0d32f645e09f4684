"""The public names of `import ptbterm`, which imports no torch."""

import subprocess
import sys

import pytest

import ptbterm
from ptbterm import errors
from ptbterm.inference import embeddings, generation, trained_model
from ptbterm.runs import events

LOOK = """
import sys
import ptbterm
assert ptbterm.PtbtermError and ptbterm.NextWord and ptbterm.__version__
print(sorted({"torch", "numpy", "typer", "rich"} & sys.modules.keys()))
"""


@pytest.mark.process
def test_importing_the_package_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.process
def test_screens_draw_without_torch() -> None:
    imports = "import sys, ptbterm.inference.answer, ptbterm.inference.embeddings, ptbterm.inference.word_map"
    code = f"{imports}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_public_names() -> None:
    assert ptbterm.load is trained_model.load
    assert ptbterm.TrainedModel is trained_model.TrainedModel
    assert ptbterm.Neighbor is embeddings.Neighbor
    assert ptbterm.Sampling is generation.Sampling
    assert ptbterm.NextWord is events.NextWord
    assert ptbterm.PtbtermError is errors.PtbtermError
    names = [
        "Neighbor",
        "NextWord",
        "PtbtermError",
        "Sampling",
        "TrainedModel",
        "WordSurprisal",
        "__version__",
        "load",
    ]
    assert dir(ptbterm) == names


def test_other_names() -> None:
    with pytest.raises(AttributeError, match="module 'ptbterm' has no attribute 'lode'"):
        ptbterm.lode  # noqa: B018
