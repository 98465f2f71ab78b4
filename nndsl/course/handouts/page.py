"""A handout as a page of HTML: it needs no network and no script, and prints well."""

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePath

from nndsl import __version__
from nndsl.course.handouts.handout import Chapter, Handout, Numbered, Row
from nndsl.diagram.picture import Picture as DiagramPicture
from nndsl.diagram.svg import STYLE
from nndsl.languages import chosen_language, said, translated
from nndsl.report.highlighting import highlight, highlight_python
from nndsl.resources import environment, read_text

_MARKED = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|`(.+?)`", re.DOTALL)
_STYLES = (("templates", "report.css"), STYLE, ("templates", "handout.css"))
MAX_LOADER = 24  # lines
WEIGHTS = ".npz"  # the end of a file of weights, which have their page in it
_LIT = "background: var(--lit); --over: var(--lit);"

Line = list[tuple[str, str]]  # pieces with their CSS classes


class MissingMathematics(Exception):
    """The package that writes MathML is not installed."""


def render_handout(handout: Handout, *, answers: bool = False) -> str:
    """Return a handout as one HTML text. MissingMathematics without `latex2mathml`."""
    from markupsafe import Markup

    reads, code = environment(autoescape=True), _Code(handout)
    reads.filters |= {
        "equation": lambda latex: Markup(_displayed(latex)),
        "prose": lambda text: Markup("".join(prose(text))),
        "code": code.lines,
        "anchor": _anchor,
        "is_loader": _is_loader,
        "markup": Markup,
        "said": said,
    }
    style = "".join(read_text(*path) for path in _STYLES) + _links(handout)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = reads.from_string(read_text("templates", "handout.html.jinja"))
    return template.render(
        handout=handout,
        page_name=_page_name(handout),
        language=chosen_language(),
        say=translated,
        answers=answers,
        used=_used(handout),
        spec=list(_spec_lines(handout.source.text)),
        graph=DiagramPicture(handout.diagram).element,
        style=style,
        style_hash=f"sha256-{digest}",
        version=__version__,
    )


@lru_cache(maxsize=1024)
def mathml(latex: str, *, is_block: bool = False) -> str:
    """Return LaTeX as an element of MathML. MissingMathematics."""
    try:
        from latex2mathml.converter import convert
    except ImportError:
        raise MissingMathematics from None
    return str(convert(latex, display="block" if is_block else "inline"))


def _displayed(latex: str) -> str:
    """Return an equation on a line of its own, that is moved where it has no room."""
    return f'<span class="display">{mathml(latex, is_block=True)}</span>'


def prose(text: str) -> Iterator[str]:
    """Yield a text as HTML: `code`, $mathematics$, and $$mathematics$$ on a line of its own."""
    from markupsafe import escape

    for paragraph in text.split("\n\n"):
        at = 0
        yield "<p>"
        for found in _MARKED.finditer(paragraph):
            block, inline, code = found.groups()
            yield str(escape(paragraph[at : found.start()]))
            yield _displayed(block) if block else ""
            yield mathml(inline) if inline else ""
            yield f"<code>{escape(code)}</code>" if code else ""
            at = found.end()
        yield f"{escape(paragraph[at:])}</p>"


class _Code:
    """The lines of the script in colours."""

    def __init__(self, handout: Handout) -> None:
        self.whole = highlight_python(handout.script.text)

    def lines(self, code: Numbered) -> Iterator[tuple[int, Line]]:
        """Yield numbers and pieces of lines, of which the margin may be left out."""
        for number, text in code:
            room, kept = len(text), []
            for kind, piece in self.whole[number - 1]:
                kept.append((kind, piece[:room]))
                room -= len(piece[:room])
            yield number, [(kind, piece) for kind, piece in kept if piece]


def _page_name(handout: Handout) -> str:
    """Return the name of the page's file; of a page that weights brought, what it was called."""
    path = PurePath(handout.source.name)
    return path.name if path.suffix != WEIGHTS else f"{handout.name}.nn"


def _spec_lines(text: str) -> Iterator[Line]:
    line: Line = []
    for kind, piece in highlight(text.rstrip("\n")):
        first, *more = piece.split("\n")
        line.append((kind, first))
        for part in more:
            yield line
            line = [(kind, part)]
    yield line


def _used(handout: Handout) -> dict[int, str]:
    """Return lines of the page with where they lead: their first group among equations, or code."""
    found: dict[int, str] = {}
    chapters = sorted(handout.chapters, key=lambda chapter: not chapter.is_mathematical)
    for chapter in chapters:
        for at, part in enumerate(chapter.parts):
            found.setdefault(part.line, _anchor(chapter, at))
    return found


def _anchor(chapter: Chapter, at: int) -> str:
    """Return the name of a part of a chapter."""
    return f"{chapter.title.partition(':')[0].replace(' ', '-').lower()}-{at}"


def _is_loader(row: Row) -> bool:
    """Does it read a table, in so many lines that they are folded: nobody studies them?"""
    return len(row.code) > MAX_LOADER and row.code[0][1].startswith("def load_data(")


def _links(handout: Handout) -> str:
    """Return the rules that light up what belongs to a line of the page, on hover and click."""
    lines = sorted({part.line for chapter in handout.chapters for part in chapter.parts} - {0})
    return "".join(
        f"body:has(.l{n}:hover) .l{n}, body:has(.l{n}:target) .l{n} {{ {_LIT} }}\n" for n in lines
    )
