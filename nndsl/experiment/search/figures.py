"""The figures of a search. They need matplotlib, the extra `plot`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nndsl.experiment.search.insight import MIN_SHARE, Insight, metric_values, position
from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.pruning import best_so_far
from nndsl.experiment.search.trial import Trial, rank_trials
from nndsl.languages import translated
from nndsl.report.drawing import (
    HALF,
    OWN_NAME,
    SERIES,
    WHOLE,
    diverging_colormap,
    log_scale,
    save,
    spans_magnitudes,
    themed,
)
from nndsl.report.page import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = {"finished": ("o", SERIES[0]), "stopped": ("x", "0.6"), "diverged": ("v", SERIES[1])}
MAX_CURVES, COLUMNS = 20, 5  # of the learning curves: as many trials, side by side
HEADING: dict[str, Any] = {"x": 0.01, "ha": "left", "fontsize": 11, "fontweight": "bold"}


def draw_figures(
    plan: Plan, trials: Sequence[Trial], found: Sequence[Insight], folder: Path
) -> list[Picture]:
    """Draw what there is to draw; return it for a page.

    ImportError without matplotlib, OSError where a file cannot be written.
    """
    shown = [trial for trial in trials if trial.end != "failed"]
    pictures = [_history(plan, shown, folder)]
    if explaining := [insight for insight in found if insight.share >= MIN_SHARE]:
        pictures.append(_importance(explaining, folder))
    pictures.append(_slices(plan, shown, folder))
    if len(plan.ranges) > 1:
        pictures.append(_parallel(plan, shown, folder))
    best = [trial for trial in rank_trials(shown, plan) if trial.epochs > 1]
    if best:
        pictures.append(draw_learning_curves(plan, best, folder))
    return pictures


def _history(plan: Plan, trials: Sequence[Trial], folder: Path) -> Picture:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with themed():
        figure = Figure(figsize=WHOLE)
        axes = figure.add_subplot()
        numbers = [trial.number + 1 for trial in trials]
        values = metric_values(plan, trials)
        _dots(axes, plan, trials, [float(number) for number in numbers])
        finished = [t.end == "finished" for t in trials]
        if any(finished):
            first = finished.index(True)
            worst = -math.inf if plan.maximize else math.inf
            counted = [v if f else worst for v, f in zip(values, finished, strict=True)]
            best = best_so_far(counted, maximize=plan.maximize)
            axes.step(numbers[first:], best[first:], where="post", color=SERIES[0], label="best")
        _value_axis(axes, plan, trials)
        axes.set_xlabel("trial")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title("Trial by trial")
        axes.legend(loc="best")
        svg = save(figure, folder, "history")
    stopped = sum(trial.end == "stopped" for trial in trials)
    caption = "The line is the best that had been found until then."
    if stopped:
        were = "trial was" if stopped == 1 else "trials were"
        caption += f" {stopped} {were} stopped early, drawn at what had been reached."
    return Picture("Trial by trial", svg, caption)


def _importance(found: Sequence[Insight], folder: Path) -> Picture:
    from matplotlib.figure import Figure

    with themed():
        figure = Figure(figsize=(HALF[0], 1.3 + 0.42 * len(found)))
        axes = figure.add_subplot()
        ordered = list(reversed(found))
        bars = axes.barh(
            [insight.name for insight in ordered],
            [insight.share for insight in ordered],
            color=SERIES[0],
            height=0.6,
        )
        axes.bar_label(bars, [f" {insight.share:.0%}" for insight in ordered], color="0.25")
        axes.set_xlim(0, 1.12)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.grid(visible=False, axis="y")
        axes.set_title("What decides")
        svg = save(figure, folder, "importance")
    caption = (
        "The part of the differences between trials that each name explains, beyond what the names "
        "above it explain."
    )
    return Picture("What decides", svg, caption)


def _slices(plan: Plan, trials: Sequence[Trial], folder: Path) -> Picture:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    names = list(plan.ranges)
    columns = min(len(names), 3)
    rows = math.ceil(len(names) / columns)
    with themed():
        figure = Figure(figsize=(max(HALF[0], 2.8 * columns), 0.3 + 2.7 * rows))
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for axes, name in zip(grid.flat, names, strict=False):
            range_ = plan.ranges[name]
            if range_.numeric:
                low, high = (float(end) for end in range_.written)
                places = [float(trial.settings[name]) for trial in trials]
                if range_.logarithmic:
                    log_scale(axes, axes.xaxis, low, high)
                elif range_.whole:
                    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            else:
                places = [position(range_, trial.settings[name]) for trial in trials]
                axes.set_xticks(range(len(range_.written)), map(_short, range_.written))
                axes.set_xlim(-0.5, len(range_.written) - 0.5)
            _dots(axes, plan, trials, places)
            axes.set_xlabel(name).set_label(OWN_NAME)
        for axes in list(grid.flat)[len(names) :]:
            axes.set_visible(False)
        for row in grid:
            _value_axis(row[0], plan, trials)
        figure.suptitle("Value by value", **HEADING)
        if len({trial.end for trial in trials}) > 1:
            handles, labels = grid.flat[0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside upper right", ncols=3)
        svg = save(figure, folder, "slices")
    return Picture("Value by value", svg, "Each dot is a trial.")


def _dots(axes: Axes, plan: Plan, trials: Sequence[Trial], places: Sequence[float]) -> None:
    values = metric_values(plan, trials)
    for end, (marker, color) in MARKS.items():
        chosen = [i for i, trial in enumerate(trials) if trial.end == end]
        if chosen:
            axes.scatter(
                [places[i] for i in chosen],
                [values[i] for i in chosen],
                marker=marker,
                s=18,
                color=color,
                alpha=0.75,
                linewidths=1,
                label=translated(end),
                zorder=3 if end == "finished" else 2,
            )


def _value_axis(axes: Axes, plan: Plan, trials: Sequence[Trial]) -> None:
    values = metric_values(plan, trials)
    lowest, highest = float(values.min()), float(values.max())
    if not plan.maximize and spans_magnitudes(lowest, highest):
        log_scale(axes, axes.yaxis, lowest, highest)
    axes.set_ylabel(plan.metric_in_words)


def _parallel(plan: Plan, trials: Sequence[Trial], folder: Path) -> Picture:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    names = list(plan.ranges)
    values = metric_values(plan, trials)
    with themed():
        figure = Figure(figsize=(max(WHOLE[0], 1.6 * len(names) + 2), WHOLE[1]))
        axes = figure.add_subplot()
        norm = Normalize(float(values.min()), float(values.max()) or 1.0)
        colors = diverging_colormap() if plan.maximize else diverging_colormap().reversed()
        worst_first = list(reversed(rank_trials(trials, plan)))
        value_of = {trial.number: value for trial, value in zip(trials, values, strict=True)}
        for order, trial in enumerate(worst_first):
            heights = [_height(plan, trial, name) for name in names]
            value = value_of[trial.number]
            axes.plot(
                range(len(names)),
                heights,
                color=colors(norm(value)),
                linewidth=2.2 if order == len(worst_first) - 1 else 1,
                alpha=1 if order == len(worst_first) - 1 else 0.55,
            )
        for place, name in enumerate(names):
            axes.axvline(place, color="0.45", linewidth=1)
            _scale(axes, plan, name, place)
        axes.set_xticks(range(len(names)), names)
        axes.set_xlim(-0.25, len(names) - 1 + 0.35)
        axes.set_ylim(-0.04, 1.04)
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(axis="x", length=0)
        figure.suptitle("All names together", **HEADING)
        bar = figure.colorbar(
            ScalarMappable(norm, colors), ax=axes, label=plan.metric_in_words, pad=0.02
        )
        bar.outline.set_visible(False)
        svg = save(figure, folder, "parallel")
    return Picture("All names together", svg, "Each line is a trial; the thick one is the best.")


def _height(plan: Plan, trial: Trial, name: str) -> float:
    range_ = plan.ranges[name]
    place = position(range_, trial.settings[name])
    return place if range_.numeric else (place + 0.5) / len(range_.written)


def _scale(axes: Axes, plan: Plan, name: str, place: int) -> None:
    """Write values beside the line of a name."""
    range_ = plan.ranges[name]
    if not range_.numeric:
        labels = [_short(value) for value in range_.written]
        heights = [(index + 0.5) / len(labels) for index in range(len(labels))]
    else:
        low, high = (float(end) for end in range_.written)
        heights = [0, 0.25, 0.5, 0.75, 1]
        if range_.logarithmic:
            labels = [f"{low * (high / low) ** height:.1e}" for height in heights]
            labels = [f"{float(label):g}" for label in labels]
        elif range_.whole:
            numbers = sorted({round(low + (high - low) * height) for height in heights})
            labels = [str(number) for number in numbers]
            heights = [(number - low) / (high - low) for number in numbers]
        else:
            labels = [f"{low + (high - low) * height:.3g}" for height in heights]
    for label, height in zip(labels, heights, strict=True):
        axes.text(
            place + 0.02,
            height,
            label,
            fontsize=8.5,
            color="0.25",
            va="center",
            bbox={"facecolor": "none", "edgecolor": "none", "pad": 0.5},
        )


def _short(value: str) -> str:
    return value if len(value) <= 16 else f"{value[:15]}…"


def draw_learning_curves(plan: Plan, best: Sequence[Trial], folder: Path) -> Picture:
    """Draw the metric over the epochs for the best trials, which are given best first."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    shown = best[:MAX_CURVES]
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    part, _, what = plan.metric.partition("_")
    of_training = translated("training")
    with themed():
        figure = Figure(figsize=(max(5.0, 2.05 * columns), 0.8 + 1.7 * rows))
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for rank, (axes, trial) in enumerate(zip(grid.flat, shown, strict=False), start=1):
            epochs = range(1, trial.epochs + 1)
            if trial.beside and part != "training":
                axes.plot(epochs, trial.beside, color=SERIES[0], linewidth=1.3, label=of_training)
            axes.plot(epochs, trial.curve, color=SERIES[1], linewidth=1.6, label=translated(part))
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
