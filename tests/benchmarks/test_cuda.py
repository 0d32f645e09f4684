"""`python -m benchmarks.cuda` on a CPU: every section that needs no GPU prints its table and writes it down."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ("model.hidden_size=4", "model.num_layers=1", "training.num_steps=5", "training.threads=1")
SECTIONS = ("losses", "answers", "bits", "rates", "steps", "precisions", "batches", "tasks")


@pytest.mark.slow
@pytest.mark.process
def test_every_section_that_needs_no_gpu(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    command = [
        sys.executable,
        "-m",
        "benchmarks.cuda",
        "--device",
        "cpu",
        "--json",
        str(results),
        "--preset",
        "fast",
    ]
    command += ["--windows", "4", "--words", "1000", "--seconds", "0.01"]
    command += [argument for change in TINY for argument in ("--set", change)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stdout
    document = json.loads(results.read_text())
    assert (len(document["tables"]), document["failures"]) == (len(SECTIONS), [])
    bits = next(table for table in document["tables"] if table["title"].startswith("Bits"))
    assert {value for row in bits["rows"] for value in list(row.values())[1:]} == {"none"}
