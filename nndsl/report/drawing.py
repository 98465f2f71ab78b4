"""The style of figures, and writing them. They need matplotlib, the extra `plot`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from nndsl.files import write_bytes
from nndsl.languages import ENGLISH, chosen_language, titled
from nndsl.languages.fonts import FONTS
from nndsl.report.inline_svg import LEFT_OUT, inline_svg
from nndsl.report.interrupts import defer_interrupts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.text import Text

# The first four are those of Okabe and Ito (2008). Each has a contrast of 3 and more with white and
# with the dark page, and any two differ for every kind of colour vision: tests/report measures it.
SERIES: tuple[str, ...] = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#8f21ff",
    "#ed004f",
    "#9379fc",
    "#914f7a",
)
_SHADES = ("#0072b2", "#7f7f83", "#d55e00")  # blue, grey, orange: as bright as SERIES
HALF = (5.0, 3.4)  # inches: two fit side by side on a desktop, one fills a phone
WHOLE = (9.6, 5.0)  # as wide as the page; on a phone it scrolls
NEEDED = "they need matplotlib, pip install 'nndsl[plot]'"  # said instead of figures
OWN_NAME = "somebody's name"  # the label of a text that no language translates
_DOTS = 150  # per inch, of the .png
_POINTS = 72  # per inch: the unit of the .svg
_LARGE_RATIO = 20  # of the largest to the smallest value for a logarithmic axis


def preload() -> None:
    """Import matplotlib in a thread, if it is installed, since that takes a while."""
    Thread(target=load, daemon=True).start()


def load() -> None:
    """Import what figures need of matplotlib, if it is installed."""
    with suppress(ImportError):
        for module in ("figure", "backends.backend_agg", "backends.backend_svg"):
            import_module(f"matplotlib.{module}")


@contextmanager
def themed() -> Iterator[None]:
    """Set up matplotlib for a figure, which is created and saved in this context.

    The user's `matplotlibrc` is ignored. Greys become shades of the page's text colour
    (`inline_svg`). A `$` is a plain character, since names come from specs; so logarithmic axes
    need `log_scale`.
    ImportError without matplotlib.
    """
    from cycler import cycler
    from matplotlib import rc_context, rcParamsDefault

    settings: dict[Any, Any] = {name: rcParamsDefault[name] for name in rcParamsDefault}
    del settings["backend"]  # which a context does not restore
    settings |= {
        "axes.axisbelow": True,
        "axes.edgecolor": "0.45",
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.labelcolor": "0.25",
        "axes.prop_cycle": cycler(color=SERIES),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.unicode_minus": True,
        "figure.dpi": _DOTS,
        "figure.figsize": HALF,
        "figure.constrained_layout.use": True,
        "font.size": 10.5,
        "grid.color": "0",
        "grid.alpha": 0.12,
        "legend.frameon": False,
        "legend.fontsize": 10,
        "lines.linewidth": 1.8,
        "savefig.dpi": _DOTS,
        "svg.fonttype": "none",
        "text.color": "0",
        "text.parse_math": False,
        "xtick.color": "0.45",
        "xtick.labelcolor": "0.25",
        "ytick.color": "0.45",
        "ytick.labelcolor": "0.25",
    }
    if chosen_language() != ENGLISH:
        settings["font.family"] = [*rcParamsDefault["font.sans-serif"][:1], *_installed_fonts()]
    with defer_interrupts(), rc_context(settings):
        yield


def _installed_fonts() -> list[str]:
    """Return the fonts for the letters of the language that is chosen, of those that are here."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [name for name in FONTS[chosen_language()] if name in installed]


def diverging_colormap() -> Colormap:
    """Return a colormap from low to high that is visible on light and on dark pages."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", _SHADES)


def save(figure: Figure, folder: Path, name: str) -> str:
    """Write `name.png` and `name.svg`; return the picture as an element of a page.

    There a heading replaces the title: that of the figure, else of its only axes. The bytes are
    the same for the same figure. OSError if a file cannot be written.
    """
    from matplotlib import rc_context

    svg = BytesIO()
    ours: dict[Any, Any] = {"svg.hashsalt": name, "figure.constrained_layout.use": False}
    with themed(), rc_context(ours):
        _translate(figure)
        _lay_out(figure)
        titles = _titles(figure)
        for artist in (figure.patch, *titles):
            artist.set_gid(LEFT_OUT)
        write_bytes(folder / f"{name}.png", partial(figure.savefig, format="png"))
        figure.savefig(svg, format="svg", metadata={"Date": None})
        below = [title.get_window_extent().ymin for title in titles] or [figure.bbox.ymax]
        legends = [legend.get_window_extent().ymax for legend in figure.legends]
        top = figure.bbox.ymax - max([min(below), *legends])  # a legend beside the title stays
    text = svg.getvalue()  # with a white background
    write_bytes(folder / f"{name}.svg", lambda file: file.write(text))
    return inline_svg(text.decode(), name, top * _POINTS / figure.dpi)


def _translate(figure: Figure) -> None:
    """Put the texts of a figure into the language that is chosen, but for somebody's names."""
    if chosen_language() == ENGLISH:
        return
    from matplotlib.text import Text

    names = {text for legend in figure.legends for text in legend.get_texts()}
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text not in names and text.get_label() != OWN_NAME:
            text.set_text("\n".join(map(titled, text.get_text().split("\n"))))


def _lay_out(figure: Figure) -> None:
    """Compute the layout once; matplotlib would do so for each file, by drawing it twice."""
    figure.set_layout_engine("constrained")
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine(None)


def _titles(figure: Figure) -> list[Text]:
    """Return the title of the whole figure, if it has one."""
    if title := figure.get_suptitle():
        return [text for text in figure.texts if text.get_text() == title]
    if len(figure.axes) != 1:
        return []
    (axes,) = figure.axes
    said = {axes.get_title(loc=place) for place in ("left", "center", "right")} - {""}
    return [text for text in _own_texts(axes) if text.get_text() in said]


def _own_texts(axes: Axes) -> Iterator[Text]:
    """Yield the texts that belong to the axes themselves."""
    from matplotlib.text import Text

    for child in axes.get_children():
        if isinstance(child, Text) and child not in axes.texts:
            yield child


def spans_magnitudes(lowest: float, highest: float) -> bool:
    """Whether positive values differ so much that their axis should be logarithmic."""
    return 0 < lowest * _LARGE_RATIO < highest


def log_scale(axes: Axes, axis: Axis, lowest: float, highest: float) -> None:
    """Make an axis logarithmic, with plain numbers at 1, 2 and 5 where they fit."""
    from matplotlib.ticker import LogLocator

    set_scale = axes.set_xscale if axis is axes.xaxis else axes.set_yscale
    set_scale("log")
    between = (1.0, 2.0, 5.0) if highest < lowest * 1000 else (1.0,)
    axis.set_major_locator(LogLocator(subs=between))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter("")
