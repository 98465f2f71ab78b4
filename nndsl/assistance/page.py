"""A text as an editor holds it, and what is known of it."""

import re
from bisect import bisect_left
from dataclasses import replace
from functools import cached_property

from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.graph import Graph
from nndsl.analysis.imports import read_tree
from nndsl.analysis.node import Node
from nndsl.analysis.toplevel import HOLD_LAYERS
from nndsl.diagnostics import Diagnostic, Diagnostics, Severity, SpecError
from nndsl.emit.build import build_script
from nndsl.emit.script import Script
from nndsl.lints import lint
from nndsl.source import Origin, Source, Span
from nndsl.syntax import ast
from nndsl.syntax.lexeme import Fault, check_text
from nndsl.syntax.printer import print_tree
from nndsl.syntax.scan import Scan, scan

MAX_ATTEMPTS = 5  # to find shapes beside mistakes


class Page:
    """A text, and what is known of it: each part is found when it is asked for first."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def scan(self) -> Scan:
        """Its lexemes and comments; of a text that is too long there are none."""
        try:
            check_text(self.source)
        except Fault:
            return Scan()
        return scan(self.source)

    @cached_property
    def checked(self) -> Checked:
        """What analysis makes of it."""
        return self._analysed[0]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything that is wrong with it, in the order of the text."""
        return self._analysed[1]

    @cached_property
    def _analysed(self) -> tuple[Checked, list[Diagnostic]]:
        diagnostics = Diagnostics()
        checked = analyse(self.source, diagnostics)
        lint(checked, diagnostics)
        return checked, sorted(diagnostics.diagnostics, key=lambda found: found.span.start)

    @property
    def errors(self) -> list[Diagnostic]:
        return [found for found in self.diagnostics if found.severity is Severity.ERROR]

    @property
    def statements(self) -> tuple[ast.Statement, ...]:
        """Those of its tree that stand in the text itself, and not in a file that it imports."""
        tree = self.checked.tree
        every = tree.statements if tree else ()
        return tuple(one for one in every if one.span.source is self.source)

    @cached_property
    def script(self) -> Script | None:
        """The script of the page; None where it has errors, or nothing to build."""
        if self.errors:
            return None
        try:
            return build_script(self.checked)
        except SpecError:
            return None

    @property
    def formatted(self) -> str | None:
        """The text as `nndsl fmt` lays it out; None where it has mistakes of syntax, or is JSON."""
        if self.source.is_json:
            return None
        diagnostics = Diagnostics()
        tree = read_tree(self.source, diagnostics)
        return None if tree is None or diagnostics.diagnostics else print_tree(tree)

    def lines_of(self, script: Script) -> list[list[int]]:
        """Return for each line of a script the lines of the page, from 1, that it comes from."""
        return [
            [span.line for span in (one.span, *one.uses) if span.source.name == self.source.name]
            if one is not None
            else []
            for one in script.origins
        ]

    @cached_property
    def graph(self) -> Graph | None:
        """The network with its shapes: of a page with mistakes, as far as the first of them."""
        return self._known[0]

    def nodes_at(self, start: int, end: int) -> dict[int, Node]:
        """Return the layers that come from a piece of the text, and from its calls, by number."""
        if self.graph is None or start >= self._known[1]:
            return {}
        first, last = (bisect_left(self._starts, (at, 0)) for at in (start, end))
        numbers = sorted({number for _, number in self._starts[first:last]})
        return {number: self.graph.nodes[number] for number in numbers}

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        """Where the layers come from in this text, each with its number, sorted."""
        name = self.source.name  # of a copy without mistakes, too
        return sorted(
            (span.start, number)
            for number, node in enumerate(self.graph.nodes if self.graph else ())
            for span in (node.origin.span, *node.origin.uses)
            if span.source.name == name
        )

    def _comes_from(self, origin: Origin, start: int, end: int) -> bool:
        """Does a line, or the call of a block around it, begin in a piece of this text?"""
        spans = (origin.span, *origin.uses)
        name = self.source.name  # of a copy without mistakes, too
        return any(start <= one.start < end for one in spans if one.source.name == name)

    @cached_property
    def _known(self) -> tuple[Graph | None, int]:
        """Return the network, and where in the text its shapes end to be known."""
        checked, text, limit = self.checked, self.source.text, len(self.source.text)
        errors = self.errors
        if checked.graph is not None:
            return checked.graph, limit
        for _ in range(MAX_ATTEMPTS):
            lines = {
                found.span.line for found in errors if found.span.source.name == self.source.name
            }
            without = _without(text, self.source, lines, checked.tree)
            if without == text:
                break
            text = without
            inside = [self.source.line_starts[line - 1] for line in lines if self._in_network(line)]
            limit = min([limit, *inside])
            diagnostics = Diagnostics()
            checked = analyse(replace(self.source, text=text), diagnostics)
            if checked.graph is not None:
                return checked.graph, limit
            errors = [d for d in diagnostics.diagnostics if d.severity is Severity.ERROR]
        return None, 0

    def _in_network(self, line: int) -> bool:
        at = self.source.line_starts[line - 1]
        holding = [one for one in self.statements if one.span.start <= at < one.span.end]
        return any(getattr(one, "word", one.name).text in HOLD_LAYERS for one in holding)

    def script_lines(self, start: int, end: int) -> list[int]:
        """Return the lines of the script that come from a piece of the text, from 1 on."""
        origins = self.script.origins if self.script else ()
        named = [(number, origin) for number, origin in enumerate(origins, 1) if origin]
        inside = [n for n, origin in named if self._comes_from(origin, start, end)]
        return inside or [n for n, o in named if o.span.start <= start < o.span.end]


def _without(text: str, source: Source, lines: set[int], tree: ast.Tree | None) -> str:
    """Return a text with blanks for lines; what begins a body goes with all of it."""
    bodies = {
        node.span.line: node.span
        for one in (tree.statements if tree else ())
        for node in ast.walk(getattr(one, "body", None))
        if isinstance(node, ast.Call | ast.Setting) and node.body is not None
    }
    for line in lines:
        start = source.line_starts[line - 1]
        end = start + len(source.line(line))
        if re.search(r"[{}]", text[start:end]):
            span = bodies.get(line, Span(source, 0, 0))
            start, end = span.start, span.end
        text = text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
    return text
