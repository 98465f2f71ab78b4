"""The files and figures of a record: distributions by layer, and curves over the epochs.

Figures need matplotlib, the extra `plot`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from nndsl.languages import said
from nndsl.live.recording.histogram import Array
from nndsl.live.recording.record import Record, Series
from nndsl.live.recording.sentences import brief, sentences
from nndsl.report.drawing import HALF, NEEDED, SERIES, WHOLE, log_scale, save, themed
from nndsl.report.page import Part, Picture, Table, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")

BINS = 30
MAX_PANELS = 5  # side by side
TAIL = 0.005  # the share of the values of a layer that may lie beyond each end of an axis
TALL = 3  # a bar that is so many times as high as the next is cut, and labelled
LOW = 0.02  # unless the next one holds less than this share
SMALL = 8.5  # points, of the text in a panel


def report_record(record: Record, folder: Path) -> list[Part]:
    """Write record.npz, record.csv and the figures; return the parts of a page about them.

    OSError where a file cannot be written.
    """
    record.save(folder)
    note = (
        f"Before training and after each epoch, on a fixed batch of {record.examples:,} examples "
        "of the training part. record.csv and record.npz hold all numbers."
    )
    rows = tuple((said(sentence),) for sentence in sentences(record))
    parts: list[Part] = [Table("What was recorded", ("what the numbers say",), rows, note)]
    try:
        parts += draw_record(record, folder)
    except ImportError:
        parts.append(Text("Figures of the record", (f"There are none here: {NEEDED}",)))
    return parts


def draw_record(record: Record, folder: Path) -> Iterator[Picture]:
    """Draw the records of each instrument; write and yield the figures.

    ImportError where matplotlib is not installed, OSError where a file cannot be written.
    """
    for word in dict.fromkeys(word for word, _ in record.series):
        series = record.of(word)
        if series[0].instrument.shows_distribution:
            yield _distributions(word, _told_apart(series), record, folder)
        curve = series[0].instrument.curve
        drawn = [s for s in series if any(value > 0 for value in s.over_epochs(curve)[1])]
        if drawn and record.last > 0:
            yield _curves(word, _told_apart(drawn), _told_apart(series), folder)


def _told_apart(series: list[Series]) -> list[Series]:
    """Return the series of activations and weights, or all if there are none."""
    return [s for s in series if s.is_nonlinear or s.is_weight] or series


def evenly_spaced(things: Sequence[T], most: int) -> list[T]:
    """Return at most so many items, evenly spaced from the first to the last."""
    if len(things) <= most:
        return list(things)
    return [things[round(i * (len(things) - 1) / (most - 1))] for i in range(most)]


def _of_all(shown: Sequence[T], everything: Sequence[T]) -> str:
    missing = len(shown) < len(everything)
    return f" {len(shown)} of {len(everything)} are shown." if missing else ""


# --- Distributions ----------------------------------------------------------------------


def _distributions(word: str, series: list[Series], record: Record, folder: Path) -> Picture:
    from matplotlib.figure import Figure

    shown = evenly_spaced(series, MAX_PANELS)
    epochs = [0, record.last] if record.last else [0]
    with themed():
        figure = Figure(figsize=(WHOLE[0], 0.4 + 2.0 * len(epochs)))
        grid = figure.subplots(len(epochs), len(shown), squeeze=False)
        for row, epoch in zip(grid, epochs, strict=True):
            edges = shared_bins(shown, epoch)
            for axes, one in zip(row, shown, strict=True):
                draw_panel(axes, one, epoch, edges)
            row[0].set_ylabel(f"after epoch {epoch}" if epoch else "before training")
        for axes, one in zip(grid[0], shown, strict=True):
            label = f" {one.layer}" if one.instrument.watches == "layers" else ""
            axes.set_title(f"{one.name}{label}", fontsize=10)
        svg = save(figure, folder, f"record-{word}")
    caption = (
        f"Of all values on a fixed batch of {record.examples:,} examples, in training mode. In a "
        "row all panels have the same axis; what lies beyond it is said."
        if series[0].instrument.watches == "layers"
        else "Of all entries. In a row all panels have the same axis; what lies beyond it is said."
    )
    return Picture(f"Distribution: {word}", svg, caption + _of_all(shown, series))


def shared_bins(series: list[Series], epoch: int) -> Array:
    """Return bins over the bounds of the layers, else over all values but their tails."""
    histograms = [one.histograms[epoch] for one in series if epoch in one.histograms]
    ranges = [histogram.without_tails(TAIL) for histogram in histograms] or [(0.0, 1.0)]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    bounds = {one.bounds for one in series}
    if len(bounds) == 1 and all(map(math.isfinite, series[0].bounds)):
        low, high = series[0].bounds
    margin = 1e-6 * max(high - low, abs(high), 1e-30)  # values on an edge are inside
    return np.linspace(low - margin, high + margin, BINS + 1)


def draw_panel(axes: Axes, series: Series, epoch: int, edges: Array) -> None:
    """Draw one distribution, with its spread and its shares of zeros and of values beyond."""
    from matplotlib.ticker import MaxNLocator

    found = series.histograms.get(epoch)
    shares = found.shares(edges) if found is not None else np.zeros(len(edges) - 1)
    axes.stairs(shares, edges, fill=True, color=SERIES[0], linewidth=0)
    tallest, next_tallest = np.sort(shares)[[-1, -2]]
    top = max(float(tallest), 1e-9)
    if next_tallest > LOW and tallest > TALL * next_tallest:
        top = TALL * float(next_tallest) / 1.5
    axes.set_ylim(0, 1.25 * top)
    axes.set_xlim(edges[0], edges[-1])
    labels = [f"std {brief(series.at(epoch, 'std'))}"]
    zero = series.at(epoch, "zero")
    labels += [f"{_percent(zero)} zeros"] if zero > 0 else []
    beyond = 1 - float(shares.sum())
    labels += [f"{_percent(beyond)} beyond"] if beyond > 1e-6 else []
    half = len(shares) // 2
    side = "left" if shares[half:].max() > 1.5 * shares[:half].max() else "right"
    words: dict[str, Any] = {"va": "top", "fontsize": SMALL, "color": "0.25"}
    place = 0.98 if side == "right" else 0.02
    if tallest > 1.25 * top:  # the bar is cut: write its height
        labels.insert(0, "")
        at, high = int(shares.argmax()), f"↑{_percent(float(tallest))}"
        if side == "right":
            axes.text(edges[at + 1], 1.22 * top, f" {high}", ha="left", **words)
        else:
            axes.text(edges[at], 1.22 * top, f"{high} ", ha="right", **words)
    axes.text(place, 0.98, "\n".join(labels), transform=axes.transAxes, ha=side, **words)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda part, _: f"{100 * part:g}%")
    axes.tick_params(labelsize=SMALL)


# --- Curves over the epochs -------------------------------------------------------------


def _curves(word: str, series: list[Series], watched: list[Series], folder: Path) -> Picture:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    instrument = series[0].instrument
    shown = evenly_spaced(series, len(SERIES))
    values: list[float] = [instrument.usual] if instrument.usual else []
    with themed():
        figure = Figure(figsize=HALF)
        axes = figure.add_subplot()
        for one, color in zip(shown, SERIES, strict=False):
            epochs, curve = one.over_epochs(instrument.curve)
            is_log = instrument.curve_scale == "log"
            pairs = [(e, v) for e, v in zip(epochs, curve, strict=True) if v > 0 or not is_log]
            values += [value for _, value in pairs]
            axes.plot(
                [epoch for epoch, _ in pairs],
                [value for _, value in pairs],
                color=color,
                marker="o" if len(pairs) <= 30 else "",
                markersize=3.5,
                label=one.name,
            )
        if instrument.curve_scale == "log":
            log_scale(axes, axes.yaxis, min(values), max(values))
        elif instrument.curve_scale == "share":
            axes.set_ylim(0, min(1.02, max(0.05, 1.15 * max(values))))
            axes.yaxis.set_major_formatter(lambda part, _: f"{100 * part:g}%")
        if instrument.usual:
            axes.axhline(instrument.usual, color="0.5", linewidth=1, linestyle="--", zorder=0)
            axes.text(
                0.99,
                instrument.usual,
                f"usual: {instrument.usual:g}",
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="bottom",
                color="0.35",
                fontsize=SMALL,
            )
        axes.set_title(instrument.curve_title)
        axes.set_xlabel("epoch (0: before training)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        figure.legend(loc="outside right upper")
        svg = save(figure, folder, f"record-{word}-{instrument.curve}")
    title = instrument.curve_title[:1].upper() + instrument.curve_title[1:]
    zero = [
        one.name for one in watched if one not in series and one.over_epochs(instrument.curve)[0]
    ]
    none = f"0 throughout, and not drawn: {', '.join(zero)}." if zero else ""
    return Picture(title, svg, f"{none}{_of_all(shown, series)}".strip())


def _percent(part: float) -> str:
    """Return a share as text: `51%`, `0.4%`."""
    return f"{part:.0%}" if part >= 0.095 or part == 0 else f"{100 * part:.1g}%"
