"""Values of the language inside the strings of another text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from nndsl.diagnostics import Findings, Label
from nndsl.source import Source, Span
from nndsl.syntax.parser import parse_value
from nndsl.syntax.tree import String, Value

T = TypeVar("T")


def parse_formula(string: String, findings: Findings) -> Value | None:
    """Return the value that a string spells behind its `=`; spans are those of the outer text.

    Where the string has escapes, every span is that of the whole string.
    """
    text, outer = string.value[1:], string.span
    aside = Findings()
    value = parse_value(Source(outer.source.name, text), aside)
    is_plain = outer.text == f'"{string.value}"'

    def move(span: Span) -> Span:
        if not is_plain:
            return outer
        start = outer.start + len('"=')
        return Span(outer.source, start + span.start, start + span.end)

    for error in aside.diagnostics:
        labels = (Label(move(label.span), label.message) for label in error.labels)
        findings.error(error.code, error.message, move(error.span), *labels, help=error.help)
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
