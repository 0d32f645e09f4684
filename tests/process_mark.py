"""Enforce the mark `process`: without it, a test that starts a process fails; tests with screens get it."""

import inspect
import platform
import sys
from collections.abc import Iterator

import numpy.testing  # noqa: F401  (numpy 1 asks `lscpu` in a process as it is imported)
import pytest

FIXTURES = {"process", "terminal", "on_demo"}
"""A test that uses one of these is marked by it; `on_demo` starts none, but trains for many seconds."""
STARTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
FONT_LISTS = {"fc-list", "system_profiler"}
"""Programs by which matplotlib finds fonts, the first time on a machine."""

_forbidden = False


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not _forbidden or event not in STARTS:
        return
    if event != "subprocess.Popen" or arguments[0] not in FONT_LISTS:
        raise AssertionError(f"{event}: mark this test with @pytest.mark.process, for it starts a process")


platform.platform()  # asks `uname -p` in a process, once
sys.addaudithook(refuse)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        opens_screen = inspect.iscoroutinefunction(getattr(item, "function", None))
        if opens_screen or FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("process")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global _forbidden  # noqa: PLW0603  (an audit hook can't be removed)
    _forbidden = item.get_closest_marker("process") is None
    try:
        return (yield)
    finally:
        _forbidden = False
