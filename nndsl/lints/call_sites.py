"""Where arguments stand in the text of a spec."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nndsl.diagnostics import Edit
from nndsl.source import Origin, Span
from nndsl.syntax import ast

if TYPE_CHECKING:
    from nndsl.vocabulary.builtin import Builtin


class CallSites:
    """Finds calls by their spans, and their arguments."""

    def __init__(self, tree: ast.Tree) -> None:
        self._calls: dict[Span, ast.Call | ast.Reference] = {}
        self._lets: dict[str, ast.Value] = {}
        for node in ast.walk(tree.statements):
            if isinstance(node, ast.Call | ast.Reference):
                self._calls[node.span] = node
            if isinstance(node, ast.Setting) and isinstance(node.value, ast.Reference):
                self._calls[node.span] = node.value
            if isinstance(node, ast.Declaration) and node.value is not None:
                self._lets[node.name.text] = node.value

    def argument_origin(self, word: Builtin, where: Origin, field: str) -> Origin:
        """Return where the value of a word's field stands; where it is left out, the word."""
        call = self._calls.get(where.span)
        value = self._lets.get(call.name.text) if isinstance(call, ast.Reference) else None
        if value is not None and call is not None and call.arguments is None:
            call = self._calls.get(value.span)
        if call is None:
            return where
        unnamed = iter(type(word).model_fields)
        for argument in call.arguments or ():
            if (argument.name.text if argument.name else next(unnamed, None)) == field:
                return replace(where, span=argument.value.span)
        return replace(where, span=call.name.span)

    def set_argument(self, word: Builtin, where: Origin, field: str, value: str) -> Edit:
        """Return the edit that gives a word's field a value, in the call that stands somewhere."""
        call = self._calls[where.span]
        written = self.argument_origin(word, where, field).span
        if written != call.name.span:
            return Edit(written, value)
        source, end = call.span.source, call.name.span.end
        if not call.arguments:
            closed = source.text.find(")", end) + 1 if call.arguments is not None else end
            return Edit(Span(source, end, closed), f"({field}={value})")
        end = call.arguments[-1].span.end
        return Edit(Span(source, end, end), f", {field}={value}")

    def call_name(self, where: Origin) -> Origin:
        """Return where the name of a call stands, without its arguments and its body."""
        call = self._calls.get(where.span)
        return where if call is None else replace(where, span=call.name.span)
