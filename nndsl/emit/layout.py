"""How statements and functions are laid out: indentation, margins, line lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from nndsl.ir import NO_HEADING, Heading, KeywordStatement, Statement, printer, statement, wrapped
from nndsl.ir.rows import Dimensions, margin
from nndsl.ir.tree import Assign, Block, Line
from nndsl.languages import translated
from nndsl.languages.widths import pad, width, wrap
from nndsl.program.program import Class, Function
from nndsl.program.sections import Part, Section, Settings
from nndsl.source import Origin

TITLE = "# --- "  # begins the line above a section
MARGIN = 50  # where the comments begin, as far as the code leaves room
SECOND_MARGIN = 76  # of lines that are longer
MAX_SHAPE = 16  # characters of shapes behind which reasons stand below each other
WIDTH = 100
NAMED_WIDTH = 40  # of a setting whose comment stands behind it


class ScriptLine(str):
    """A line of a script, what it says, and the place in the page that it comes from, if known."""

    origin: Origin | None
    made: Line | None  # the statement that it is a line of; of a block, its head
    heading: Heading  # that it is
    function: str  # that it is a line of: `predict`, `Dense.forward`

    def __new__(
        cls,
        text: str,
        origin: Origin | None = None,
        made: Line | None = None,
        heading: Heading = NO_HEADING,
        function: str = "",
    ) -> ScriptLine:
        line = super().__new__(cls, text)
        line.origin, line.made, line.heading, line.function = origin, made, heading, function
        return line

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return what a copy is made of, and `pickle` keeps."""
        return str(self), self.origin, self.made, self.heading, self.function

    @classmethod
    def of(cls, line: str) -> ScriptLine:
        """Return a line as one that says where it comes from."""
        return line if isinstance(line, ScriptLine) else cls(line)

    def within(self, function: str = "", origin: Origin | None = None) -> ScriptLine:
        """Return the line as one of a function, and of a place, unless it says these itself."""
        own, of = self.origin or origin, self.function or function
        return ScriptLine(str(self), own, self.made, self.heading, of)


def module(functions: Iterable[Function]) -> str:
    """Return the text of a module of functions."""
    return "\n\n\n".join(["import math\n\nimport numpy as np", *map(function, functions)]) + "\n"


def section(made: Section) -> list[str]:
    """Return the lines of a section; functions have two blank lines around them."""
    heading = Heading(made.kind, made.title)
    lines: list[str] = [ScriptLine(header(made.title), heading=heading)] if heading else []
    before: Part | None = None
    for part in made.parts:
        if before is not None:
            is_function = isinstance(part, Function | Class) or isinstance(before, Function | Class)
            lines += [""] * (2 if is_function else 1)
        lines += (_from(line, made.origin) for line in _part(part))
        before = part
    return lines


def header(title: str) -> str:
    """Return the line above a section."""
    title = translated(title)
    return f"{TITLE}{title} {'-' * (74 - width(title))}"


def _part(part: Part) -> list[str]:
    match part:
        case Function():
            return _function(part)
        case Class():
            return _class(part)
        case Settings(statements):
            return settings(statements)
    return lay_out(part, 0)


def _from(line: str, origin: Origin | None) -> str:
    """Return a line that says where it comes from, unless it does or is empty."""
    return ScriptLine.of(line).within(origin=origin) if origin is not None and line else line


def lay_out(statements: Iterable[Statement], indent: int = 4) -> list[str]:
    """Return the lines of statements, with shapes and reasons in the margin."""
    statements = [*statements]
    shapes = (made.shape for made in statements if made.comment and made.shape)
    column = max(
        (len(shown) for shown in map(shape_text, shapes) if len(shown) <= MAX_SHAPE), default=0
    )
    lines: list[str] = []
    heading = ""
    for made in statements:
        if made.section.sentence != heading:
            head = f"{' ' * indent}# {translated(made.section.sentence)}"
            lines += [""] * bool(heading) + [ScriptLine(head, heading=made.section)]
            heading = made.section.sentence
        whole = Line(made.node, made.comment, shape=made.shape)
        for part, written in _lines(whole, indent, column):
            lines += (ScriptLine(line, made.origin, part) for line in written)
    return lines


def function(made: Function) -> str:
    """Return the text of a function."""
    return "\n".join(_function(made))


def _function(made: Function, indent: int = 0, of: str = "") -> list[str]:
    lines = lay_out([made.decorator], indent) if made.decorator is not None else []
    head = printer.expression(wrapped(made.head, len(made.name) + indent))
    lines += _indented(f"def {head}:", indent)
    lines += _docstring(made.docstring, indent + 4) if made.docstring else ()
    lines += lay_out(made.statements, indent + 4)
    if made.returns is not None:
        lines += lay_out([statement(KeywordStatement("return", made.returns))], indent + 4)
    name = f"{of}.{made.name}" if of else made.name
    return [ScriptLine.of(line).within(name) if line else line for line in lines]


def _class(made: Class) -> list[str]:
    """Return the lines of a class; its methods have a blank line between them."""
    lines = [f"class {made.name}{f'({made.base})' * bool(made.base)}:"]
    lines += _docstring(made.docstring, 4)
    lines += [""] * bool(made.attributes) + lay_out(made.attributes)
    for method in made.methods:
        lines += ["", *_function(method, 4, made.name)]
    return [_from(line, made.origin) for line in lines]


def _docstring(text: str, indent: int) -> list[str]:
    """Return the lines of a docstring; what is too long for one ends on a line of its own."""
    before, text = " " * indent, translated(text)
    if width(text) + indent + 6 <= WIDTH:
        return [f'{before}"""{text}"""']
    first, *rest = wrap(text, WIDTH - indent - 3)
    return [f'{before}"""{first}', *(f"{before}{line}" for line in rest), f'{before}"""']


def words(text: str) -> str:
    """Return a user's text as it may stand in a docstring: whatever could end or bend it is `_`."""
    return "".join("_" if c in '"\\' or not c.isprintable() else c for c in text)


def settings(statements: Iterable[Statement]) -> list[str]:
    """Return the lines of statements with their comments aligned."""
    entries = [(made.text, printer.comment(made.comment), made.origin) for made in statements]
    noted = [width(code) for code, comment, _ in entries if comment]
    column = max(
        (length for length in noted if length <= NAMED_WIDTH), default=max(noted, default=0)
    )
    lines: list[str] = []
    for code, comment, origin in entries:
        line = f"{pad(code, column)}    # {comment}" if comment else code
        written = line if width(line) <= WIDTH else f"# {comment}\n{code}"
        lines += (_from(part, origin) for part in written.split("\n"))
    return lines


def _lines(made: Line, indent: int, column: int = 0) -> Iterator[tuple[Line, list[str]]]:
    """Yield each statement with its lines, those in a block one by one.

    A comment stands behind the `=` of what has several lines.
    """
    node, says = made.node, printer.comment(made.comment)
    if isinstance(node, Block):
        yield made, _noted(_indented(printer.head(node), indent), 0, says, indent)
        for inner in node.body:
            yield from _lines(inner, indent + 4)
        if node.otherwise is not None:
            yield from _lines(replace(node.otherwise, shape=None), indent)
        return
    lines = _indented(printer.statement(node), indent)
    at = len(lines) - 1
    if isinstance(node, Assign):
        at = "".join(map(printer.expression, node.targets)).count("\n")
    yield (
        made,
        _noted(lines, at, says, indent, shape_text(made.shape) if made.shape else "", column),
    )


def _noted(
    lines: list[str], at: int, reason: str, indent: int, shape: str = "", shapes: int = 0
) -> list[str]:
    """Return lines with a shape and a reason behind one of them.

    Notes stand below each other, those of lines that reach beyond the margin at a second one or
    right behind the line. A reason for which a line has no room stands above it.
    """
    before, line, after = lines[:at], lines[at], lines[at + 1 :]
    note = f"{shape:<{shapes}}  {reason}" if shape and reason else shape or reason
    if not note:
        return lines
    end = width(line) + 2
    margins = [MARGIN] if end <= MARGIN else [max(SECOND_MARGIN, end), end]
    for column in margins:
        if column + 2 + width(note) <= WIDTH:
            return [*before, f"{pad(line, column)}# {note}", *after]
        note = f"{shape}  {reason}" if shape and reason else note
    if not reason:
        return lines
    above = f"{' ' * indent}# {reason}"
    return [above, *_noted(lines, at, "", indent, shape)]


def shape_text(shape: Dimensions) -> str:
    """Return a shape as the margin says it: `(N, HIDDEN)`."""
    return f"({', '.join(map(margin, shape))}{',' * (len(shape) == 1)})"


def _indented(text: str, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}" if line else "" for line in text.split("\n")]
