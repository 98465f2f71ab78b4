"""The activations of several networks before training, from their records.

It needs matplotlib, the extra `plot`.
"""

from collections.abc import Mapping
from pathlib import Path

from nndsl.languages import said
from nndsl.live.recording.record import Record, Series
from nndsl.live.recording.sentences import activations, sentences
from nndsl.report.drawing import WHOLE, save, themed
from nndsl.report.page import Part, Picture, Table
from nndsl.report.record_figures import MAX_PANELS, draw_panel, evenly_spaced, shared_bins

MAX_ROWS = 16
NAME = "record-beginnings"


def compare_initial_activations(records: Mapping[str, Record], folder: Path) -> list[Part]:
    """Draw the activations before training, a row for each record, and list their spreads.

    Nothing for fewer than two records with activations. ImportError without matplotlib, OSError if
    a file cannot be written.
    """
    layers = {name: activations(record, "std") for name, record in records.items()}
    layers = {name: series for name, series in layers.items() if series}
    if len(layers) < 2:
        return []
    return [_draw(layers, folder), _spreads(layers)]


def record_table(records: Mapping[str, Record]) -> list[Part]:
    """Return a table of what each record says, if there are records."""
    rows = [(name, said(one)) for name, record in records.items() for one in sentences(record)]
    return [Table("What was recorded", ("", "what the numbers say"), tuple(rows))] if rows else []


def _draw(layers: Mapping[str, list[Series]], folder: Path) -> Picture:
    from matplotlib.figure import Figure

    shown = evenly_spaced(list(layers), MAX_ROWS)
    columns = min(MAX_PANELS, max(len(layers[name]) for name in shown))
    with themed():
        figure = Figure(figsize=(WHOLE[0], 0.3 + 1.55 * len(shown)))
        grid = figure.subplots(len(shown), columns, squeeze=False)
        for row, name in zip(grid, shown, strict=True):
            series = evenly_spaced(layers[name], columns)
            bins = shared_bins(series, 0)
            for axes in row[len(series) :]:
                axes.set_axis_off()
            for axes, one in zip(row, series, strict=False):
                draw_panel(axes, one, 0, bins)
            row[0].set_ylabel(name.replace("_", " "), fontsize=9)
        for axes, one in zip(grid[0], evenly_spaced(layers[shown[0]], columns), strict=False):
            axes.set_title(one.name, fontsize=10)
        svg = save(figure, folder, NAME)
    caption = (
        "The output of each activation before training, of all values on a fixed batch. In a row "
        "all panels have the same axis; what lies beyond it is said."
    )
    if len(shown) < len(layers):
        caption += f" {len(shown)} of {len(layers)} are shown."
    return Picture("Activations before training", svg, caption)


def _spreads(layers: Mapping[str, list[Series]]) -> Table:
    most = max(len(series) for series in layers.values())
    heads = next([one.name for one in series] for series in layers.values() if len(series) == most)
    rows = tuple(
        (name, *(f"{one.at(0, 'std'):.3g}" for one in series), *["–"] * (most - len(series)))
        for name, series in layers.items()
    )
    return Table("Standard deviation of the activations before training", ("", *heads), rows)
