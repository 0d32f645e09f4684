"""Many at once: first downloads, chats, and runs that are deleted or renamed while somebody watches them.

    python -m tests.torture.crowd FOLDER [downloads] [chats] [watched] --times 10 --seed 1 --ptb DIRECTORY

downloads: four first downloads of the Penn Treebank in --ptb, from a server here. chats: eight chats with one run.
watched: a dashboard, whose run is deleted or renamed at a random moment, while it trains or not.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ptbterm.corpus.penn_treebank import SHA256, is_installed
from tests.cli.terminals import Terminal
from tests.corpus.downloads import tgz
from tests.corpus.http_server import Served, serving
from tests.training.tiny_runs import write_corpus

PTBTERM = [sys.executable, "-P", "-m", "ptbterm"]
TINY = [
    *("--preset", "small", "--view", "none", "--set", "model.hidden_size=16"),
    *("--set", "training.batch_size=4", "--set", "training.num_steps=5", "--set", "training.threads=1"),
]
LONG = ["--set", "training.windows=1000000"]


def downloads(home: Path, ptb: Path) -> None:
    """Download the Penn Treebank four times at once, into a home that does not exist."""
    with serving() as server:
        server.files["/ptb.tgz"] = Served(tgz({name: (ptb / name).read_bytes() for name in SHA256}))
        students = [start(home, "download", "--url", f"{server.url}/ptb.tgz") for _ in range(4)]
        for student in students:
            printed, _ = student.communicate()
            assert student.returncode == 0, printed
            assert "3 files verified" in printed, printed
        asked = len(server.asked)
    assert asked == 1, f"downloaded {asked} times"
    assert is_installed(home / "corpora" / "ptb")
    assert {path.name for path in (home / "corpora").iterdir()} == {"ptb", ".ptb.lock"}


def chats(home: Path, chance: random.Random) -> None:
    """Chat with one run in eight terminals at once; each shows the same words."""
    corpus = train(home, "chatty")
    shutil.rmtree(home / "ids")
    terminals = [Terminal(home, "chat", "chatty") for _ in range(8)]
    context = " ".join(chance.choices((corpus / "valid.txt").read_text().split(), k=3))
    for terminal in terminals:
        terminal.until("entropy")
        terminal.press(f"{context} ")
    screens = {terminal.until(rf"(?m)read as.*{context} *$") for terminal in terminals}
    for terminal in terminals:
        terminal.press("\x11")
        code, left = terminal.end()
        assert code == 0, left
    assert len(screens) == 1, "\n".join(screens)


def watched(home: Path, chance: random.Random) -> None:
    """Delete or rename a run that somebody watches, and leave."""
    is_training = chance.random() < 0.5
    trainer = start_training(home, "watched", *(LONG if is_training else []))
    run = home / "runs" / "watched"
    if not is_training:
        assert trainer.wait() == 0
    while not (run / "events.jsonl").exists():
        assert trainer.poll() in {None, 0}
        time.sleep(0.05)
    terminal = Terminal(home, "watch", "watched", size=chance.choice([(80, 24), (140, 42), (40, 10)]))
    terminal.until(r"running|finished")
    terminal.press(chance.choice(["", "?", "2", "l"]))
    time.sleep(chance.uniform(0, 1))
    if chance.random() < 0.5:
        run.rename(home / "runs" / "renamed")
    elif is_training:
        shutil.rmtree(run, ignore_errors=True)
    else:
        assert start(home, "runs", "delete", "watched", "--yes").wait() == 0
    time.sleep(chance.uniform(0, 2))
    assert terminal.child.isalive(), terminal.text
    terminal.press("\x1b")  # closes help, if it is open
    time.sleep(1)
    terminal.press("q")
    code, left = terminal.end()
    assert code == 0, left
    assert "Traceback" not in left, left
    if is_training:
        printed, _ = trainer.communicate(timeout=60)
        assert trainer.returncode == 1, printed
        assert "Traceback" not in printed, printed
    assert not run.exists(), [str(path) for path in run.rglob("*")]


def train(home: Path, name: str, *options: str) -> Path:
    """Train a run to its end; return the folder of its text."""
    trainer = start_training(home, name, *options)
    assert trainer.wait() == 0
    return home / "corpus"


def start_training(home: Path, name: str, *options: str) -> "subprocess.Popen[str]":
    corpus = write_corpus(home / "corpus", train_sentences=40)
    return start(home, "train", "--corpus", str(corpus), "--name", name, *TINY, *options)


def start(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PTBTERM, *arguments],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"PTBTERM_HOME": str(home), "PTBTERM_OFFLINE": "0"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("works", nargs="*", help="all by default")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ptb", type=Path, help="a folder with the Penn Treebank, for downloads")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {chosen.seed}", flush=True)
    for name in chosen.works or [*(["downloads"] if chosen.ptb else []), "chats", "watched"]:
        begun, chance = time.monotonic(), random.Random(f"{chosen.seed} {name}")
        for _ in range(chosen.times):
            with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
                home = Path(folder) / "home"
                if name == "downloads":
                    downloads(home, chosen.ptb)
                else:
                    {"chats": chats, "watched": watched}[name](home, chance)
        print(f"{name:10} {chosen.times} times, {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
