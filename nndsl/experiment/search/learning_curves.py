"""The learning curves of the best trials, in a grid, as the textbook draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial
from nndsl.report.drawing import SERIES, log_scale, save, spans_magnitudes, themed
from nndsl.report.page import Picture

MOST, COLUMNS = 20, 5


def draw_learning_curves(plan: Plan, best: Sequence[Trial], folder: Path) -> Picture:
    """Draw the metric over the epochs for the best trials, which are given best first."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    shown = best[:MOST]
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    part, _, what = plan.metric.partition("_")
    with themed():
        figure = Figure(figsize=(max(5.0, 2.05 * columns), 0.8 + 1.7 * rows))
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for rank, (axes, trial) in enumerate(zip(grid.flat, shown, strict=False), start=1):
            epochs = range(1, trial.epochs + 1)
            if trial.beside and part != "training":
                axes.plot(epochs, trial.beside, color=SERIES[0], linewidth=1.3, label="training")
            axes.plot(epochs, trial.curve, color=SERIES[1], linewidth=1.6, label=part)
            told = "" if trial.value is None else f" ({trial.value:.3g})"
            axes.set_title(
                f"{rank}. trial {trial.number + 1}{told}\n{_values(trial)}",
                fontsize=8,
                fontweight=400,
            )
            axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
            axes.tick_params(labelsize=8)
        for axes in list(grid.flat)[len(shown) :]:
            axes.set_visible(False)
        if not plan.maximize:
            values = [v for trial in shown for v in (*trial.curve, *trial.beside) if v > 0]
            if values and spans_magnitudes(min(values), max(values)):
                log_scale(grid.flat[0], grid.flat[0].yaxis, min(values), max(values))
        title = "The best trials" if len(shown) > 1 else "The only trial"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        figure.supxlabel("epoch", fontsize=10)
        figure.supylabel(what.replace("_", " "), fontsize=10)
        handles, labels = grid.flat[0].get_legend_handles_labels()
        if len(labels) > 1:
            figure.legend(handles, labels, loc="outside upper right", ncols=2)
        svg = save(figure, folder, "curves")
    title = f"The learning curves of the best {len(shown)}" if len(shown) > 1 else "Learning curve"
    return Picture(title, svg, "The best first; in parentheses what counts, at the end.")


def _values(trial: Trial) -> str:
    """Return the values of a trial on short lines."""
    shown = [f"{name} {value}" for name, value in trial.settings.items()]
    lines = [", ".join(shown[i : i + 2]) for i in range(0, len(shown), 2)]
    return "\n".join(line if len(line) <= 34 else f"{line[:33]}…" for line in lines)
