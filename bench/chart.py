"""The ratios as a chart: a row for each network, a point for each contestant."""

from __future__ import annotations

from pathlib import Path

from bench.contestants import CONTESTANTS
from bench.networks import NETWORKS
from bench.steps import Measured, ratio


def draw(measured: Measured, path: Path) -> bool:
    """Write the chart of steps relative to PyTorch; False where matplotlib is not installed."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        return False
    mpl.rcParams["svg.hashsalt"] = "nndsl"  # the same text for the same numbers
    figure = Figure(figsize=(9, 0.7 * len(measured) + 2), layout="constrained")
    axes = figure.add_subplot()
    names = [name for name in CONTESTANTS if any(name in times for times in measured.values())]
    names = [name for name in names if CONTESTANTS[name].threads is None]
    for number, name in enumerate(names):
        points = [
            (found[0], row)
            for row, times in enumerate(measured.values())
            if (found := ratio(times, name, "torch")) is not None
        ]
        own = CONTESTANTS[name].own
        marker = "D" if own else "|" if name == "products" else "o"
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            marker,
            label=CONTESTANTS[name].title,
            color=f"C{number}",
            markersize=8 if own else 6,
        )
    axes.axvline(1, color="0.7", linewidth=1)
    axes.set_xscale("log")
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(range(len(measured)), [NETWORKS[name].title for name in measured])
    axes.invert_yaxis()
    axes.set_xlabel("time of a training step, PyTorch = 1 (to the left is faster)")
    figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    return True
