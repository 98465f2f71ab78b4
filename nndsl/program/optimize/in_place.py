"""Writes results into memory that is there: `y = a * b` becomes `np.multiply(a, b, out=y)`."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nndsl.program.optimize.rules import BINARY, COMMUTATIVE
from nndsl.program.optimize.spelling import spell
from nndsl.program.optimize.values import Value, value_of
from nndsl.statements import Statement, node_of, parse_text


def write_in_place(
    statements: Sequence[Statement], known: Mapping[str, Value], owned: set[str]
) -> list[Statement]:
    """Return the statements, those that compute a name in `owned` in the form that has `out=`."""
    made = []
    for statement in statements:
        if statement.target not in owned:
            made.append(statement)
        elif (written := _in_place(statement, known)) is not None:
            made.append(written)
    return made


def _in_place(statement: Statement, known: Mapping[str, Value]) -> Statement | None:
    target, value = statement.target, statement.value
    assert target is not None
    assert value is not None
    code = _form(target, ast.parse("".join(value), mode="eval").body, known)
    if not code:
        return None
    (made,) = parse_text(code)
    return replace(
        made,
        comment=statement.comment,
        said=statement.said,
        shape=statement.shape,
        origin=statement.origin,
        section=statement.section,
    )


def _form(target: str, node: ast.expr, known: Mapping[str, Value]) -> str:
    """Return the statement, or "" where the memory need not be written."""
    match node:
        case ast.Call(func=ast.Attribute(attr="empty_like")):
            return ""
        case ast.Call(func=ast.Attribute(attr="zeros_like")):
            return f"{target}[...] = 0"
        case ast.Call(func=ast.Attribute(value=inner, attr="reshape")):
            value = value_of(inner, known)
            assert value is not None
            lengths = ", ".join(spell(node_of(length)) for length in value.shape)
            return f"{target}.reshape({lengths})[...] = {spell(inner)}"
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            sides = [value_of(side, known) for side in (left, right)]
            flat = all(side is not None and len(side.shape) <= 2 for side in sides)
            return _call("dot" if flat else "matmul", [left, right], target)
        case ast.BinOp(left=left, op=op, right=right):
            function, sign = BINARY[type(op)]
            if isinstance(left, ast.Name) and left.id == target:
                return f"{target} {sign}= {spell(right)}"
            if isinstance(right, ast.Name) and right.id == target and function in COMMUTATIVE:
                return f"{target} {sign}= {spell(left)}"
            return _call(function, [left, right], target)
        case ast.UnaryOp(operand=operand):
            return _call("negative", [operand], target)
        case ast.Call(func=ast.Attribute(attr=name), args=arguments):
            return _call(name, arguments, target)
    raise TypeError(f"{ast.dump(node)} is not in the tables")


def _call(function: str, operands: list[ast.expr], target: str) -> str:
    if function in COMMUTATIVE and isinstance(operands[0], ast.Constant):
        operands = operands[::-1]  # numpy is faster with the number behind
    return f"np.{function}({', '.join(map(spell, operands))}, out={target})"
