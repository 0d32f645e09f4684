"""Process-wide settings of torch: device, threads, precision, memory."""

import platform
import subprocess
import sys

import pytest
import torch

from ptbterm.errors import PtbtermError
from ptbterm.model.device import choose_device, use_precision, use_threads


def test_cpu() -> None:
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("has_cuda", "chosen"), [(True, "cuda"), (False, "cpu")])
def test_auto_is_cuda_else_the_cpu_and_never_mps(
    has_cuda: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device("auto") == torch.device(chosen)


@pytest.mark.parametrize("name", ["cuda:99", "cuda:99999"])
@pytest.mark.parametrize(("count", "seen"), [(0, "no CUDA device"), (1, "cuda:0"), (2, "cuda:0, cuda:1")])
def test_a_missing_device(name: str, count: int, seen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    with pytest.raises(PtbtermError, match=f"^Device {name} is not available: torch sees {seen}\\.$"):
        choose_device(name)


@pytest.mark.parametrize("name", ["nonsense", "mps", "cuda:-1", "cuda:", ""])
def test_an_invalid_device_name(name: str) -> None:
    with pytest.raises(PtbtermError) as error:
        choose_device(name)
    assert repr(name) in error.value.message
    assert "cuda:N" in error.value.hint


def test_threads() -> None:
    before = use_threads(0)
    try:
        assert use_threads(1) == 1
        assert use_threads(0) == 1
    finally:
        use_threads(before)


@pytest.mark.parametrize(("precision", "tf32"), [("highest", False), ("high", True), ("medium", True)])
def test_precision_is_that_of_cudnn_too(precision: str, tf32: bool) -> None:
    """Its own setting is True from the start."""
    try:
        use_precision(precision)
        assert torch.get_float32_matmul_precision() == precision
        assert torch.backends.cudnn.allow_tf32 == tf32
    finally:
        use_precision("highest")


FAULTS = """
import resource, torch
from ptbterm.model.device import keep_freed_memory
keep_freed_memory()
for _ in range(20):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(40_000_000)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.process
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator")
def test_memory_that_was_freed_is_taken_again_without_a_page_fault() -> None:
    """160 MB are more than glibc keeps by itself."""
    ended = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    first, *_, last = map(int, ended.stdout.split())
    assert first > 1000
    assert last == 0
