"""The layout of a network: a column from the input down to the loss.

These graphs are near chains. What does not go from one row to the next, a way around or the way
into a branch, runs down in a lane on the left. Parameters stand apart, on the right.
"""

from collections.abc import Sequence

from nndsl.diagram.diagram import Diagram, Node
from nndsl.diagram.drawing import (
    Box,
    Dot,
    Drawing,
    Line,
    Text,
    fitted,
    px,
    shortened,
    text_width,
    wrapped,
)

MARGIN = 10
LANE = 14
WIDTH = 450  # as much as a phone shows; many lanes make the layers narrower
BOX, MIN_BOX = 264, 160  # the width of a layer
PAD = 9
BETWEEN = 22  # a layer and its parameters
MAX_SIDE = 136
SIZE, SMALL = 13, 11
TITLE, LINE = 18, 15  # from a line of text to the next
STUB = 9  # from a box to where its output forks
FRAME, FRAME_END = 20, 7
APART = ("parameter", "target")


def lay_out_network(diagram: Diagram) -> Drawing:
    """Return the picture of a network."""
    return _Layout(diagram).drawing()


class _Layout:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.nodes = {node.key: node for node in diagram.nodes}
        self.rows = [node for node in diagram.nodes if node.kind not in APART]
        self.at = {node.key: at for at, node in enumerate(self.rows)}
        jumps = [
            (self.at[edge.source], self.at[edge.target])
            for edge in diagram.edges
            if edge.source in self.at and self.at[edge.target] > self.at[edge.source] + 1
        ]
        lanes = _lanes(jumps)
        self.lanes = dict(zip(jumps, lanes, strict=True))
        self.arriving: dict[int, list[tuple[int, int]]] = {}  # by row: the outermost first
        for jump in sorted(jumps, key=lambda jump: -self.lanes[jump]):
            self.arriving.setdefault(jump[1], []).append(jump)
        self.order, self.inputs, self.readers = diagram.order, diagram.inputs, diagram.readers
        self.steps = max(self.order.values())
        self.left = MARGIN + LANE * (max(lanes, default=-1) + 1)
        self.side = self._side_width()
        right = (BETWEEN + self.side) * bool(self.side) + MARGIN
        self.box = max(MIN_BOX, min(BOX, WIDTH - self.left - right))
        self.width = self.left + self.box + right
        self.boxes: list[Box] = []
        self.frames: list[Box] = []
        self.lines: list[Line] = []
        self.texts: list[Text] = []
        self.dots: list[Dot] = []

    def drawing(self) -> Drawing:
        y = float(MARGIN)
        inner: list[Box] = []
        forks: list[float] = []  # where the output of each row forks
        opened: list[tuple[str, float]] = []  # the frames around a row, and where they begin
        for at, node in enumerate(self.rows):
            before = self.rows[at - 1].within if at else ()
            common = _common(before, node.within)
            for depth, name in enumerate(node.within[common:], common):
                opened.append((name, y))
                self._name_frame(name, y, depth)
                y += FRAME
            box = self._draw_row(node, y)
            inner.append(box)
            y += box.height
            after = self.rows[at + 1].within if at + 1 < len(self.rows) else ()
            while len(opened) > _common(node.within, after):
                name, top = opened.pop()
                y += FRAME_END
                self.frames.append(self._frame(top, y, len(opened)))
            forks.append(y + STUB)
            y = self._draw_output(at, node, y)
        for at, (box, fork) in enumerate(zip(inner, forks, strict=True)):
            self._connect(at, box, fork, inner)
        steps = 2 * self.steps
        return Drawing(
            self.diagram.title,
            self.width,
            y + MARGIN,
            (*reversed(self.frames), *self.boxes),
            tuple(self.lines),
            tuple(self.texts),
            tuple(self.dots),
            steps,
        )

    # --- Rows ---------------------------------------------------------------------------------

    def _draw_row(self, node: Node, y: float) -> Box:
        """Draw a layer and its parameters beside it."""
        inside = self.box - 2 * PAD
        titles = fitted([node.title], SIZE, inside)
        lines = fitted(node.lines, SMALL, inside)
        rules = fitted(node.rules, SMALL, inside)
        content = TITLE * len(titles) + LINE * (len(lines) + len(rules)) + PAD
        beside = [self._side_lines(key) for key in self._beside(node)]
        stack = sum(LINE * len(texts) + 6 for texts in beside) + 5 * (len(beside) - 1)
        height = max(content, stack)
        forward, back = self._moments(node.key)
        is_pill = node.kind == "given"
        width = text_width(node.title, SIZE) + 4 * PAD if is_pill else self.box
        x = self.left + (self.box - width) / 2
        radius = height / 2 if is_pill else 6
        box = Box(x, y, width, height, node.kind, radius, moment=forward)
        self.boxes.append(box)
        line = y + (height - content) / 2 + PAD / 2
        middle = self.left + self.box / 2
        for text in titles:
            line += TITLE
            self.texts.append(Text(middle, line - 5, text, SIZE, "title", "middle", forward, box))
        said = [(text, "equation", forward) for text in lines]
        said += [(text, "backward", back) for text in rules]
        for text, kind, moment in said:
            line += LINE
            self.texts.append(Text(middle, line - 4, text, SMALL, kind, "middle", moment, box))
        self._draw_beside(node, y + (height - stack) / 2, beside)
        return box

    def _beside(self, node: Node) -> list[str]:
        return [key for key in self.inputs[node.key] if self.nodes[key].kind in APART]

    def _side_lines(self, key: str) -> list[tuple[str, str]]:
        """Return the texts of a parameter, each with its kind."""
        node, width = self.nodes[key], MAX_SIDE - 2 * PAD + 4
        head = f"{node.title} {node.shape}".strip()
        first = [head] if text_width(head, SMALL) <= width else [node.title, node.shape]
        found = [(shortened(text, SMALL, width), "parameter-name") for text in first]
        found += [(text, "equation") for text in fitted(node.lines, SMALL, width)]
        for kind, text in (("forward", node.forward), ("backward", node.backward)):
            found += [(line, kind) for line in wrapped(text, SMALL, width)] if text else []
        return found

    def _side_width(self) -> float:
        widths = [
            text_width(text, SMALL) + 2 * PAD - 4
            for node in self.diagram.nodes
            if node.kind in APART
            for text, _ in self._side_lines(node.key)
        ]
        return max(widths, default=0.0)

    def _draw_beside(
        self, node: Node, y: float, beside: Sequence[Sequence[tuple[str, str]]]
    ) -> None:
        x = self.left + self.box + BETWEEN
        _, back = self._moments(node.key)
        for key, texts in zip(self._beside(node), beside, strict=True):
            height = LINE * len(texts) + 6
            box = Box(x, y, self.side, height, self.nodes[key].kind, 4)
            self.boxes.append(box)
            for number, (text, kind) in enumerate(texts, 1):
                moment = back if kind == "backward" else 0
                line = y + LINE * number - 1
                self.texts.append(
                    Text(x + PAD - 2, line, text, SMALL, kind, moment=moment, box=box)
                )
            middle = y + height / 2
            end = self.left + self.box
            self.lines.append(Line(f"M{px(x)} {px(middle)}H{px(end)}", (end, middle, "left")))
            y += height + 5

    def _draw_output(self, at: int, node: Node, y: float) -> float:
        """Write the name, the shape and the numbers of an output; return where the row ends."""
        known, _ = self._moments(node.key)
        readers = self.readers[node.key]
        back = min((self._moments(key)[1] for key in readers), default=self.steps + 1)
        if len(readers) > 1:
            back = max(self._moments(key)[1] for key in readers)
        label = f"{node.name} {node.shape}".strip()
        x = self.left + self.box / 2 + 10
        room = self.width - MARGIN / 2 - x
        texts = [(label, "shape", known)] if label and node.kind != "loss" else []
        for text, kind, moment in (
            (node.forward, "forward", known),
            (node.backward, "backward", back),
        ):
            texts += [(line, kind, moment) for line in wrapped(text, SMALL, room)] if text else []
        line = y + 4
        for text, kind, moment in texts:
            line += LINE
            one = shortened(text, SMALL, room)
            self.texts.append(Text(x, line, one, SMALL, kind, moment=moment))
        is_last = at + 1 == len(self.rows)
        return max(line + 8, y + 30) if texts or not is_last else y

    # --- Lines --------------------------------------------------------------------------------

    def _connect(self, at: int, box: Box, fork: float, boxes: Sequence[Box]) -> None:
        """Draw the lines from a row to those that read it."""
        middle, start = self.left + self.box / 2, box.y + box.height
        readers = [self.at[key] for key in self.readers[self.rows[at].key]]
        if at + 1 in readers:
            end = boxes[at + 1].y
            path = f"M{px(middle)} {px(start)}V{px(end)}"
            self.lines.append(Line(path, (middle, end, "down")))
        jumps = [reader for reader in readers if reader > at + 1]
        if not jumps:
            return
        if at + 1 in readers:
            self.dots.append(Dot(middle, fork))
        else:
            self.lines.append(Line(f"M{px(middle)} {px(start)}V{px(fork)}"))
        for reader in jumps:
            lane = self.lanes[at, reader]
            x = self.left - LANE * (lane + 1) + LANE / 2 - 2
            target = boxes[reader]
            arriving = self.arriving[reader]
            place = arriving.index((at, reader)) + 1
            y = target.y + target.height * place / (len(arriving) + 1)
            path = f"M{px(middle)} {px(fork)}H{px(x)}V{px(y)}H{px(self.left)}"
            self.lines.append(Line(path, (self.left, y, "right")))

    # --- Copies -------------------------------------------------------------------------------

    def _frame(self, top: float, bottom: float, depth: int) -> Box:
        x = 3 + 3 * depth
        return Box(x, top, self.width - 2 * x, bottom - top, "copy", 8)

    def _name_frame(self, name: str, y: float, depth: int) -> None:
        x = self.left + self.box / 2 + 10
        right = self.width - 3 - 3 * depth - PAD
        text = shortened(name, SMALL, right - x)
        self.texts.append(Text(right, y + 14, text, SMALL, "within", "end"))

    def _moments(self, key: str) -> tuple[int, int]:
        """Return when the output of a row is known, and when what it hands back."""
        at = self.order[key]
        return at, 2 * self.steps + 1 - at


def _lanes(jumps: Sequence[tuple[int, int]]) -> list[int]:
    """Return a lane for each jump, so that those in one lane do not meet; 0 is next to the rows."""
    found = [0] * len(jumps)
    used: list[list[tuple[int, int]]] = []
    for at in sorted(range(len(jumps)), key=lambda at: (jumps[at][1] - jumps[at][0], jumps[at])):
        start, end = jumps[at]
        lane = 0
        while lane < len(used) and any(start < e and s < end for s, e in used[lane]):
            lane += 1
        if lane == len(used):
            used.append([])
        used[lane].append((start, end))
        found[at] = lane
    return found


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many copies around two rows are the same."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count
