"""The learning curves of a run as SVG, written without matplotlib."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nndsl.analysis.spec import Spec
from nndsl.files import write_text
from nndsl.live.model import History
from nndsl.report.drawing import SERIES, spans_magnitudes
from nndsl.report.page import Picture
from nndsl.report.smoothing import smoothed
from nndsl.report.verdict import rounded

_COLORS = dict(zip(("training", "validation"), SERIES, strict=False))
_MAX_DOTS = 30  # epochs: with more, there are no dots on a curve
_MIN_SMOOTHED = 60  # epochs: with fewer, there is no smoothed curve
_ROOM = 0.1  # of the axis, above the highest value, for text
_WIDTH, _HEIGHT = 360, 245  # points: as wide as a phone
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 350, 22, 207  # of the panel in it
_TITLE = 24  # points for the title of a file; a page has a heading instead
_ACROSS, _UP = 6, 5  # the maximum of intervals between ticks
_MAX_VALUE = 1e200  # a larger value, or nan, interrupts a curve


@dataclass(frozen=True, slots=True)
class _Axis:
    """An axis from `low` at the coordinate `first` to `high` at `last`."""

    low: float
    high: float
    first: float
    last: float
    ticks: Sequence[float]
    scale: Callable[[float], float] = float

    def place(self, value: float) -> float:
        low, high = self.scale(self.low), self.scale(self.high)
        part = (self.scale(value) - low) / (high - low)
        return round(self.first + part * (self.last - self.first), 2)


def draw_curves(spec: Spec, history: History, folder: Path) -> list[Picture]:
    """Draw the loss, and each metric, over the epochs into a folder; return them for a page.

    OSError where a file cannot be written.
    """
    pictures = []
    for quantity, curves in quantities(history.names).items():
        words = quantity.replace("_", " ")
        body = "".join(_drawn(spec, quantity, history, curves))
        caption = _caption(history, curves)
        write_text(folder / f"{quantity}.svg", _file(f"{spec.name}: {words}", caption, body))
        svg = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" fill="currentColor">{body}</svg>'
        pictures.append(Picture(words.capitalize(), svg, caption))
    return pictures


def _file(title: str, caption: str, body: str) -> str:
    """Return a file with a white background."""
    box = f"0 {-_TITLE} {_WIDTH} {_HEIGHT + _TITLE}"
    heading = _text(_LEFT, -8, title, extra=' font-weight="bold"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{2 * _WIDTH}" '
        'font-family="sans-serif" color="#1b1d22" fill="currentColor">\n'
        f"<desc>{escape(caption)}</desc>\n"
        f'<rect y="{-_TITLE}" width="{_WIDTH}" height="{_HEIGHT + _TITLE}" fill="#ffffff"/>\n'
        f"{heading}\n{body}</svg>\n"
    )


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


def _drawn(spec: Spec, quantity: str, history: History, curves: dict[str, str]) -> Iterator[str]:
    rows = history.rows
    epochs = [row["epoch"] for row in rows]
    values = [row[name] for row in rows for name in curves.values() if _is_drawn(row[name])]
    baseline = _baseline(history, quantity, curves)
    values += [baseline[1]] if baseline is not None else []
    x = _linear(epochs[0], epochs[-1], _LEFT, _RIGHT, _ACROSS, whole=True)
    y = _upward(values, is_loss=quantity == "loss")
    yield from _frame(x, y)
    if baseline is not None:
        answer, value = baseline
        at = y.place(value)
        yield _line(_LEFT, at, _RIGHT, at, 0.6, dashes="5 3")
        yield _text(_RIGHT, at - 4, f"by {answer}: {value:.3g}", anchor="end")
    if history.kept is not None:
        at = x.place(history.kept)
        yield _line(at, _TOP, at, _BOTTOM, 0.7, dashes="1 3")
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
    yield from _legend(list(curves))


def _legend(parts: Sequence[str]) -> Iterator[str]:
    """Yield the legend above the panel: the parts of the data."""
    at = _LEFT
    for part in parts:
        yield f'<path d="M{at} 9h18" stroke="{_COLORS[part]}" stroke-width="2.5"/>'
        yield _text(at + 23, 13, part)
        at += 100


def _frame(x: _Axis, y: _Axis) -> Iterator[str]:
    """Yield the grid and the labels of both axes."""
    for tick in y.ticks:
        at = y.place(tick)
        yield _line(_LEFT, at, _RIGHT, at, 0.15)
        yield _text(_LEFT - 6, at + 3.5, f"{tick:g}", anchor="end")
    for tick in x.ticks:
        at = x.place(tick)
        yield _line(at, _BOTTOM, at, _BOTTOM + 4, 0.6)
        yield _text(at, _BOTTOM + 16, f"{tick:g}", anchor="middle")
    yield _line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, 0.6)
    yield _text((_LEFT + _RIGHT) / 2, _BOTTOM + 32, "epoch", anchor="middle")


def _path(x: _Axis, y: _Axis, epochs: Sequence[float], values: Sequence[float], how: str) -> str:
    """Return a curve, which is interrupted at values that are not finite."""
    steps, pen = [], "M"
    for epoch, value in zip(epochs, values, strict=True):
        if _is_drawn(value):
            steps.append(f"{pen}{x.place(epoch)} {y.place(value)}")
        pen = "L" if _is_drawn(value) else "M"
    return f'<path d="{"".join(steps)}" fill="none" stroke-linejoin="round" {how}/>'


def _is_drawn(value: float) -> bool:
    return abs(value) < _MAX_VALUE


def _line(x: float, y: float, to_x: float, to_y: float, shade: float, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="M{x} {y}L{to_x} {to_y}" stroke="currentColor" stroke-opacity="{shade}"{dashed}/>'
    )


def _text(x: float, y: float, words: str, anchor: str = "start", extra: str = "") -> str:
    how = f'font-size="11" text-anchor="{anchor}"{extra}'
    shown = "".join(c if c.isprintable() else "\ufffd" for c in words)  # XML allows no others
    return f'<text x="{x}" y="{y}" {how}>{escape(shown)}</text>'


def _upward(values: Sequence[float], *, is_loss: bool) -> _Axis:
    """Return the vertical axis: from 0 for a loss, logarithmic if it spans magnitudes."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if is_loss and spans_magnitudes(low, high):
        top = high ** (1 + _ROOM) / low**_ROOM
        factors = (1, 2, 5) if high < low * 1000 else (1,)
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(top)) + 1)
        ticks = [f * 10.0**p for p in powers for f in factors if low <= f * 10.0**p <= top]
        every = math.ceil(len(ticks) / (2 * _UP))
        return _Axis(low, top, _BOTTOM, _TOP, ticks[::every], math.log)
    room = (high - low) * _ROOM / 2
    if is_loss and low >= 0:
        return _linear(0, high * (1 + _ROOM), _BOTTOM, _TOP, _UP)
    return _linear(low - room, high + room, _BOTTOM, _TOP, _UP)


def _linear(
    low: float, high: float, first: float, last: float, most: int, *, whole: bool = False
) -> _Axis:
    """Return a linear axis with ticks at round numbers, with at most so many intervals."""
    if not high > low:
        room = 1.0 if whole else abs(low) / 2 or 1.0
        low, high = low - room, high + room
    exponent = math.floor(math.log10((high - low) / most))
    steps = [factor * 10.0 ** (exponent + more) for more in (0, 1) for factor in (1, 2, 5)]
    steps = [step for step in steps if not whole or step >= 1] or [1.0]
    step = next((step for step in steps if (high - low) / step <= most), steps[-1])
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return _Axis(low, high, first, last, [round(n * step, 12) for n in numbers])


def _baseline(history: History, quantity: str, curves: Iterable[str]) -> tuple[str, float] | None:
    """Return the best answer without a network, on the validation part if that is drawn."""
    part = "validation" if "validation" in curves else "training"
    found = history.baseline(f"{part}_{quantity}")
    return found if found is not None and _is_drawn(found[1]) else None
