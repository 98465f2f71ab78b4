"""From tree to text: what a person wrote comes out as it was written, byte for byte."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nndsl.ir.tree import (
    Assign,
    AugmentedAssign,
    Block,
    Comment,
    Comprehension,
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Line,
    Literal,
    Name,
    Node,
    Opaque,
    Operation,
)
from nndsl.languages import translated

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
WIDTH = 92  # of items that stand on lines of their own
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
    if op == "yield":
        return LOOSEST
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
            start, end = node.brackets[0], node.brackets[1]
            inside = _generated(node)
            return f"{start}\n    {inside}\n{end}" if node.spread else f"{start}{inside}{end}"


def _operation(node: Operation) -> str:
    if node.op[-1] == ")":
        function, items = _call_parts(node)
        return f"{function}({_items(node, items)})"
    op, parts = node.op, list(_operands(node))
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
        case "f-string":
            return 'f"' + "".join(map(_piece, node.operands)) + '"'
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


def _call_parts(node: Operation) -> tuple[str, list[str]]:
    """Return the text of the function that is called, and those of its arguments."""
    function, parts = node.op[:-2], list(_operands(node))
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
    return function, parts


def _argument(node: Expression, least: int = TERNARY) -> str:
    is_pair = isinstance(node, Operation) and node.op == "pair"
    text = expression(node)
    return text if is_pair or tightness(node) >= least else f"({text})"


def _piece(node: Expression) -> str:
    """Return a part of a formatted text: letters, `{value}` or `{value:.4f}`."""
    match node:
        case Literal(_, text):
            return text
        case Operation("pair", (value, Literal(_, how))):
            return f"{{{expression(value)}:{how}}}"
    return f"{{{expression(node)}}}"


def _items(node: Operation, parts: Sequence[str], last: str = "") -> str:
    """Return items separated by commas, on the lines that they have; `last` follows one alone."""
    if not node.lines:
        return ", ".join(parts) + last * (len(parts) == 1)
    items = iter(parts)
    rows = [", ".join(next(items) for _ in range(count)) for count in node.lines if count]
    end = "," * (node.lines[-1] == 0)
    return "\n    " + ",\n    ".join(row.replace("\n", "\n    ") for row in rows) + end + "\n"


def wrapped(node: Operation, before: int = 20) -> Operation:
    """Return a tuple, a call … with its items on lines of their own where one is too short.

    `before` is how many characters stand beside them, if they fit on a line.
    """
    fits = before + len(", ".join(_item_texts(node))) <= WIDTH
    return node if fits else on_lines(node)


def on_lines(node: Operation, width: int = WIDTH, joins: Sequence[bool] = ()) -> Operation:
    """Return a tuple, a call … with its items on lines of their own, as many on each as fit.

    `joins` says of each item whether it may stand behind the one before it; left out, all may.
    """
    counts: list[int] = []
    length = 0
    for at, item in enumerate(_item_texts(node)):
        if counts and (joins[at] if joins else True) and length + len(item) + 2 <= width:
            counts[-1] += 1
            length += len(item) + 2
        else:
            counts.append(1)
            length = len(item) + 1
    return replace(node, lines=(*counts, 0) if counts else ())


def _item_texts(node: Operation) -> list[str]:
    return _call_parts(node)[1] if node.op[-1] == ")" else list(_operands(node))


def _generated(node: Comprehension) -> str:
    gap = "\n    " if node.spread else " "
    clauses = "".join(
        f"{gap}for {expression(clause.target)} in {_argument(clause.iterable, OR)}"
        + "".join(f"{gap}if {_argument(condition, OR)}" for condition in clause.conditions)
        for clause in node.clauses
    )
    element = _argument(node.element)
    return (element.replace("\n", gap) if node.spread else element) + clauses


# --- Statements -------------------------------------------------------------------------


def statement(node: Node) -> str:
    """Return the text of a statement, that of a block on several lines with its comments."""
    return line(Line(node))


def line(made: Line) -> str:
    """Return the text of a statement with its comment, three spaces behind."""
    return "\n".join(_lines(made))


def comment(made: Comment) -> str:
    """Return a comment in words, in the language that is chosen."""
    names = made.sentence.split("`")[1::2]
    shown = dict(zip(names, map(expression, made.arguments), strict=True))
    words = translated(made.sentence).split("`")
    words[1::2] = (shown[name] for name in words[1::2])
    return "".join(words)


def _lines(made: Line) -> Iterator[str]:
    node = made.node
    behind = f"   # {comment(made.comment)}" if made.comment else ""
    if not isinstance(node, Block):
        yield _simple(node) + behind
        return
    yield head(node) + behind
    for inner in node.body:
        for text in _lines(inner):
            yield "\n".join(f"    {row}" for row in text.split("\n"))
    if node.otherwise is not None:
        yield from _lines(node.otherwise)


def head(node: Block) -> str:
    """Return the line that begins a block."""
    match node:
        case Block("for", value, binds) if value and binds:
            return f"for {expression(binds)} in {expression(value)}:"
        case Block("with" | "except" as word, value, binds) if value and binds:
            return f"{word} {expression(value)} as {expression(binds)}:"
        case Block(word, value) if value is not None:
            return f"{word} {expression(value)}:"
    return f"{node.word}:"


def _simple(
    node: Assign | AugmentedAssign | ExpressionStatement | KeywordStatement | Opaque,
) -> str:
    match node:
        case Opaque(pieces):
            return "".join(piece if isinstance(piece, str) else piece.id for piece in pieces)
        case Assign(targets, value):
            return " = ".join(map(expression, (*targets, value)))
        case AugmentedAssign(target, op, value):
            return f"{expression(target)} {op}= {expression(value)}"
        case ExpressionStatement(value):
            return expression(value)
        case KeywordStatement(word, value):
            return word if value is None else f"{word} {expression(value)}"
