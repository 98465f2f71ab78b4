"""Pictures as SVG, written without matplotlib: their size, axes, lines and texts."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from nndsl.languages import ENGLISH, chosen_language, said, titled, translated
from nndsl.languages.fonts import FONTS

WIDTH, HEIGHT = 360, 245  # points: as wide as a phone
LEFT, RIGHT, TOP, BOTTOM = 46, 350, 22, 207  # of the panel in it
TITLE = 24  # points for the title of a file; a page has a heading instead
ACROSS, UP = 6, 5  # the maximum of intervals between ticks


@dataclass(frozen=True, slots=True)
class Axis:
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


def inline(body: str, height: float = HEIGHT) -> str:
    """Return the element of a page, whose text has the colour of the page's."""
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" fill="currentColor">{body}</svg>'


def file_text(
    title: str, caption: str, body: str, height: float = HEIGHT, left: float = LEFT
) -> str:
    """Return a file with a white background. `left` is where its title begins."""
    box = f"0 {-TITLE} {WIDTH} {height + TITLE:g}"
    heading = text(left, -8, titled(title), extra=' font-weight="bold"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{2 * WIDTH}" '
        f'{fonts()} color="#1b1d22" fill="currentColor">\n'
        f"<desc>{escape(said(caption))}</desc>\n"
        f'<rect y="{-TITLE}" width="{WIDTH}" height="{height + TITLE:g}" fill="#ffffff"/>\n'
        f"{heading}\n{body}</svg>\n"
    )


def fonts() -> str:
    """Return the attributes of a file's fonts: of letters that several scripts share, whose."""
    language = chosen_language()
    if language == ENGLISH:
        return 'font-family="sans-serif"'
    return f'lang="{language}" xml:lang="{language}" font-family="{", ".join(FONTS[language])}"'


def file_of(title: str, caption: str, element: str) -> str:
    """Return the element of a page as a file."""
    height = float(element.partition('viewBox="0 0 ')[2].partition('"')[0].split()[1])
    inner = element.replace("<svg ", f'<svg width="{WIDTH}" height="{height:g}" ', 1)
    return file_text(title, caption, inner, height, 0)


def frame(x: Axis, y: Axis, title: str) -> Iterator[str]:
    """Yield the grid and the labels of both axes, and the title of the lower one."""
    for tick in y.ticks:
        at = y.place(tick)
        yield line(LEFT, at, RIGHT, at, 0.15)
        yield text(LEFT - 6, at + 3.5, f"{tick:g}", anchor="end")
    for tick in x.ticks:
        at = x.place(tick)
        yield line(at, BOTTOM, at, BOTTOM + 4, 0.6)
        yield text(at, BOTTOM + 16, f"{tick:g}", anchor="middle")
    yield line(LEFT, BOTTOM, RIGHT, BOTTOM, 0.6)
    yield text((LEFT + RIGHT) / 2, BOTTOM + 32, title, anchor="middle")


def line(x: float, y: float, to_x: float, to_y: float, shade: float, dashes: str = "") -> str:
    """Return a line in the colour of the text."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="M{x} {y}L{to_x} {to_y}" stroke="currentColor" stroke-opacity="{shade}"{dashed}/>'
    )


def text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    extra: str = "",
    size: float = 11,
    *,
    is_name: bool = False,
) -> str:
    """Return a text, escaped: a name as it is, a sentence in the language that is chosen."""
    words = words if is_name else translated(words)
    how = f'font-size="{size:g}" text-anchor="{anchor}"{extra}'
    shown = "".join(c if c.isprintable() else "\ufffd" for c in words)  # XML allows no others
    return f'<text x="{x}" y="{y}" {how}>{escape(shown)}</text>'


def linear_axis(
    low: float, high: float, first: float, last: float, most: int, *, whole: bool = False
) -> Axis:
    """Return a linear axis with ticks at round numbers, with at most so many intervals."""
    if not high > low:
        room = 1.0 if whole else abs(low) / 2 or 1.0
        low, high = low - room, high + room
    exponent = math.floor(math.log10((high - low) / most))
    steps = [factor * 10.0 ** (exponent + more) for more in (0, 1) for factor in (1, 2, 5)]
    steps = [step for step in steps if not whole or step >= 1] or [1.0]
    step = next((step for step in steps if (high - low) / step <= most), steps[-1])
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return Axis(low, high, first, last, [round(n * step, 12) for n in numbers])
