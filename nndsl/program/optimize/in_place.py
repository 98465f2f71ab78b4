"""Writes results into memory that is there: `y = a * b` becomes `np.multiply(a, b, out=y)`."""

from collections.abc import Mapping, Sequence

from nndsl.ir import (
    Assign,
    AugmentedAssign,
    Expression,
    ExpressionStatement,
    Literal,
    Name,
    Operation,
    Statement,
)
from nndsl.ir.rows import node_of
from nndsl.ir.symbols import number
from nndsl.ir.tree import Node
from nndsl.ir.values import Value, value_of
from nndsl.program.optimize.rules import BINARY, COMMUTATIVE

EVERYWHERE = Literal(..., "...")


def write_in_place(
    statements: Sequence[Statement], known: Mapping[str, Value], owned: set[str]
) -> list[Statement]:
    """Return the statements, those that compute a name in `owned` in the form that has `out=`."""
    made = []
    for statement in statements:
        if statement.target not in owned or statement.value is None:
            made.append(statement)
        elif (node := _form(Name(statement.writes[0]), statement.value, known)) is not None:
            made.append(statement.with_node(node))
    return made


def _form(target: Name, node: Expression, known: Mapping[str, Value]) -> Node | None:
    """Return the statement, or None where the memory need not be written."""
    match node:
        case Operation("np.empty_like()"):
            return None
        case Operation("np.zeros_like()"):
            return Assign((Operation("[]", (target, EVERYWHERE)),), number(0))
        case Operation(".reshape()", (inner, *_)):
            value = value_of(inner, known)
            assert value is not None
            whole = Operation(".reshape()", (target, *map(node_of, value.shape)))
            return Assign((Operation("[]", (whole, EVERYWHERE)),), inner)
        case Operation("@", (left, right)):
            sides = [value_of(side, known) for side in (left, right)]
            flat = all(side is not None and len(side.shape) <= 2 for side in sides)
            return _call("dot" if flat else "matmul", [left, right], target)
        case Operation("-", (operand,)):
            return _call("negative", [operand], target)
        case Operation(op, (left, right)) if op in BINARY:
            if left == target:
                return AugmentedAssign(target, op, right)
            if right == target and BINARY[op] in COMMUTATIVE:
                return AugmentedAssign(target, op, left)
            return _call(BINARY[op], [left, right], target)
        case Operation(op, operands, options):
            return _call(op[len("np.") : -len("()")], [*operands], target, options)
    raise TypeError(f"{node} is not in the tables")


def _call(
    function: str,
    operands: list[Expression],
    target: Name,
    options: tuple[tuple[str, Expression], ...] = (),
) -> ExpressionStatement:
    if function in COMMUTATIVE and isinstance(operands[0], Literal):
        operands = operands[::-1]  # numpy is faster with the number behind
    options = (*options, ("out", target))
    return ExpressionStatement(Operation(f"np.{function}()", tuple(operands), options))
