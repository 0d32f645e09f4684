"""Makes the pictures of the chat in this folder, with the model of a run: `python assets/make_chat.py RUN`."""

import asyncio
import sys
from pathlib import Path

from ptbterm import environment as locations
from ptbterm.cli.chat import model_info_of
from ptbterm.inference.completion import Completer
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.run import Run, find_run
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.screen import Chat

HERE = Path(__file__).parent
SIZES = ((80, 24), (120, 36))
TEXTS = {"next-word": "the company's shares rose 12 %\nthis is an ", "completion": "this is an ec"}


async def picture(run: Run, size: tuple[int, int], name: str, text: str) -> None:
    """Save what the chat shows of a text."""
    app = PtbtermApp(Chat(model_info_of(run), lambda: Completer(load_run(run).predictor)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(2.0)
        pilot.app.screen.query_one("#context").insert(text)  # type: ignore[attr-defined]
        await pilot.pause(1.0)
        columns, rows = size
        file = HERE / f"chat-{name}-{columns}x{rows}.svg"
        file.write_text(app.picture(), encoding="utf-8")
        print(file)


def main() -> None:
    """Type two texts into a chat, at both sizes."""
    run = find_run(locations.runs(), sys.argv[1])
    for name, text in TEXTS.items():
        for size in SIZES:
            asyncio.run(picture(run, size, name, text))


if __name__ == "__main__":
    main()
