"""What arrives at a line of a network and leaves it, and how many parameters it has."""

from collections.abc import Mapping, Sequence

from nndsl.analysis.node import Node, Value, size
from nndsl.assistance.page import Page
from nndsl.record import record
from nndsl.shapes import show_shape
from nndsl.source import Copy, Span
from nndsl.syntax import ast

MAX_SHAPES = 2  # of the calls of a block, on one of its lines


@record
class LineShapes:
    """A line of a network, or of a block that is called: shapes before and after, parameters."""

    span: Span  # of its statement
    before: str
    after: str
    parameters: int

    @property
    def text(self) -> str:
        """`64 → 100, 6,500 parameters`."""
        passed = f"{self.before} → {self.after}" if self.before != self.after else self.after
        return passed + f", {self.parameters:,} parameters" * bool(self.parameters)


def shapes_of_lines(page: Page) -> list[LineShapes]:
    """Return the shapes at each line of the networks and blocks of a page, as far as known."""
    found = []
    for node in ast.walk(*page.statements):
        if isinstance(node, ast.Body):
            found += [shapes for one in node.statements if (shapes := shapes_of(page, one))]
    return found


def shapes_of(page: Page, statement: ast.Statement) -> LineShapes | None:
    """Return the shapes at a line of a network; None at any other, or where they are unknown."""
    nodes = page.nodes_at(statement.span.start, statement.span.end)
    if not nodes:
        return None
    count = sum(size(one.shape) for node in nodes.values() for one in node.parameters.values())
    runs = _runs(nodes, statement.span)
    before = _shown([_shape(value) for run in runs for value in run[0].inputs[:1]])
    after = _shown([_shape(run[-1].output) for run in runs])
    return LineShapes(statement.span, before, after, count)


def _runs(nodes: Mapping[int, Node], span: Span) -> list[list[Node]]:
    """Return layers by the rounds in which they are passed: of a repeated line, of two calls."""
    runs: list[list[Node]] = []
    for number, node in nodes.items():
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and number - 1 in nodes
            and _calls_around(node, span) == _calls_around(last, span)
            and not (node.origin.span.start == last.origin.span.start == span.start)
        ):
            runs[-1].append(node)
        else:
            runs.append([node])
    return runs


def _calls_around(node: Node, span: Span) -> tuple[Copy, ...]:
    """Return the calls of blocks around a line, and that of the line itself, of a layer in it."""
    origin = node.origin
    spans = (origin.span, *origin.uses)
    outermost = max(at for at, one in enumerate(spans) if span.start <= one.start < span.end)
    is_call = outermost > 0 and spans[outermost].start == span.start
    return origin.copies[: len(origin.uses) - outermost + is_call]


def _shape(value: Value) -> str:
    return show_shape(value.shape)


def _shown(shapes: Sequence[str]) -> str:
    every = list(dict.fromkeys(shapes))
    return " or ".join(every[:MAX_SHAPES]) + " …" * (len(every) > MAX_SHAPES)
