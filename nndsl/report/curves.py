"""The learning curves of a run as SVG, written without matplotlib."""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nndsl.analysis.spec import Spec
from nndsl.files import write_text
from nndsl.languages import sentence
from nndsl.live.model import History
from nndsl.report import svg
from nndsl.report.drawing import SERIES, spans_magnitudes
from nndsl.report.page import Picture
from nndsl.report.smoothing import smoothed
from nndsl.report.verdict import rounded

_COLORS = dict(zip(("training", "validation"), SERIES, strict=False))
_MAX_DOTS = 30  # epochs: with more, there are no dots on a curve
_MIN_SMOOTHED = 60  # epochs: with fewer, there is no smoothed curve
_HALO = ' stroke="var(--page, #ffffff)" stroke-width="3" paint-order="stroke"'  # of a text
_ROOM = 0.1  # of the axis, above the highest value, for text
_MAX_VALUE = 1e200  # a larger value, or nan, interrupts a curve


def draw_curves(spec: Spec, history: History, folder: Path) -> list[Picture]:
    """Draw the loss, and each metric, over the epochs into a folder; return them for a page.

    OSError where a file cannot be written.
    """
    pictures = []
    for quantity, caption, body in _bodies(history):
        words = quantity.replace("_", " ")
        file = svg.file_text(f"{spec.name}: {words}", caption, body)
        write_text(folder / f"{quantity}.svg", file)
        pictures.append(Picture(words.capitalize(), svg.inline(body), caption))
    return pictures


def curve_pictures(history: History) -> list[Picture]:
    """Return the curves of a training, which may still go on, and write nothing."""
    return [
        Picture(quantity.replace("_", " ").capitalize(), svg.inline(body), caption)
        for quantity, caption, body in _bodies(history)
    ]


def _bodies(history: History) -> Iterator[tuple[str, str, str]]:
    """Yield each quantity, the caption of its curves, and what stands in their picture."""
    for quantity, curves in quantities(history.names).items():
        yield quantity, _caption(history, curves), "".join(_drawn(quantity, history, curves))


def _caption(history: History, curves: dict[str, str]) -> str:
    first, last = history.rows[0], history.rows[-1]
    changes = [
        f"{rounded(first[name])} to {rounded(last[name])} in {part}"
        for part, name in curves.items()
    ]
    sentences = [f"From {', from '.join(changes)}."]
    if len(history.rows) >= _MIN_SMOOTHED:
        sentences.append("Thick: smoothed; thin: as measured.")
    if history.kept is not None:
        sentences.append(f"Dotted: epoch {history.kept}, whose weights are kept.")
    return " ".join(sentences)


def quantities(columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the columns of each quantity (loss, accuracy …) by the part of the data."""
    found: dict[str, dict[str, str]] = {"loss": {"training": "loss"}}
    for name in columns:
        part, _, quantity = name.partition("_")
        if part in _COLORS and quantity:
            found.setdefault(quantity, {})[part] = name
    return found


def _drawn(quantity: str, history: History, curves: dict[str, str]) -> Iterator[str]:
    rows = history.rows
    epochs = [row["epoch"] for row in rows]
    values = [row[name] for row in rows for name in curves.values() if _is_drawn(row[name])]
    baseline = _baseline(history, quantity, curves)
    values += [baseline[1]] if baseline is not None else []
    x = svg.linear_axis(epochs[0], epochs[-1], svg.LEFT, svg.RIGHT, svg.ACROSS, whole=True)
    y = _upward(values, is_loss=quantity == "loss")
    yield from svg.frame(x, y, "epoch")
    if baseline is not None:
        answer, value = baseline
        at = y.place(value)
        yield svg.line(svg.LEFT, at, svg.RIGHT, at, 0.6, dashes="5 3")
    if history.kept is not None:
        at = x.place(history.kept)
        yield svg.line(at, svg.TOP, at, svg.BOTTOM, 0.7, dashes="1 3")
    for part, name in curves.items():
        curve = [row[name] for row in rows]
        color = f'stroke="{_COLORS[part]}"'
        if len(rows) >= _MIN_SMOOTHED:
            yield _path(x, y, epochs, curve, f'{color} stroke-width="0.8" stroke-opacity="0.45"')
            curve = smoothed(curve)
        yield _path(x, y, epochs, curve, f'{color} stroke-width="1.8"')
        if len(rows) <= _MAX_DOTS:
            points = [p for p in zip(epochs, curve, strict=True) if _is_drawn(p[1])]
            dots = [f'<circle cx="{x.place(e)}" cy="{y.place(v)}" r="2"/>' for e, v in points]
            yield f'<g fill="{_COLORS[part]}">{"".join(dots)}</g>'
    if baseline is not None:  # above the curves, and legible where they cross it
        part, answer = sentence(_judged(curves)), sentence(answer)
        said = sentence("{part}, by {answer}: {value:.3g}", part=part, answer=answer, value=value)
        yield svg.text(svg.RIGHT, y.place(value) - 4, said, anchor="end", extra=_HALO)
    yield from _legend(list(curves))
    if y.scale is not float:
        yield svg.text(svg.RIGHT, 13, "logarithmic scale", anchor="end")


def _legend(parts: Sequence[str]) -> Iterator[str]:
    """Yield the legend above the panel: the parts of the data."""
    at = svg.LEFT
    for part in parts:
        yield f'<path d="M{at} 9h18" stroke="{_COLORS[part]}" stroke-width="2.5"/>'
        yield svg.text(at + 23, 13, part)
        at += 100


def _path(
    x: svg.Axis, y: svg.Axis, epochs: Sequence[float], values: Sequence[float], how: str
) -> str:
    """Return a curve, which is interrupted at values that are not finite."""
    steps, pen = [], "M"
    for epoch, value in zip(epochs, values, strict=True):
        if _is_drawn(value):
            steps.append(f"{pen}{x.place(epoch)} {y.place(value)}")
        pen = "L" if _is_drawn(value) else "M"
    return f'<path d="{"".join(steps)}" fill="none" stroke-linejoin="round" {how}/>'


def _is_drawn(value: float) -> bool:
    return abs(value) < _MAX_VALUE


def _upward(values: Sequence[float], *, is_loss: bool) -> svg.Axis:
    """Return the vertical axis: from 0 for a loss, logarithmic if it spans magnitudes."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if is_loss and spans_magnitudes(low, high):
        top = high ** (1 + _ROOM) / low**_ROOM
        factors = (1, 2, 5) if high < low * 1000 else (1,)
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(top)) + 1)
        ticks = [f * 10.0**p for p in powers for f in factors if low <= f * 10.0**p <= top]
        every = math.ceil(len(ticks) / (2 * svg.UP))
        return svg.Axis(low, top, svg.BOTTOM, svg.TOP, ticks[::every], math.log)
    room = (high - low) * _ROOM / 2
    if is_loss and low >= 0:
        return svg.linear_axis(0, high * (1 + _ROOM), svg.BOTTOM, svg.TOP, svg.UP)
    return svg.linear_axis(low - room, high + room, svg.BOTTOM, svg.TOP, svg.UP)


def _baseline(history: History, quantity: str, curves: Iterable[str]) -> tuple[str, float] | None:
    """Return the best answer without a network, on the validation part if that is drawn."""
    found = history.baseline(f"{_judged(curves)}_{quantity}")
    return found if found is not None and _is_drawn(found[1]) else None


def _judged(curves: Iterable[str]) -> str:
    return "validation" if "validation" in curves else "training"
