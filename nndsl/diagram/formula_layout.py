"""The layout of a formula: from the variables to the result, across the page or down.

Each use of a variable has a row of its own, and an operation stands in the middle of the rows that
it reads. So lines cross only where a value is read again elsewhere. What would be too wide for a
phone runs down the page, if that is narrower: then a row is a column.
"""

from collections.abc import Iterator

from nndsl.diagram.diagram import Diagram, Node
from nndsl.diagram.drawing import Box, Dot, Drawing, Line, Text, px, shortened, text_width
from nndsl.diagram.formula import END
from nndsl.record import record

MARGIN = 10
ROW = 64  # from row to row across the page
RADIUS = 17  # of an operation
PAD = 6
FORK = 6  # between the lines of values that fork
BEND = 26  # between the end of a line's straight part and the next node
SIZE, SMALL = 13, 11
LINE = 16  # from a number to that below it
MAX_TITLE = 150
MAX_NAME = 2 * RADIUS + 2 * (BEND - 2)  # it stands below an operation, between the numbers
WIDE = 560  # pixels: on a phone the texts of such a picture are small


@record
class _Run:
    """The straight part of a line: the row on which it runs to the step that reads it."""

    source: str
    target: str
    row: float
    is_first: bool  # it leaves its source on the row of that
    forward: str
    backward: str


def lay_out_formula(diagram: Diagram) -> Drawing:
    """Return the picture of a formula."""
    across = _Across(diagram).drawing()
    if across.width <= WIDE:
        return across
    down = _Down(diagram).drawing()
    return down if down.width < across.width else across


class _Layout:
    """Rows and columns: in which row each node stands, and how many steps it is from the start."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.nodes = {node.key: node for node in diagram.nodes}
        self.order = diagram.order
        self.steps = max(self.order.values())
        self.rows = 0
        self.row: dict[str, float] = {}
        self.runs: list[_Run] = []
        self._place(END)
        self.columns = self._columns()
        self.count = max(self.columns.values()) + 1
        self.forks: list[list[str]] = [[] for _ in range(self.count)]  # by column: what forks
        for run in self.runs:
            forks = self.forks[self.columns[run.source]]
            if not run.is_first and run.source not in forks:
                forks.append(run.source)
        self.boxes: list[Box] = []
        self.lines: list[Line] = []
        self.texts: list[Text] = []
        self.dots: dict[str, Dot] = {}

    def _next_row(self) -> float:
        self.rows += 1
        return self.rows - 0.5

    def _place(self, key: str) -> float:
        """Give a node its row, and the nodes before it theirs; return its row."""
        read = []
        for edge in self.diagram.edges:
            if edge.target == key:
                is_first = edge.source not in self.row
                row = self._place(edge.source) if is_first else self._next_row()
                read.append(row)
                run = _Run(edge.source, key, row, is_first, edge.forward, edge.backward)
                self.runs.append(run)
        self.row[key] = (min(read) + max(read)) / 2 if read else self._next_row()
        return self.row[key]

    def _columns(self) -> dict[str, int]:
        columns: dict[str, int] = {}
        for node in self.diagram.nodes:
            before = [columns[e.source] for e in self.diagram.edges if e.target == node.key]
            columns[node.key] = max(before, default=-1) + 1
        return columns

    def _drawing(self, width: float, height: float) -> Drawing:
        return Drawing(
            self.diagram.title,
            width,
            height,
            tuple(self.boxes),
            tuple(self.lines),
            tuple(self.texts),
            tuple(self.dots.values()),
            2 * self.steps,
        )

    def _turn(self, key: str) -> float:
        """Return how far behind its column a value forks: each on a line of its own."""
        return PAD / 2 + FORK * self.forks[self.columns[key]].index(key)

    def _room(self, column: int) -> float:
        """Return how far behind a column its numbers begin."""
        return 2 * PAD + FORK * max(0, len(self.forks[column]) - 1)

    def _width(self, node: Node) -> float:
        """Return how wide a node is."""
        title = min(text_width(node.title, SIZE), MAX_TITLE) + 2 * PAD
        return max(2 * RADIUS, title)

    def _draw_node(self, node: Node, x: float, y: float, width: float) -> None:
        """Draw a node around its middle."""
        known, _ = self._moments(node.key)
        box = Box(x - width / 2, y - RADIUS, width, 2 * RADIUS, node.kind, RADIUS, known)
        title = shortened(node.title, SIZE, width - 2 * PAD)
        if node.kind == "operation":
            title = shortened(node.title, SIZE, MAX_TITLE)
        self.boxes.append(box)
        self.texts.append(Text(x, y + 5, title, SIZE, "title", "middle", known, box))

    def _total(self, node: Node) -> str:
        """Return the whole gradient of a value that several steps read: a sum of theirs."""
        count = sum(edge.source == node.key for edge in self.diagram.edges)
        return f"sum {node.backward}" if node.backward and count > 1 else ""

    def _moments(self, key: str) -> tuple[int, int]:
        """Return when the value of a node is known, and when what it hands back."""
        at = self.order[key]
        return at, 2 * self.steps + 1 - at

    def _when_summed(self, key: str) -> int:
        """Return when the whole gradient of a value is known."""
        edges = (edge for edge in self.diagram.edges if edge.source == key)
        return max(self._moments(edge.target)[1] for edge in edges)

    def _numbers(self, run: _Run) -> Iterator[tuple[str, str, int]]:
        """Yield the numbers of an edge, each with its kind, and when it is known."""
        known, _ = self._moments(run.source)
        _, back = self._moments(run.target)
        if self.nodes[run.target].kind == "output":
            back = self.steps + 1
        yield run.forward, "forward", known
        yield run.backward, "backward", back


class _Across(_Layout):
    """From the left to the right, as in textbooks: values above the lines, gradients below."""

    def drawing(self) -> Drawing:
        self.inside = [0.0] * self.count  # the widths of nodes
        beside = [0.0] * self.count  # and of the numbers behind them
        for key, column in self.columns.items():
            node = self.nodes[key]
            width = self._width(node)
            if node.kind != "operation":
                width = max(width, text_width(self._total(node), SMALL))
            self.inside[column] = max(self.inside[column], width)
        for key, column in self.columns.items():  # the name of an operation ends before the bend
            name = shortened(self.nodes[key].name, SMALL, MAX_NAME)
            if self.nodes[key].kind == "operation":
                rest = text_width(name, SMALL) - self.inside[column] - self._room(column)
                beside[column] = max(beside[column], rest)
        for run in self.runs:
            column = self.columns[run.source]
            width = max(text_width(t, SIZE) for t in (run.forward, run.backward))
            beside[column] = max(beside[column], width)
        self.left = [float(MARGIN)]
        for at in range(self.count - 1):
            self.left.append(self.left[-1] + self.inside[at] + beside[at] + self._room(at) + BEND)
        for run in reversed(self.runs):  # those that fork off lie below
            self._draw_run(run)
        for node in self.diagram.nodes:
            if node.key in self.row:
                self._draw(node)
        width = self.left[-1] + self.inside[-1] + MARGIN
        return self._drawing(width, ROW * self.rows + 2 * MARGIN)

    def _draw(self, node: Node) -> None:
        column, y = self.columns[node.key], self._y(self.row[node.key])
        is_operation = node.kind == "operation"
        x = self._middle(node.key)
        known, _ = self._moments(node.key)
        self._draw_node(node, x, y, self._width(node) if is_operation else self.inside[column])
        below, above = y + RADIUS + 13, y - RADIUS - 5
        if is_operation and node.name:
            name = shortened(node.name, SMALL, MAX_NAME)
            left = x - RADIUS  # no line comes in below it
            self.texts.append(Text(left, below, name, SMALL, "name", moment=known))
        if total := self._total(node):
            at = above if is_operation else below
            last = self._when_summed(node.key)
            self.texts.append(Text(x, at, total, SMALL, "backward", "middle", last))

    def _draw_run(self, run: _Run) -> None:
        column, goal = self.columns[run.source], self.columns[run.target]
        right = self.left[column] + self.inside[column]
        y, end = self._y(run.row), self.left[goal] - BEND + 4
        to_x = self._middle(run.target) - self._half(run.target)
        to_y = self._y(self.row[run.target])
        from_y = self._y(self.row[run.source])
        path = f"M{px(self._middle(run.source) + self._half(run.source))} {px(from_y)}"
        if not run.is_first:  # it leaves the line of its source at once
            turn = right + self._turn(run.source)
            path += f"H{px(turn)}V{px(y)}"
            self.dots[run.source] = Dot(turn, from_y)
        path += f"H{px(end)}"
        straight = path
        if to_y == y:
            path += f"H{px(to_x)}"
        else:
            half = px((end + to_x) / 2)
            path += f"C{half} {px(y)} {half} {px(to_y)} {px(to_x)} {px(to_y)}"
        self.lines.append(Line(path, (to_x, to_y, "right"), straight))
        for (text, kind, moment), below in zip(self._numbers(run), (-5, 15), strict=True):
            if text:
                at = right + self._room(column)
                self.texts.append(Text(at, y + below, text, SIZE, kind, moment=moment))

    def _half(self, key: str) -> float:
        node = self.nodes[key]
        is_operation = node.kind == "operation"
        return (self._width(node) if is_operation else self.inside[self.columns[key]]) / 2

    def _middle(self, key: str) -> float:
        column = self.columns[key]
        return self.left[column] + self.inside[column] / 2

    def _y(self, row: float) -> float:
        return MARGIN + ROW * row


class _Down(_Layout):
    """From the top down: beside a line stand the value, and the gradient below it."""

    def drawing(self) -> Drawing:
        beside = [0] * self.count  # how many texts stand below the nodes of a column
        nodes = max(self._width(self.nodes[key]) for key in self.row)
        numbers = 0.0
        for run in self.runs:
            texts = self._texts(run)
            column = self.columns[run.source]
            beside[column] = max(beside[column], len(texts))
            numbers = max([numbers, *(text_width(text, SIZE) for text, _, _ in texts)])
        self.pitch = max(nodes + PAD, numbers + 3 * PAD)
        self.first = MARGIN + nodes / 2  # the middle of the first row
        self.top = [float(MARGIN)]
        for at in range(self.count - 1):
            self.top.append(
                self.top[-1] + 2 * RADIUS + self._room(at) - PAD + LINE * beside[at] + BEND
            )
        for run in reversed(self.runs):  # those that fork off lie below
            self._draw_run(run)
        for node in self.diagram.nodes:
            if node.key in self.row:
                y = self.top[self.columns[node.key]] + RADIUS
                self._draw_node(node, self._x(self.row[node.key]), y, self._width(node))
        width = self._x(self.rows - 0.5) + max(nodes / 2, PAD + numbers) + MARGIN
        return self._drawing(width, self.top[-1] + 2 * RADIUS + MARGIN)

    def _texts(self, run: _Run) -> list[tuple[str, str, int]]:
        """Return what stands beside a line; where it leaves its source, what is said of that."""
        node = self.nodes[run.source]
        known, _ = self._moments(run.source)
        found = list(self._numbers(run))
        if run.is_first and node.kind == "operation":
            found.insert(0, (shortened(node.name, SIZE, MAX_NAME), "name", known))
        if run.is_first and (total := self._total(node)):
            found.append((total, "backward", self._when_summed(run.source)))
        return [one for one in found if one[0]]

    def _draw_run(self, run: _Run) -> None:
        bottom = self.top[self.columns[run.source]] + 2 * RADIUS
        x, end = self._x(run.row), self.top[self.columns[run.target]] - BEND + 4
        to_x, to_y = self._x(self.row[run.target]), self.top[self.columns[run.target]]
        from_x = self._x(self.row[run.source])
        path = f"M{px(from_x)} {px(bottom)}"
        if not run.is_first:
            turn = bottom + self._turn(run.source)
            path += f"V{px(turn)}H{px(x)}"
            self.dots[run.source] = Dot(from_x, turn)
        path += f"V{px(end)}"
        straight = path
        if to_x == x:
            path += f"V{px(to_y)}"
        else:
            half = px((end + to_y) / 2)
            path += f"C{px(x)} {half} {px(to_x)} {half} {px(to_x)} {px(to_y)}"
        self.lines.append(Line(path, (to_x, to_y, "down"), straight))
        line = bottom + self._room(self.columns[run.source]) - PAD
        for text, kind, moment in self._texts(run):
            line += LINE
            self.texts.append(Text(x + PAD, line - 2, text, SIZE, kind, moment=moment))

    def _x(self, row: float) -> float:
        return self.first + self.pitch * (row - 0.5)
