"""The map as a picture, PNG or SVG, by matplotlib: a mark for each word, and its name where it fits."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ptbterm.errors import PtbtermError
from ptbterm.files import replacing
from ptbterm.terminal.screens.word_map.atlas import MEANING, Atlas
from ptbterm.terminal.text.symbols import UNICODE
from ptbterm.terminal.theme import LIGHT_PALETTE

INCHES, DOTS_PER_INCH = (14.0, 10.0), 150
SHAPES = "os^D*v"
FONT_SIZE, MARK_SIZE = 7.0, 4.0
APART = 4.0
"""Dots between a mark and its name."""
SHOWN = (-0.05, 1.05)
"""The range of x and y in the picture: the map is from 0 to 1."""

Box = npt.NDArray[np.float64]
"""Left, bottom, right, top in dots."""


def save_picture(atlas: Atlas, path: Path, kind: str) -> int:
    """Write the map as `kind` (png or svg) atomically; return how many words are named on it.

    Raises `PtbtermError` where matplotlib, of the extra `plots`, is missing.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure, names = figure_of(atlas)
        from matplotlib import rc_context  # noqa: PLC0415

        with rc_context({"svg.hashsalt": "ptbterm"}), replacing(path) as temporary:
            figure.savefig(temporary, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return len(names)


def figure_of(atlas: Atlas) -> tuple[Any, list[Any]]:
    """Return the figure, and the names on it as matplotlib has them; raises what `save_picture` raises."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise PtbtermError(
            "A picture needs matplotlib, which is not installed.", "Install it: pip install 'ptbterm[plots]'"
        ) from error
    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.93))
    axes.set_axis_off()
    axes.set(xlim=SHOWN, ylim=SHOWN)
    caption = f"{atlas.caption.run}, trained on {atlas.caption.corpus}: the {len(atlas):,} most frequent words"
    axes.set_title(f"{caption}. {MEANING}", fontsize=11, loc="left", parse_math=False)
    _mark(axes, atlas)
    return figure, _name(figure, axes, atlas)


def _mark(axes: Any, atlas: Atlas) -> None:
    """Draw the mark of each word; marks from the seventh on are hollow."""
    marks = np.array([atlas.mark_of(word) for word in range(len(atlas))])
    for mark in np.unique(marks).tolist():
        x, y = atlas.places[marks == mark].T
        color = LIGHT_PALETTE.hues[mark % len(LIGHT_PALETTE.hues)]
        axes.plot(
            x,
            1 - y,
            SHAPES[mark % len(SHAPES)],
            color=color,
            markersize=MARK_SIZE,
            markerfacecolor=color if mark < len(SHAPES) else "white",
            markeredgewidth=0.8,
        )


def _name(figure: Any, axes: Any, atlas: Atlas) -> list[Any]:
    """Write names beside marks where they fit, those of frequent words first; return them."""
    renderer = figure.canvas.get_renderer()
    places = atlas.places * (1, -1) + (0, 1)
    dots = axes.transData.transform(places)
    radius = MARK_SIZE * DOTS_PER_INCH / 72 / 2
    taken = np.hstack([dots - radius, dots + radius])
    names = []
    for word, dot in enumerate(dots):
        color = LIGHT_PALETTE.hues[atlas.mark_of(word) % len(LIGHT_PALETTE.hues)]
        text = axes.annotate(
            UNICODE.word(atlas.words.vocabulary[word]),
            places[word],
            (0, 0),
            textcoords="offset points",
            verticalalignment="bottom",
            fontsize=FONT_SIZE,
            color=color,
            parse_math=False,
        )
        extent = text.get_window_extent(renderer)
        box = _free_box(dot, extent.width, extent.height, radius, taken, axes.bbox.extents)
        if box is None:
            text.remove()
            continue
        text.set_position((box[:2] - dot) * 72 / DOTS_PER_INCH)  # points: an SVG has other dots
        taken = np.vstack([taken, box])
        names.append(text)
    return names


def _free_box(
    dot: npt.NDArray[np.float64], width: float, height: float, radius: float, taken: Box, room: Box
) -> Box | None:
    """Return the place of a name right, left, above or below its mark; None if all are taken."""
    away = radius + APART
    for across, up in (
        (away, -height / 2),
        (-away - width, -height / 2),
        (-width / 2, away),
        (-width / 2, -away - height),
    ):
        left, bottom = dot[0] + across, dot[1] + up
        right, top = left + width, bottom + height
        is_inside = room[0] <= left and room[1] <= bottom and right <= room[2] and top <= room[3]
        meets = (taken[:, 0] < right) & (taken[:, 2] > left) & (taken[:, 1] < top) & (taken[:, 3] > bottom)
        if is_inside and not meets.any():
            return np.array([left, bottom, right, top])
    return None
