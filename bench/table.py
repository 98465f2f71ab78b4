"""The measurements as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from bench.contestants import CONTESTANTS
from bench.networks import NETWORKS
from bench.steps import GOALS, Measured, ratio
from bench.timing import Times
from nndsl.columns import padded

Rows = list[list[str]]


def table(head: list[str], rows: Rows) -> list[str]:
    """Return the lines of a table, its columns aligned, numbers to the right."""
    lines = [f"| {' | '.join(row)} |" for row in padded([head, *rows], range(1, len(head)))]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return [lines[0], "| " + " | ".join(rule) + " |", *lines[1:]]


def duration(seconds: float) -> str:
    """Return a time with three digits and its unit."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds * 1e6:.3g} µs"


def step_tables(measured: Measured) -> list[str]:
    """Return a table for each network: medians, quartiles, and the ratio to PyTorch."""
    lines: list[str] = []
    for network, times in measured.items():
        rows = [_row(name, found, times) for name, found in times.items()]
        head = ["a step", "median", "quartiles", "of PyTorch", "of the products"]
        lines += [f"### {NETWORKS[network].title}", "", *table(head, rows), ""]
    return lines


def _row(name: str, found: Times, times: dict[str, Times]) -> list[str]:
    first, third = found.quartiles
    ratios = [ratio(times, name, other) for other in ("torch", "products")]
    return [
        CONTESTANTS[name].title,
        duration(found.median),
        f"{duration(first)} – {duration(third)}",
        *(f"{r[0]:.2f}" if r is not None else "–" for r in ratios),
    ]


def goal_table(measured: Measured) -> list[str]:
    """Return the table of goals and what is reached."""
    titles = {
        ("script", "torch"): "script / PyTorch",
        ("optimized", "torch"): "--optimize / PyTorch",
        ("optimized", "best peer"): "--optimize / best peer",
        ("optimized", "products"): "--optimize / products",
    }
    rows: Rows = []
    for network, times in measured.items():
        row = [NETWORKS[network].title]
        for (of, to), goals in GOALS.items():
            found = ratio(times, of, to)
            goal = goals.get(network)
            cell = "–" if found is None else f"{found[0]:.2f}"
            if found is not None and to == "best peer":
                cell += f" ({CONTESTANTS[found[1]].title})"
            row.append(cell + (f" (goal {goal:g})" if goal is not None else ""))
        rows.append(row)
    return table(["network", *titles.values()], rows)


def plain_table(head: list[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Return a table of anything that can be written."""
    return table(head, [[str(cell) for cell in row] for row in rows])
