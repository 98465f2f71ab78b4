"""The layout of a formula: from the variables on the left to the result on the right.

Each use of a variable has a row of its own, and an operation stands in the middle of the rows that
it reads. So lines cross only where a value is read again elsewhere.
"""

from __future__ import annotations

from nndsl.diagram.diagram import Diagram, Node
from nndsl.diagram.drawing import Box, Dot, Drawing, Line, Text, shortened, text_width
from nndsl.diagram.formula import END
from nndsl.record import record

MARGIN = 10
ROW = 64  # from row to row
RADIUS = 17  # of an operation
PAD = 6
BEND = 26  # between the end of a line's straight part and the next node
SIZE, SMALL = 13, 11
MAX_TITLE = 150
MAX_NAME = 2 * RADIUS + 2 * (BEND - 2)  # it stands below an operation, between the numbers


@record
class _Run:
    """The straight part of a line: the row on which it runs to the step that reads it."""

    source: str
    target: str
    y: float
    is_first: bool  # it leaves its source on the row of that
    forward: str
    backward: str


def lay_out_formula(diagram: Diagram) -> Drawing:
    """Return the picture of a formula."""
    return _Layout(diagram).drawing()


class _Layout:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.nodes = {node.key: node for node in diagram.nodes}
        self.order = diagram.order
        self.steps = max(self.order.values())
        self.rows = 0
        self.y: dict[str, float] = {}
        self.runs: list[_Run] = []
        self._place(END)
        self.columns = self._columns()
        self.boxes: list[Box] = []
        self.lines: list[Line] = []
        self.texts: list[Text] = []
        self.dots: dict[str, Dot] = {}

    def _next_row(self) -> float:
        self.rows += 1
        return MARGIN + ROW * (self.rows - 1) + ROW / 2

    def _place(self, key: str) -> float:
        """Give a node its place, and the nodes before it theirs; return its row."""
        read = []
        for edge in self.diagram.edges:
            if edge.target == key:
                is_first = edge.source not in self.y
                y = self._place(edge.source) if is_first else self._next_row()
                read.append(y)
                run = _Run(edge.source, key, y, is_first, edge.forward, edge.backward)
                self.runs.append(run)
        self.y[key] = (min(read) + max(read)) / 2 if read else self._next_row()
        return self.y[key]

    def _columns(self) -> dict[str, int]:
        columns: dict[str, int] = {}
        for node in self.diagram.nodes:
            before = [columns[e.source] for e in self.diagram.edges if e.target == node.key]
            columns[node.key] = max(before, default=-1) + 1
        return columns

    def drawing(self) -> Drawing:
        count = max(self.columns.values()) + 1
        inside = [0.0] * count  # the widths of nodes
        beside = [0.0] * count  # and of the numbers behind them
        for key, column in self.columns.items():
            inside[column] = max(inside[column], self._width(self.nodes[key]))
        for run in self.runs:
            column = self.columns[run.source]
            width = max(text_width(t, SIZE) for t in (run.forward, run.backward))
            beside[column] = max(beside[column], width)
        left = [float(MARGIN)]
        for at in range(count - 1):
            left.append(left[-1] + inside[at] + beside[at] + 2 * PAD + BEND)
        self.left, self.inside, self.beside = left, inside, beside
        for run in self.runs:
            self._draw_run(run)
        for node in self.diagram.nodes:
            if node.key in self.y:
                self._draw_node(node)
        total = left[-1] + inside[-1] + MARGIN
        height = MARGIN + ROW * self.rows + MARGIN
        return Drawing(
            self.diagram.title,
            total,
            height,
            tuple(self.boxes),
            tuple(self.lines),
            tuple(self.texts),
            tuple(self.dots.values()),
            2 * self.steps,
        )

    def _width(self, node: Node) -> float:
        width = min(text_width(node.title, SIZE), MAX_TITLE) + 2 * PAD
        if node.kind == "operation":
            return max(2 * RADIUS, width)
        return max(width, text_width(self._total(node), SMALL))

    def _total(self, node: Node) -> str:
        """Return the whole gradient of a variable that several steps read: a sum of theirs."""
        count = sum(edge.source == node.key for edge in self.diagram.edges)
        return f"sum {node.backward}" if node.backward and count > 1 else ""

    def _moments(self, key: str) -> tuple[int, int]:
        """Return when the value of a node is known, and when its gradient."""
        at = self.order[key]
        return at, 2 * self.steps + 1 - at

    def _draw_node(self, node: Node) -> None:
        column, y = self.columns[node.key], self.y[node.key]
        forward, _ = self._moments(node.key)
        x, whole = self.left[column], self.inside[column]
        if node.kind == "operation":
            width = max(2 * RADIUS, min(text_width(node.title, SIZE), MAX_TITLE) + 2 * PAD)
            title = shortened(node.title, SIZE, MAX_TITLE)
        else:
            width, title = whole, shortened(node.title, SIZE, whole - 2 * PAD)
        middle = x + whole / 2
        box = Box(
            middle - width / 2, y - RADIUS, width, 2 * RADIUS, node.kind, RADIUS, moment=forward
        )
        self.boxes.append(box)
        self.texts.append(Text(middle, y + 5, title, SIZE, "title", "middle", forward, box))
        if node.kind == "operation" and node.name:
            name = shortened(node.name, SMALL, MAX_NAME)
            self.texts.append(Text(middle, y + RADIUS + 13, name, SMALL, "name", "middle", forward))
        if total := self._total(node):
            last = max(
                self._moments(edge.target)[1]
                for edge in self.diagram.edges
                if edge.source == node.key
            )
            is_above = node.kind == "operation"  # below stands its name
            at = y - RADIUS - 5 if is_above else y + RADIUS + 13
            self.texts.append(Text(middle, at, total, SMALL, "backward", "middle", last))

    def _draw_run(self, run: _Run) -> None:
        source, target = self.nodes[run.source], self.nodes[run.target]
        known, _ = self._moments(run.source)
        _, back = self._moments(run.target)
        if target.kind == "output":
            back = self.steps + 1
        column, goal = self.columns[run.source], self.columns[run.target]
        right = self.left[column] + self.inside[column]
        start = right if source.kind != "operation" else self._right_of(run.source)
        end = self.left[goal] - BEND + 4
        x, y = self._left_of(run.target), self.y[run.target]
        path = f"M{_n(start)} {_n(self.y[run.source])}"
        if not run.is_first:  # it leaves the line of its source at once
            turn = right + PAD / 2
            path += f"H{_n(turn)}V{_n(run.y)}"
            self.dots[run.source] = Dot(turn, self.y[run.source])
        path += f"H{_n(end)}"
        if y == run.y:
            path += f"H{_n(x)}"
        else:
            half = (end + x) / 2
            path += f"C{_n(half)} {_n(run.y)} {_n(half)} {_n(y)} {_n(x)} {_n(y)}"
        self.lines.append(Line(path, (x, y, "right"), moment=known))
        at = right + 2 * PAD
        for text, kind, below, moment in (
            (run.forward, "forward", -5, known),
            (run.backward, "backward", 15, back),
        ):
            if text:
                self.texts.append(Text(at, run.y + below, text, SIZE, kind, moment=moment))

    def _half(self, key: str) -> float:
        title = min(text_width(self.nodes[key].title, SIZE), MAX_TITLE) + 2 * PAD
        return max(2 * RADIUS, title) / 2

    def _middle(self, key: str) -> float:
        column = self.columns[key]
        return self.left[column] + self.inside[column] / 2

    def _right_of(self, key: str) -> float:
        return self._middle(key) + self._half(key)

    def _left_of(self, key: str) -> float:
        if self.nodes[key].kind == "operation":
            return self._middle(key) - self._half(key)
        return self.left[self.columns[key]]


def _n(number: float) -> str:
    """Return a coordinate as text."""
    return f"{number:.1f}".removesuffix(".0")
