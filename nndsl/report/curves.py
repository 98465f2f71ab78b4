"""The learning curves of a run, as pictures. They need matplotlib, the extra `plot`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.analysis.spec import Spec
from nndsl.live.model import History
from nndsl.report.drawing import SERIES, log_scale, save, spans_magnitudes, themed
from nndsl.report.page import Picture
from nndsl.report.smoothing import smoothed
from nndsl.report.verdict import show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLORS = dict(zip(("training", "validation"), SERIES, strict=False))
_MARKED = 30  # epochs: up to so many, each has a point
_SMOOTHED = 60  # epochs: from so many on, a smoothed curve stands beside the raw one
_ROOM = 0.1  # of the axis, above the highest value: words stand there


def draw_curves(spec: Spec, history: History, folder: Path) -> list[Picture]:
    """Draw the loss, and each metric, over the epochs into a folder; return them for a page.

    ImportError where matplotlib is not installed, OSError where a file cannot be written.
    """
    pictures = []
    with themed():
        from matplotlib.figure import Figure

        for quantity, curves in _quantities(history).items():
            figure = Figure()
            _draw(figure.add_subplot(), spec, quantity, history, curves)
            words = quantity.replace("_", " ")
            svg = save(figure, folder, quantity)
            pictures.append(Picture(words.capitalize(), svg, _caption(history, curves)))
    return pictures


def _caption(history: History, curves: dict[str, str]) -> str:
    first, last = history.rows[0], history.rows[-1]
    changes = [
        f"{show(first[name])} to {show(last[name])} in {part}" for part, name in curves.items()
    ]
    said = [f"From {', from '.join(changes)}."]
    if len(history.rows) >= _SMOOTHED:
        said.append("Thick: smoothed; thin: as measured.")
    if history.kept is not None:
        said.append(f"Dotted: epoch {history.kept}, whose weights are kept.")
    return " ".join(said)


def _quantities(history: History) -> dict[str, dict[str, str]]:
    """Return the columns of each quantity by the part of the data: loss, accuracy …"""
    quantities: dict[str, dict[str, str]] = {"loss": {"training": "loss"}}
    for name in history.names:
        part, _, quantity = name.partition("_")
        if part in _COLORS and quantity:
            quantities.setdefault(quantity, {})[part] = name
    return quantities


def _draw(axes: Axes, spec: Spec, quantity: str, history: History, curves: dict[str, str]) -> None:
    from matplotlib.ticker import MaxNLocator

    rows = history.rows
    epochs = [row["epoch"] for row in rows]
    values: list[float] = []
    for part, column in curves.items():
        curve = [row[column] for row in rows]
        values += [value for value in curve if math.isfinite(value)]
        color = _COLORS[part]
        if len(rows) >= _SMOOTHED:
            axes.plot(epochs, curve, color=color, linewidth=0.8, alpha=0.45)
            axes.plot(epochs, smoothed(curve), color=color, label=part)
        else:
            marker = "o" if len(rows) <= _MARKED else ""
            axes.plot(epochs, curve, color=color, marker=marker, markersize=3.5, label=part)
    chance = chance_loss(spec) if quantity == "loss" else None
    if chance is not None:
        _mark_chance(axes, chance, f"guessing: ln {spec.description.classes} = {chance:.2f}")
        values.append(chance)
    if history.kept is not None:
        axes.axvline(history.kept, color="0.4", linewidth=1, linestyle=":", zorder=0)
    words = quantity.replace("_", " ")
    if quantity == "loss":
        _scale_loss(axes, values)
    axes.set_title(f"{spec.name}: {words}")
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"{next(iter(curves))} {words}" if len(curves) == 1 else words)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if len(curves) > 1:
        axes.legend()


def _mark_chance(axes: Axes, chance: float, said: str) -> None:
    axes.axhline(chance, color="0.5", linewidth=1, linestyle="--", zorder=0)
    axes.text(
        1,
        chance,
        f"{said} ",
        transform=axes.get_yaxis_transform(),
        ha="right",
        va="bottom",
        color="0.35",
        fontsize=9.5,
    )


def _scale_loss(axes: Axes, values: Sequence[float]) -> None:
    lowest, highest = min(values, default=0.0), max(values, default=0.0)
    if spans_magnitudes(lowest, highest):
        log_scale(axes, axes.yaxis, lowest, highest)
        axes.set_ylim(top=highest * (highest / lowest) ** _ROOM)
    elif lowest >= 0:
        axes.set_ylim(0, highest * (1 + _ROOM))


def chance_loss(spec: Spec) -> float | None:
    """Return the loss of guessing among equally likely classes; None without classes."""
    train, classes = spec.train, spec.description.classes
    if train is None or train.loss.targets != "classes" or not classes:
        return None
    return math.log(classes)
