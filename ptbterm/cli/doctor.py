"""`ptbterm doctor`: versions, device, threads, terminal and folders, for a bug report."""

import locale
import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from ptbterm import environment
from ptbterm.cli.options import DeviceOption, JsonOption
from ptbterm.terminal.text.safe_text import to_json, visible
from ptbterm.version import __version__

PACKAGES = ("torch", "numpy", "textual", "rich", "typer", "msgspec", "safetensors")


def command(device: DeviceOption = None, as_json: JsonOption = False) -> None:
    """Show versions, device, threads, terminal and folders, for a bug report."""
    facts = {**_versions(), **_machine(device or "auto"), **_terminal(), **_places()}
    if as_json:
        print(to_json(facts))
        return
    longest = max(map(len, facts))
    for name, value in facts.items():
        print(visible(f"{name:<{longest}}  {value}"))


def _versions() -> dict[str, object]:
    versions = {"ptbterm": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return dict(versions)


def _machine(device: str) -> dict[str, object]:
    import torch

    from ptbterm.cli.threads import use_requested_threads
    from ptbterm.model.device import choose_device
    from ptbterm.model.products import onednn_is_faster

    use_requested_threads(None)
    chosen = choose_device(device)
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    return {
        "device": f"{chosen} ({name})",
        "cores": os.cpu_count(),
        "usable cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": f"{os.getloadavg()[0]:.2f} (last minute)" if hasattr(os, "getloadavg") else "unknown",
        "threads": torch.get_num_threads(),
        "OpenMP waits": environment.waits(),
        "products": "oneDNN" if onednn_is_faster() else "torch's own",
    }


def _terminal() -> dict[str, object]:
    size = shutil.get_terminal_size()
    return {
        "terminal": environment.terminal_type(),
        "size": f"{size.columns} x {size.lines}" if sys.stdout.isatty() else "no terminal",
        "colors": environment.colors(),
        "encoding": f"{sys.stdout.encoding}, files {locale.getpreferredencoding(do_setlocale=False)}",
    }


def _places() -> dict[str, object]:
    from ptbterm.corpus.penn_treebank import is_installed
    from ptbterm.runs.catalog import list_runs

    home = environment.home()
    there = next(place for place in (home, *home.parents) if place.exists())
    return {
        "home": str(home),
        "free disk": f"{shutil.disk_usage(there).free / 1e9:.1f} GB",
        "runs": len(list_runs(environment.runs())),
        "penn treebank": "installed" if is_installed(environment.corpora() / "ptb") else "not installed",
        "offline": "yes (PTBTERM_OFFLINE)" if environment.is_offline() else "no",
    }
