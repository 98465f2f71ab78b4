"""Values of the language inside the strings of another text."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from nndsl.diagnostics import Diagnostics, Label
from nndsl.source import Source, Span
from nndsl.syntax.ast import String, Value
from nndsl.syntax.parser import parse_value

T = TypeVar("T")


# One character of a string: a pair of surrogates, an escape, or itself.
_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.")


def parse_formula(string: String, diagnostics: Diagnostics) -> Value | None:
    """Return the value that a string spells behind its `=`; its spans are in the outer text."""
    outer = string.span
    starts = [outer.start + 1 + match.start() for match in _CHARACTER.finditer(outer.text[1:-1])]
    starts.append(outer.end - 1)

    def move(span: Span) -> Span:
        return Span(outer.source, starts[span.start + 1], starts[span.end + 1])

    aside = Diagnostics()
    value = parse_value(Source(outer.source.name, string.value[1:]), aside)
    for error in aside.diagnostics:
        labels = (Label(move(label.span), label.message) for label in error.labels)
        diagnostics.report(error.code, error.message, move(error.span), *labels, help=error.help)
    return None if value is None else _moved(value, move)


def _moved(node: T, move: Callable[[Span], Span]) -> T:
    """Return a node of the tree with other spans, in it and in all its parts."""
    if isinstance(node, Span):
        return move(node)  # type: ignore[return-value]
    if isinstance(node, tuple):
        return tuple(_moved(part, move) for part in node)  # type: ignore[return-value]
    if not is_dataclass(node) or isinstance(node, type):
        return node
    parts = {field.name: getattr(node, field.name) for field in fields(node)}
    return replace(node, **{name: _moved(part, move) for name, part in parts.items()})
