"""How statements and functions are laid out: indentation, margins, line lengths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nndsl.ir import Statement, printer
from nndsl.ir.rows import Dimensions, margin
from nndsl.ir.tree import Line
from nndsl.program.program import Function

MARGIN = 50  # where the comments begin, as far as the code leaves room
SHAPE_WIDTH = 11
WIDTH = 100


def lay_out(statements: Iterable[Statement], indent: int = 4) -> list[str]:
    """Return the lines of statements, with shapes and reasons in the margin."""
    lines: list[str] = []
    section = ""
    for statement in statements:
        if statement.section != section:
            lines += [""] * bool(section) + [f"{' ' * indent}# {statement.section}"]
            section = statement.section
        lines += _statement(statement, indent)
    return lines


def function(made: Function) -> str:
    """Return the text of a function."""
    lines = [f"def {made.name}({made.arguments}):", *docstring(made.says)]
    lines += lay_out(made.statements)
    if made.returns:
        lines += _indented(f"return {made.returns}", 4)
    return "\n".join(lines)


def docstring(says: str, indent: int = 4) -> list[str]:
    """Return the lines of a docstring, on one line where it fits."""
    return [f'{" " * indent}"""{says}"""']


def words(text: str) -> str:
    """Return a user's text as it may stand in a docstring: whatever could end or bend it is `_`."""
    return "".join("_" if c in '"\\' or not c.isprintable() else c for c in text)


def settings(entries: Sequence[tuple[str, str]]) -> str:
    """Return lines of code with comments, the comments aligned."""
    width = max((len(code) for code, comment in entries if comment and len(code) < 60), default=0)
    lines = []
    for code, comment in entries:
        line = f"{code.ljust(width)}    # {comment}" if comment else code
        lines.append(line if len(line) <= WIDTH or not comment else f"# {comment}\n{code}")
    return "\n".join(lines)


def _statement(statement: Statement, indent: int) -> list[str]:
    if statement.is_compound:
        text = printer.line(Line(statement.node, statement.comment))
        return [_margined(line) for line in _indented(text, indent)]
    lines = _indented(statement.text, indent)
    shape = _shape(statement.shape) if statement.shape else ""
    comment = statement.comment
    if not shape and not comment:
        return lines
    gap = " " * max(2, SHAPE_WIDTH - len(shape))
    note = f"{shape}{gap}{comment}" if comment and shape else shape or comment
    line = lines[-1].ljust(MARGIN)
    line += " " * max(0, 2 - len(line) + len(lines[-1]))
    if len(line) + len(note) + 2 <= WIDTH:
        return [*lines[:-1], f"{line}# {note}"]
    above = [f"{' ' * indent}# {comment}"] if comment else []
    if shape and len(line) + len(shape) + 2 <= WIDTH:
        return [*above, *lines[:-1], f"{line}# {shape}"]
    return [*above, *lines]


def _margined(line: str) -> str:
    """Return a line of a loop with its comment in the margin."""
    code, _, comment = line.rpartition("   # ")
    if not code or len(code) + len(comment) + 4 > WIDTH:
        return line
    return f"{f'{code}  '.ljust(MARGIN)}# {comment}"


def _shape(shape: Dimensions) -> str:
    if not shape:
        return ""
    return f"({', '.join(map(margin, shape))}{',' * (len(shape) == 1)})"


def _indented(text: str, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}" if line else "" for line in text.split("\n")]
