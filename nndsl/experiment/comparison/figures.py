"""The learning curves of all variants in one picture. They need matplotlib, the extra `plot`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.experiment.comparison.comparison import Comparison
from nndsl.experiment.comparison.results import LOSS, VariantResults
from nndsl.report.curves import quantities
from nndsl.report.drawing import HALF, SERIES, log_scale, save, spans_magnitudes, themed
from nndsl.report.page import Picture
from nndsl.report.smoothing import smoothed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLES = ("-", "--", ":", "-.")  # for more variants than colours
SMOOTHED = 20  # epochs: with fewer, smoothing changes nothing
ROOM = 1.3  # above the highest curve that did not diverge: others may leave the picture
LONGEST_NAME = 32  # characters in the legend
LETTER, KEY, LEGEND_ROW = 0.075, 0.7, 0.25  # inches: a letter, the line before a name, a row


@dataclass(frozen=True, slots=True)
class Curve:
    """A column over the epochs: the mean over the seeds, smoothed too, and the band of all."""

    epochs: Sequence[float]
    mean: Sequence[float]
    lowest: Sequence[float]
    highest: Sequence[float]

    @property
    def smooth(self) -> list[float]:
        """The mean, smoothed where it is long enough."""
        return smoothed(self.mean) if all(map(math.isfinite, self.mean)) else list(self.mean)


def curve(variant: VariantResults, column: str) -> Curve | None:
    """Return the curve of a variant, up to the last epoch of all seeds; None if there is none.

    It is over the trainings that did not diverge, or over all if all did.
    """
    trainings = variant.ended or list(variant.outcomes.values())
    all_rows = [outcome.rows for outcome in trainings if outcome.rows]
    length = min(map(len, all_rows), default=0)
    if not length or any(column not in rows[0] for rows in all_rows):
        return None
    values = [[rows[i][column] for rows in all_rows] for i in range(length)]
    epochs = [row["epoch"] for row in all_rows[0][:length]]
    means = [sum(v) / len(v) for v in values]
    lowest, highest = [min(v) for v in values], [max(v) for v in values]
    return Curve(epochs, means, lowest, highest)


def draw(comparison: Comparison, folder: Path) -> list[Picture]:
    """Draw loss and measures, training above validation; return the pictures for a page.

    ImportError where matplotlib is not installed, OSError where a file cannot be written.
    """
    outcomes = [outcome for variant in comparison.variants for outcome in variant.outcomes.values()]
    columns = [column for outcome in outcomes for column in (*outcome.rows, {})[0]]
    return [
        _picture(comparison, quantity, panels, folder)
        for quantity, panels in quantities(columns).items()
    ]


def _picture(
    comparison: Comparison, quantity: str, panels: dict[str, str], folder: Path
) -> Picture:
    names = [_name(variant) for variant in comparison.variants]
    width, height = HALF  # one panel below the other, to fit a phone
    in_a_row = max(1, int(width / (max(map(len, names)) * LETTER + KEY)))
    rows = -(-len(names) // in_a_row)
    with themed():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height * len(panels) + rows * LEGEND_ROW))
        axes = list(figure.subplots(len(panels), 1, sharey=True, squeeze=False).flat)
        for one, (part, column) in zip(axes, panels.items(), strict=True):
            _draw(one, comparison, column)
            one.set_title(part)
            one.set_xlabel("epoch")
            one.set_ylabel(quantity.replace("_", " "))
        _scale(axes, comparison, quantity, list(panels.values()))
        for one, column in zip(axes, panels.values(), strict=True):
            _mark_ends(one, comparison, column)
        handles, _ = axes[0].get_legend_handles_labels()
        columns = min(in_a_row, len(names))
        figure.legend(handles, names, loc="outside lower center", ncols=columns)
        svg = save(figure, folder, quantity)
    return Picture(quantity.replace("_", " ").capitalize(), svg, _caption(comparison, panels))


def _caption(comparison: Comparison, panels: dict[str, str]) -> str:
    """Explain the lines and bands that are in the picture."""
    found = [
        curve(variant, column) for variant in comparison.variants for column in panels.values()
    ]
    sentences = []
    if any(c is not None and len(c.mean) >= SMOOTHED for c in found):
        sentences.append("Thick: smoothed; thin: as measured.")
    if comparison.plan.repetitions > 1:
        sentences.append(f"A band holds all {comparison.plan.kind}, its line is their mean.")
    if any(variant.divergence for variant in comparison.variants):
        sentences.append(
            "A cross is the last epoch before training diverged, or above the picture."
        )
    return " ".join(sentences)


def _name(variant: VariantResults) -> str:
    name = variant.name
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return f"{name} (diverged)" if variant.divergence else name


def _look(number: int) -> tuple[str, str]:
    """Return the colour and the style of a line, by the number of its variant."""
    return SERIES[number % len(SERIES)], STYLES[number // len(SERIES) % len(STYLES)]


def _draw(axes: Axes, comparison: Comparison, column: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for number, variant in enumerate(comparison.variants):
        found, (color, style) = curve(variant, column), _look(number)
        if found is None:  # it diverged in its first epoch: only the legend names it
            axes.plot([], [], color=color, linestyle=style, label=variant.name)
            continue
        if comparison.plan.repetitions > 1:
            axes.fill_between(
                found.epochs, found.lowest, found.highest, color=color, alpha=0.16, linewidth=0
            )
        axes.plot(found.epochs, found.mean, color=color, linewidth=0.8, alpha=0.55)
        marker = "o" if len(found.epochs) == 1 else ""
        label, smooth = variant.name, found.smooth
        axes.plot(found.epochs, smooth, color=color, linestyle=style, marker=marker, label=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _mark_ends(axes: Axes, comparison: Comparison, column: str) -> None:
    """Put a cross where a training diverged, at the top if that is above the picture."""
    lowest, highest = axes.get_ylim()
    for number, variant in enumerate(comparison.variants):
        for outcome in variant.outcomes.values():
            if not outcome.diverged:
                continue
            last = outcome.rows[-1] if outcome.rows else {"epoch": 1}
            y = last.get(column, math.inf)
            y = y if lowest <= y <= highest else highest
            color = _look(number)[0]
            axes.plot(last["epoch"], y, color=color, marker="x", markersize=8, clip_on=False)


def _scale(
    axes: Sequence[Axes], comparison: Comparison, quantity: str, columns: Sequence[str]
) -> None:
    """Set limits by the variants that did not diverge, if any; for a loss also the scale."""
    ending = [v for v in comparison.variants if not v.divergence] or list(comparison.variants)
    curves = [found for variant in ending for name in columns if (found := curve(variant, name))]
    values = [value for c in curves for value in (*c.lowest, *c.highest) if math.isfinite(value)]
    if not values:
        return
    lowest, highest = min(values), max(values)
    if quantity == LOSS and spans_magnitudes(lowest, highest):
        for one in axes:
            log_scale(one, one.yaxis, lowest, highest)
        axes[0].set_ylim(lowest / ROOM, highest * ROOM)
    elif quantity == LOSS and lowest >= 0:
        axes[0].set_ylim(0, highest * (1 + (ROOM - 1) / 3) or 1)  # all losses may be 0
    elif highest > lowest:
        margin = (highest - lowest) * (ROOM - 1) / 6
        axes[0].set_ylim(lowest - margin, highest + margin)
