"""The graph of a formula: an operation a node, with the numbers of the start on its edges."""

from nndsl.analysis.minimize import of_numpy
from nndsl.diagram.diagram import Diagram, Edge, Node, short
from nndsl.ir import Expression, Name, Operation, parse_value, printer
from nndsl.ir.chain import Step, names
from nndsl.ir.derivatives import RULES
from nndsl.ir.scalar import evaluate_number
from nndsl.ir.tree import transformed
from nndsl.program.descent import Descent

SIGNS = {"*": "×", "-": "−", "/": "÷", "**": "^"}
END = "the result"  # the key of the node at the end


def formula_diagram(descent: Descent, *, values: bool = False) -> Diagram:
    """Return the graph of a descent's formula; with `values` its numbers at the start."""
    return _Builder(descent).diagram(values)


class _Builder:
    """Takes formulas apart, and goes forward and back through their operations."""

    def __init__(self, descent: Descent) -> None:
        self.descent = descent
        start = descent.minimizing.start
        self.nodes: dict[str, Node] = {name: Node(name, "given", name, name=name) for name in start}
        self.numbers: dict[str, float] = dict(start)
        self.slopes: dict[str, float] = dict.fromkeys(start, 0.0)
        self.operations: dict[str, tuple[Operation, list[str | None]]] = {}
        self.edges: list[tuple[str, str, float]] = []
        self.keys: dict[str, str] = {name: name for name in start}  # of what has a name
        for name, formula in descent.minimizing.chain:
            self._add_step((name, transformed(formula, of_numpy)))

    def diagram(self, values: bool) -> Diagram:
        name, _ = self.descent.minimizing.chain[-1]
        last = self.keys[name]
        self._go_back(last)
        said = _said if values else lambda number: ""
        nodes = [
            Node(
                node.key,
                node.kind,
                node.title,
                name=node.name if node.key != last else "",  # it stands at the end
                forward=said(self.numbers[node.key]),
                backward=said(self.slopes[node.key]),
            )
            for node in self.nodes.values()
        ]
        nodes.append(Node(END, "output", name, name=name))
        edges = [Edge(a, b, said(self.numbers[a]), said(slope)) for a, b, slope in self.edges]
        edges.append(Edge(last, END, said(self.numbers[last]), said(1.0)))
        return Diagram(self.descent.spec.name, tuple(nodes), tuple(edges), is_formula=True)

    def _add_step(self, step: Step) -> None:
        name, formula = step
        key = self._add(formula)
        if key is None:  # a number
            key = f"{len(self.nodes)}"
            self.nodes[key] = Node(key, "given", printer.expression(formula))
            self.numbers[key], self.slopes[key] = evaluate_number(formula, {}), 0.0
        elif self.nodes[key].kind == "operation" and not self.nodes[key].name:
            self.nodes[key] = Node(key, "operation", self.nodes[key].title, name=name)
        self.keys[name] = key

    def _add(self, formula: Expression) -> str | None:
        """Add the nodes of a formula; return the key of the last, or None if it is a number."""
        if isinstance(formula, Name):
            return self.keys[formula.id]
        if not names(formula) or not isinstance(formula, Operation):
            return None
        sources = [self._add(operand) for operand in formula.operands]
        key = f"{len(self.nodes)}"
        self.nodes[key] = Node(key, "operation", _title(formula))
        self.operations[key] = formula, sources
        self.slopes[key] = 0.0
        self.numbers[key] = evaluate_number(_over_letters(formula), self._known(key))
        return key

    def _known(self, key: str) -> dict[str, float]:
        """Return the operands of an operation by the letters that its rules have for them."""
        formula, sources = self.operations[key]
        return {
            letter: evaluate_number(operand, {}) if source is None else self.numbers[source]
            for letter, operand, source in zip("abc", formula.operands, sources, strict=False)
        }

    def _go_back(self, last: str) -> None:
        self.slopes[last] = 1.0
        for key in reversed(self.operations):
            formula, sources = self.operations[key]
            known = {**self._known(key), "y": self.numbers[key], "d": self.slopes[key]}
            if len(sources) == 1 and formula.op == "-":
                known["b"] = known["a"]
            rules = RULES[formula.op][-len(sources) :]
            found = []
            for source, rule in zip(sources, rules, strict=True):
                if source is not None:
                    slope = evaluate_number(parse_value(rule), known)
                    self.slopes[source] += slope
                    found.append((source, key, slope))
            self.edges[:0] = found


def _over_letters(formula: Operation) -> Operation:
    operands = zip("abc", formula.operands, strict=False)
    return Operation(formula.op, tuple(Name(letter) for letter, _ in operands))


def _title(formula: Operation) -> str:
    """Return an operation with those of its operands that are numbers: `×`, `÷ 20`, `exp`."""
    sign = SIGNS.get(formula.op, formula.op.removeprefix("np.").removesuffix("()"))
    told = [printer.expression(o) if not names(o) else "" for o in formula.operands]
    if len(told) == 1:
        return sign
    return " ".join(filter(None, [told[0], sign, told[1]]))


def _said(number: float) -> str:
    digits = 6 if number == round(number) else 4
    return short(number, digits)
