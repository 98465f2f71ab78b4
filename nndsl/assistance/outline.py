"""The parts of a page, as an editor lists and folds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nndsl.assistance.page import Page
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax import ast


@record
class Part:
    """A statement of a page, with those in its body."""

    name: str
    word: str  # what it is, by its first word: "let", "block", "network"
    span: Span
    named: Span  # its name, in it
    parts: tuple[Part, ...] = ()


def outline(page: Page) -> list[Part]:
    """Return the parts of a page, in order."""
    return _parts(page.statements)


def _parts(statements: Sequence[ast.Statement]) -> list[Part]:
    return [_part(one) for one in statements if not isinstance(one, ast.Broken)]


def _part(one: ast.Statement) -> Part:
    body = getattr(one, "body", None)
    inside = tuple(_parts(body.statements)) if body is not None else ()
    if isinstance(one, ast.Declaration):
        return Part(one.name.text, one.word.text, one.span, one.name.span, inside)
    value = one.span.text if not inside else one.span.text.partition("{")[0].strip()
    shown = value if isinstance(one, ast.Call) and "\n" not in value else one.name.text
    return Part(shown, one.name.text, one.span, one.name.span, inside)


def folds(page: Page) -> Iterator[tuple[int, int, bool]]:
    """Yield the first and the last line of what can be folded, and whether it is comments."""
    tree = page.checked.tree
    for node in ast.walk(*page.statements):
        if isinstance(node, ast.Body):
            first, last = node.span.line, page.source.position(node.span.end)[0]
            if last > first:
                yield first, last, False
    run: list[int] = []
    for comment in tree.comments if tree else ():
        if comment.span.source is not page.source or comment.trailing:
            continue
        if run and comment.span.line != run[-1] + 1:
            yield from _run(run)
            run = []
        run.append(comment.span.line)
    yield from _run(run)


def _run(lines: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    if len(lines) > 1:
        yield lines[0], lines[-1], True
