"""From tree to text: what a person wrote comes out as it was written, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nndsl.ir.tree import (
    Assign,
    Block,
    Change,
    Comprehension,
    Evaluate,
    Expression,
    Foreign,
    Leave,
    Line,
    Literal,
    Name,
    Node,
    Operation,
)

# How tightly an operation binds, from the loosest on, and what may stand in its operands.
LOOSEST, YIELD, TERNARY, OR, AND, NOT, COMPARISON = range(7)
BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, SIGN, POWER, CALL, ATOM = range(7, 17)
_BINARY = {
    "|": BIT_OR,
    "^": BIT_XOR,
    "&": BIT_AND,
    "<<": SHIFT,
    ">>": SHIFT,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "//": PRODUCT,
    "%": PRODUCT,
    "@": PRODUCT,
    "**": POWER,
}
_UNARY = {
    **dict.fromkeys("-+~", SIGN),
    **dict.fromkeys(["*", "**"], BIT_OR),  # of arguments
    "not": NOT,
    "yield": YIELD,
}
_COMPARISONS = frozenset(["<", "<=", ">", ">=", "==", "!=", "in", "not_in", "is", "is_not"])
_BRACKETS = {"list": "[]", "set": "{}", "dict": "{}", "tuple": "()"}


def tightness(node: Expression) -> int:
    """Return how tightly an expression holds together, from `LOOSEST` to `ATOM`."""
    match node:
        case Operation("list" | "set" | "dict") | Operation(enclosed=True):
            return ATOM
        case Operation("tuple", operands, lines=lines):
            return LOOSEST if operands and not lines else ATOM
        case Operation("if"):
            return TERNARY
        case Operation("or"):
            return OR
        case Operation("and"):
            return AND
        case Operation("slice" | "pair"):
            return LOOSEST
        case Operation(op, [_]) if op in _UNARY:
            return _UNARY[op]
        case Operation(op) if op in _BINARY:
            return _BINARY[op]
        case Operation(op) if op.partition(" ")[0] in _COMPARISONS:
            return COMPARISON
        case Operation():
            return CALL
    return ATOM


def needs_parentheses(node: Operation, at: int) -> bool:
    """Must the operand at a position stand in parentheses, to be the operand?"""
    operand = node.operands[at]
    if isinstance(operand, Operation) and operand.op in ("slice", "pair"):
        return False
    return tightness(operand) < _asked(node, at)


def _asked(node: Operation, at: int) -> int:
    """Return how tight an operand must be, so as to need no parentheses."""
    op, count = node.op, len(node.operands)
    if op in ("tuple", "list", "set", "dict", "slice", "pair"):
        return TERNARY
    if count == 1 and op in _UNARY:
        return _UNARY[op]
    if op == "**":
        return SIGN if at else CALL
    if op in _BINARY:
        return _BINARY[op] + bool(at)
    if op == "or":
        return AND
    if op == "and":
        return NOT
    if op == "if":
        return TERNARY if at == 2 else OR
    if op.partition(" ")[0] in _COMPARISONS:
        return COMPARISON + 1
    is_receiver = at == 0 and (op[0] == "." or op in ("[]", "()"))
    return CALL if is_receiver else TERNARY


def enclosed(node: Expression) -> Expression:
    """Return an operation in parentheses, whatever its place asks for."""
    return replace(node, enclosed=True) if isinstance(node, Operation) else node


def expression(node: Expression) -> str:
    """Return the text of an expression. A tuple has no parentheses but those it was given."""
    match node:
        case Name(text) | Literal(_, text):
            return text
        case Operation("tuple"):
            inside = _items(node, list(_operands(node)), ",")
            return f"({inside})" if node.enclosed or node.lines or not node.operands else inside
        case Operation():
            text = _operation(node)
            if node.enclosed and node.lines and node.op in _BINARY:
                text = "\n    " + text.replace("\n", "\n    ") + "\n"
            return f"({text})" if node.enclosed else text
        case Comprehension():
            return f"{node.brackets[0]}{_generated(node)}{node.brackets[1]}"


def _operation(node: Operation) -> str:
    op, parts = node.op, list(_operands(node))
    if op[-1] == ")":
        return _call(node, parts)
    if op[0] == ".":
        return parts[0] + op
    match op:
        case "[]":
            return f"{parts[0]}[{', '.join(parts[1:])}]"
        case "slice":
            return ":".join(parts)
        case "pair":
            return ": ".join(parts)
        case "if":
            return f"{parts[0]} if {parts[1]} else {parts[2]}"
        case "list" | "set" | "dict":
            return f"{_BRACKETS[op][0]}{_items(node, parts)}{_BRACKETS[op][1]}"
        case "**" if len(parts) == 2:
            return "**".join(parts)
        case "and" | "or":
            return f" {op} ".join(parts)
    if len(parts) == 1:
        return f"{op}{' ' * op.isalpha()}{parts[0]}"
    signs = op.split(" ")
    blank = "\n" if len(node.lines) > 1 else " "
    rest = zip(signs, parts[1:], strict=True)
    return parts[0] + "".join(f"{blank}{sign.replace('_', ' ')} {part}" for sign, part in rest)


def _operands(node: Operation) -> Iterator[str]:
    for at, operand in enumerate(node.operands):
        text = expression(operand)
        yield f"({text})" if needs_parentheses(node, at) else text


def _call(node: Operation, parts: list[str]) -> str:
    function = node.op[:-2]
    if function == "" or function[0] == ".":
        function, parts, given = parts[0] + function, parts[1:], node.operands[1:]
    else:
        given = node.operands
    match given:
        case [Comprehension("()") as generator] if not node.options:
            parts = [_generated(generator)]
    parts += [
        f"**{_argument(value)}" if name == "**" else f"{name}={_argument(value)}"
        for name, value in node.options
    ]
    return f"{function}({_items(node, parts)})"


def _argument(node: Expression, least: int = TERNARY) -> str:
    is_pair = isinstance(node, Operation) and node.op == "pair"
    text = expression(node)
    return text if is_pair or tightness(node) >= least else f"({text})"


def _items(node: Operation, parts: Sequence[str], last: str = "") -> str:
    """Return items separated by commas, on the lines that they have; `last` follows one alone."""
    if not node.lines:
        return ", ".join(parts) + last * (len(parts) == 1)
    items = iter(parts)
    rows = [", ".join(next(items) for _ in range(count)) for count in node.lines if count]
    end = "," * (node.lines[-1] == 0)
    return "\n    " + ",\n    ".join(row.replace("\n", "\n    ") for row in rows) + end + "\n"


def _generated(node: Comprehension) -> str:
    clauses = "".join(
        f" for {expression(clause.target)} in {_argument(clause.iterable, OR)}"
        + "".join(f" if {_argument(condition, OR)}" for condition in clause.conditions)
        for clause in node.clauses
    )
    return _argument(node.element) + clauses


# --- Statements -------------------------------------------------------------------------


def statement(node: Node) -> str:
    """Return the text of a statement, that of a block on several lines with its comments."""
    return line(Line(node))


def line(made: Line) -> str:
    """Return the text of a statement with its comment, three spaces behind."""
    return "\n".join(_lines(made))


def _lines(made: Line) -> Iterator[str]:
    node = made.node
    comment = f"   # {made.comment}" if made.comment else ""
    if not isinstance(node, Block):
        yield _simple(node) + comment
        return
    yield _head(node) + comment
    for inner in node.body:
        for text in _lines(inner):
            yield "\n".join(f"    {row}" for row in text.split("\n"))
    if node.otherwise is not None:
        yield from _lines(node.otherwise)


def _head(node: Block) -> str:
    match node:
        case Block("for", value, binds) if value and binds:
            return f"for {expression(binds)} in {expression(value)}:"
        case Block("with" | "except" as word, value, binds) if value and binds:
            return f"{word} {expression(value)} as {expression(binds)}:"
        case Block(word, value) if value is not None:
            return f"{word} {expression(value)}:"
    return f"{node.word}:"


def _simple(node: Assign | Change | Evaluate | Leave | Foreign) -> str:
    match node:
        case Foreign(pieces):
            return "".join(piece if isinstance(piece, str) else piece.id for piece in pieces)
        case Assign(targets, value):
            return " = ".join(map(expression, (*targets, value)))
        case Change(target, op, value):
            return f"{expression(target)} {op}= {expression(value)}"
        case Evaluate(value):
            return expression(value)
        case Leave(word, value):
            return word if value is None else f"{word} {expression(value)}"
