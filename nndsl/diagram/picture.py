"""A computational graph as something to look at: SVG, Graphviz's DOT, Mermaid."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from nndsl.diagram.diagram import Diagram, Node
from nndsl.diagram.drawing import Drawing
from nndsl.diagram.svg import write_svg
from nndsl.files import write_text

PAGE_SCALE = 0.72  # of a report, whose pictures are measured in points: a pixel stays one


class Picture:
    """The picture of a network or of a formula. A notebook shows it by itself."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram

    @property
    def svg(self) -> str:
        """The picture as an SVG file, which follows light and dark."""
        return write_svg(self.drawing)

    @property
    def dot(self) -> str:
        """The graph for Graphviz."""
        return write_dot(self.diagram)

    @property
    def mermaid(self) -> str:
        """The graph for Mermaid, as Markdown pages hold it."""
        return write_mermaid(self.diagram)

    @property
    def element(self) -> str:
        """The picture as an element of a page that has its style sheet."""
        return write_svg(self.drawing, scale=PAGE_SCALE)

    def steps(self) -> Iterator[str]:
        """Yield a picture for each step: the values as they become known, then the gradients."""
        for step in range(1, self.drawing.moments + 1):
            yield write_svg(self.drawing, step=step)

    def save(self, path: str | Path) -> None:
        """Write it to a file: .svg, .dot or .mmd. ValueError where the name ends otherwise."""
        formats = {".svg": "svg", ".dot": "dot", ".mmd": "mermaid"}
        suffix = Path(path).suffix
        if suffix not in formats:
            raise ValueError(f"a picture is {', '.join(formats)}, and not `{suffix}`")
        write_text(Path(path), getattr(self, formats[suffix]))

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<graph of {self.diagram.title}: {len(self.diagram.nodes)} nodes>"

    @cached_property
    def drawing(self) -> Drawing:
        """The picture with everything in its place."""
        if self.diagram.is_formula:
            from nndsl.diagram.formula_layout import lay_out_formula

            return lay_out_formula(self.diagram)
        from nndsl.diagram.network_layout import lay_out_network

        return lay_out_network(self.diagram)


def write_dot(diagram: Diagram) -> str:
    """Return a graph as Graphviz reads it."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    shapes = {"layer": "box", "folded": "box", "loss": "box", "operation": "circle"}
    direction = "LR" if diagram.is_formula else "TB"
    lines = [f"digraph {quoted(diagram.title)} {{", f"  rankdir={direction}"]
    lines += ['  node [fontname="monospace"]', '  edge [fontname="monospace"]']
    for node in diagram.nodes:
        shape = shapes.get(node.kind, "plaintext")
        lines.append(f"  {quoted(node.key)} [label={quoted(_node_text(node))} shape={shape}]")
    for source, target, text in _edges(diagram):
        label = f" [label={quoted(text)}]" if text else ""
        lines.append(f"  {quoted(source)} -> {quoted(target)}{label}")
    return "\n".join([*lines, "}", ""])


def write_mermaid(diagram: Diagram) -> str:
    """Return a graph as Mermaid reads it."""
    names = {node.key: f"n{at}" for at, node in enumerate(diagram.nodes)}

    def quoted(text: str) -> str:
        escapes = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": "<br>"}
        return '"' + "".join(escapes.get(character, character) for character in text) + '"'

    lines = [f"flowchart {'LR' if diagram.is_formula else 'TB'}"]
    for node in diagram.nodes:
        left, right = ("((", "))") if node.kind == "operation" else ("[", "]")
        lines.append(f"  {names[node.key]}{left}{quoted(_node_text(node))}{right}")
    for source, target, text in _edges(diagram):
        label = f"|{quoted(text)}|" if text else ""
        lines.append(f"  {names[source]} -->{label} {names[target]}")
    return "\n".join([*lines, ""])


def _node_text(node: Node) -> str:
    lines = [node.title, *node.lines]
    if node.kind == "parameter":
        lines += [node.shape, node.forward, node.backward]
    if node.kind == "operation":
        lines.append(node.name)
    return "\n".join(filter(None, lines))


def _edges(diagram: Diagram) -> Iterator[tuple[str, str, str]]:
    nodes: Mapping[str, Node] = {node.key: node for node in diagram.nodes}
    for edge in diagram.edges:
        node = nodes[edge.source]
        texts = [edge.forward, edge.backward]
        if not diagram.is_formula and node.kind != "parameter":
            texts = [f"{node.name} {node.shape}".strip(), node.forward, node.backward]
        yield edge.source, edge.target, "\n".join(filter(None, texts))
