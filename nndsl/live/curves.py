"""Learning curves, as pictures. They need matplotlib, the extra `plot`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.files import write_bytes
from nndsl.live.model import History, Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("png", "svg")
_COLORS = {"training": "#3b6ea5", "validation": "#d1662a"}
_LARGE_RATIO = 20  # between the largest and the smallest value: then the axis is logarithmic


def save_curves(model: Model, history: History, folder: Path) -> list[Path]:
    """Draw the loss, and each metric, over the epochs; return the files that were written.

    ImportError where matplotlib is not installed, OSError where a file cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    written = []
    for quantity, curves in _quantities(history).items():
        with rc_context({"font.size": 10, "svg.fonttype": "none", "svg.hashsalt": quantity}):
            figure = Figure(figsize=(6.4, 4), dpi=150, layout="constrained")
            _draw(figure.add_subplot(), model, quantity, history.rows, curves)
            for form in FORMATS:
                path = folder / f"{quantity}.{form}"
                metadata = {"Date": None} if form == "svg" else None  # same run, same picture
                write_bytes(path, partial(figure.savefig, format=form, metadata=metadata))
                written.append(path)
    return written


def _quantities(history: History) -> dict[str, dict[str, str]]:
    """Return the columns of each quantity by the part of the data: loss, accuracy …"""
    quantities: dict[str, dict[str, str]] = {"loss": {"training": "loss"}}
    for name in history.names:
        part, _, quantity = name.partition("_")
        if part in _COLORS and quantity:
            quantities.setdefault(quantity, {})[part] = name
    return quantities


def _draw(
    axes: Axes,
    model: Model,
    quantity: str,
    rows: Sequence[dict[str, float]],
    curves: dict[str, str],
) -> None:
    from matplotlib.ticker import LogLocator, MaxNLocator

    epochs = [row["epoch"] for row in rows]
    marker = "o" if len(rows) <= 30 else ""
    values: list[float] = []
    for part, column in curves.items():
        curve = [row[column] for row in rows]
        values += curve
        axes.plot(epochs, curve, color=_COLORS[part], marker=marker, markersize=3.5, label=part)
    chance = _chance(model) if quantity == "loss" else None
    if chance is not None:
        axes.axhline(chance, color="0.6", linewidth=1, linestyle="--", zorder=0)
        said = f"guessing: ln {model.spec.description.classes} = {chance:.2f}"
        axes.text(
            1,
            chance,
            f"{said} ",
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="bottom",
            color="0.4",
            fontsize=9,
        )
        values.append(chance)
    lowest, highest = min(values), max(values)
    if quantity == "loss" and 0 < lowest * _LARGE_RATIO < highest:
        axes.set_yscale("log")
        between = (1.0, 2.0, 5.0) if highest < lowest * 1000 else (1.0,)
        axes.yaxis.set_major_locator(LogLocator(subs=between))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    elif quantity == "loss" and lowest >= 0:
        axes.set_ylim(bottom=0)
    axes.set_title(f"{model.spec.name}: {quantity.replace('_', ' ')}", loc="left", fontsize=11)
    axes.set_xlabel("epoch")
    only = f"{next(iter(curves))} " if len(curves) == 1 else ""
    axes.set_ylabel(only + quantity.replace("_", " "))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if len(curves) > 1:
        axes.legend(frameon=False)


def _chance(model: Model) -> float | None:
    """Return the loss of guessing among equally likely classes; None without classes."""
    train, classes = model.spec.train, model.spec.description.classes
    if train is None or train.loss.targets != "classes" or not classes:
        return None
    return math.log(classes)
