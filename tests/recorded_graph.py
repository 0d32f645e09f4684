"""A CUDA graph on a CPU: torch's operations are recorded as they run, and replayed into the memory they wrote."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch.utils import _pytree
from torch.utils._python_dispatch import TorchDispatchMode


class RecordedGraph(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Takes the place of `torch.cuda.CUDAGraph`; what is drawn while recording is taken back."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._calls: list[tuple[Callable[..., Any], Any, Any, Any]] = []
        self._streams: list[torch.Generator] = []

    def register_generator_state(self, stream: torch.Generator) -> None:
        self._streams.append(stream)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        outputs = func(*args, **(kwargs or {}))
        self._calls.append((func, args, kwargs or {}, outputs))
        return outputs

    @contextmanager
    def recording(self) -> Iterator[None]:
        states = [stream.get_state() for stream in self._streams]
        with self:
            yield
        for stream, state in zip(self._streams, states, strict=True):
            stream.set_state(state)

    @torch.no_grad()
    def replay(self) -> None:
        for func, args, kwargs, recorded in self._calls:
            outputs = func(*args, **kwargs)
            for old, new in zip(_memory(recorded), _memory(outputs), strict=True):
                if old.data_ptr() != new.data_ptr():
                    old.copy_(new)


def _memory(outputs: object) -> Iterator[torch.Tensor]:
    """Yield the dense tensors that an operation returned, those within sparse ones too."""
    for leaf in _pytree.tree_leaves(outputs):
        if isinstance(leaf, torch.Tensor):
            yield from (leaf._indices(), leaf._values()) if leaf.is_sparse else (leaf,)


@pytest.fixture
def graphs_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "CUDAGraph", RecordedGraph)
    monkeypatch.setattr(torch.cuda, "graph", RecordedGraph.recording)
    monkeypatch.setattr(torch.cuda, "device", lambda _: nullcontext())
