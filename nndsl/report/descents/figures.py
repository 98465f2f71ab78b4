"""Figures of descents: paths over contours, on a curve, and f over the steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nndsl.live.descent import Array
from nndsl.report.descents.result import DescentResult, Region, contour_levels, shared_region
from nndsl.report.drawing import SERIES, WHOLE, log_scale, save, spans_magnitudes, themed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRID = 161  # points along each side of a contour figure
CURVE = 400
ARROWS = 15  # along each side
TANGENTS = 5  # at most so many along a curve
USUAL_ASPECT = 4 / 3
MAX_ASPECT = 2.5  # sides of a contour figure that differ by no more have one scale
MAX_VALUE = 1e200  # value that an axis is made for
PANEL_HEIGHT, SMALL_PANEL_HEIGHT = 3.8, 3.2  # inches: the height of a panel


def draw_paths(results: Sequence[DescentResult], folder: Path) -> str:
    """Draw each path in a panel of its own; write path.png and .svg, return the svg for a page.

    Paths that stay near share one range, so that they can be compared; one that diverges has its
    own. For one variable the path lies on the curve of f, for two on its contours, and where it is
    alone among arrows. ImportError where matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    columns = 1 if len(results) == 1 else 2 if len(results) <= 4 else 3
    rows = -(-len(results) // columns)
    converging = [result for result in results if not result.trajectory.has_diverged]
    shared = shared_region(converging) if len(results) > 1 and converging else None
    with themed():
        height = PANEL_HEIGHT if len(results) == 1 else SMALL_PANEL_HEIGHT
        width = _panel_width(shared or results[0].region, height)
        figure = Figure(figsize=(width * columns, height * rows))
        for position, result in enumerate(results, 1):
            axes = figure.add_subplot(rows, columns, position)
            region = shared if shared is not None and result in converging else result.region
            draw = _on_contours if len(result.trajectory.variables) == 2 else _on_curve
            draw(axes, result, region)
            if draw is _on_contours and len(results) == 1:
                _arrows(axes, result, region)
            axes.set_title(result.name)
            is_apart = shared is not None and result not in converging
            for note in filter(None, ["a range of its own" * is_apart, result.note]):
                axes.set_xlabel(f"{axes.get_xlabel()}\n({note})")
        return save(figure, folder, "path")


def draw_values(results: Sequence[DescentResult], folder: Path) -> str:
    """Draw f over the steps, a line for each: as far as it is shown, or all of one alone."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with themed():
        figure = Figure(figsize=WHOLE if len(results) > 1 else (5.6, 3.8))
        axes = figure.add_subplot()
        shown = []
        whole = len(results) == 1 and bool((results[0].trajectory.finite.values > 0).all())
        beyond = ""
        for index, result in enumerate(results):
            values = result.shown.values
            if whole:  # a logarithmic axis has room for everything but what is near infinity
                values = result.trajectory.finite.values
                values = values[: int((values < MAX_VALUE).cumprod().sum())]
                if len(values) < len(result.trajectory.values):
                    beyond = f" (after {len(values) - 1} f is beyond {MAX_VALUE:g})"
            color = SERIES[index % len(SERIES)]
            style = "-" if index < len(SERIES) else "--"
            axes.plot(
                values,
                style,
                color=color,
                marker="o" if len(values) <= 40 else "",
                markersize=3.5,
                label=result.name if whole or not result.note else f"{result.name} ({result.note})",
            )
            shown.append(values)
        values = np.concatenate(shown)
        lowest, highest = float(values.min()), float(values.max())
        if spans_magnitudes(lowest, highest):
            log_scale(axes, axes.yaxis, lowest, highest)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(f"step{beyond}")
        axes.set_ylabel("f")
        if len(results) > 1 or (results[0].note and not whole):
            axes.legend()
        return save(figure, folder, "f")


def _panel_width(region: Region, height: float) -> float:
    """Return the width of a panel, in inches: that of its region where it has one scale."""
    sides = region[1] - region[0]
    aspect = float(sides[0] / sides[1]) if len(sides) == 2 else USUAL_ASPECT
    is_equal = 1 / MAX_ASPECT <= aspect <= USUAL_ASPECT
    return max(2.6, height * (aspect if is_equal else USUAL_ASPECT) + 0.5)


def _on_contours(axes: Axes, result: DescentResult, region: Region) -> None:
    """Draw a path over the lines of equal f."""
    (left, bottom), (right, top) = region
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(bottom, top, GRID))
    values = np.broadcast_to(result.descent.f(np.array([x, y])), x.shape).astype(np.float64)
    levels = contour_levels(values)
    if len(levels):
        shown = np.ma.masked_invalid(values)
        lines = axes.contour(x, y, shown, levels=levels, colors="0.6", linewidths=0.8, zorder=1)
        axes.clabel(lines, levels=levels[2::3], fmt="%.2g", fontsize=7.5, inline_spacing=2)
    path = result.shown.points
    axes.plot(
        *path.T,
        color=SERIES[1],
        marker="o",
        markersize=3.5 if len(path) <= 60 else 2,
        linewidth=1.2,
        zorder=3,
    )
    _mark_ends(axes, path, complete=not result.hidden_steps)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    if 1 / MAX_ASPECT <= (right - left) / (top - bottom) <= MAX_ASPECT:
        axes.set_aspect("equal")  # a circle is a circle, as far as there is room for it
    axes.set_xlabel(result.trajectory.variables[0])
    axes.set_ylabel(result.trajectory.variables[1])
    axes.grid(visible=False)


def _arrows(axes: Axes, result: DescentResult, region: Region) -> None:
    """Draw the negative gradient as arrows: where the plane is twice as steep, twice as long."""
    low, high = region
    side = (high - low) / ARROWS
    places = low + (np.indices((ARROWS, ARROWS)).reshape(2, -1).T + 0.5) * side
    down = np.stack([-result.descent.gradient(place) for place in places])
    known = np.isfinite(down).all(axis=1)
    longest = float(np.abs(down[known] / side).max(initial=0))
    if longest:
        axes.quiver(
            *places[known].T,
            *down[known].T,
            angles="xy",
            scale_units="xy",
            scale=longest,
            width=0.003,
            color="0.6",
            zorder=2,
        )


def _on_curve(axes: Axes, result: DescentResult, region: Region) -> None:
    """Draw the points of a path on the curve of f, with some tangents and their slopes."""
    (left,), (right,) = region
    x = np.linspace(left, right, CURVE)
    curve = np.broadcast_to(result.descent.f(x[None]), x.shape)
    axes.plot(x, curve, color="0.6", linewidth=1.5, zorder=1)
    path = np.stack([result.shown.points[:, 0], result.shown.values], axis=1)
    height = float(np.ptp(np.append(curve[np.isfinite(curve)], result.shown.values))) or 1.0
    for at in _spaced_points(path[:, 0], (right - left) / TANGENTS):
        point = path[at]
        slope = float(result.descent.gradient(point[:1])[0])
        if not np.isfinite(slope):
            continue
        side = (right - left) / 10 / np.hypot(1, slope * (right - left) / height)
        ends = np.array([-side, side])
        axes.plot(
            point[0] + ends, point[1] + slope * ends, color=SERIES[0], linewidth=1.4, zorder=2
        )
        axes.annotate(
            f"slope {slope:.2g}",
            (point[0], point[1]),
            xytext=(8, -13),
            textcoords="offset points",
            fontsize=9,
            color=SERIES[0],
        )
    axes.plot(*path.T, "o", color=SERIES[1], markersize=4, zorder=3)
    _mark_ends(axes, path, complete=not result.hidden_steps, at_left=path[0][0] > path[-1][0])
    axes.set_xlabel(result.trajectory.variables[0])
    axes.set_ylabel("f")


def _spaced_points(places: Array, least: float) -> list[int]:
    """Return the first point, and each that is at least so far from all those before it."""
    chosen = [0]
    for at, place in enumerate(places):
        if all(abs(place - places[other]) >= least for other in chosen):
            chosen.append(at)
    return chosen


def _mark_ends(axes: Axes, path: Array, *, complete: bool, at_left: bool = False) -> None:
    """Mark where a path begins, and where it ends if that is in the figure.

    `at_left`: the words stand at the left, where no tangent passes.
    """
    first, last = path[0], path[-1]
    below = len(path) > 1 and path[1][1] > first[1]  # not where the path goes on
    axes.plot(*first, "o", markersize=9, markerfacecolor="none", color=SERIES[1], zorder=4)
    axes.annotate(
        "start",
        (first[0], first[1]),
        xytext=(-8 if at_left else 7, -13 if below else 6),
        textcoords="offset points",
        ha="right" if at_left else "left",
        fontsize=9,
        color="0.25",
    )
    if complete:
        axes.plot(*last, "*", markersize=11, color=SERIES[0], zorder=5)
