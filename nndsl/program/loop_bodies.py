"""Functions that a loop calls: in its order of arguments, and in names of no single copy."""

from collections.abc import Mapping
from dataclasses import replace

from nndsl.ir import (
    Assign,
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    names_of,
    wrapped,
)
from nndsl.ir.printer import expression
from nndsl.program.evaluation import SHORT
from nndsl.program.passes import inline, return_value
from nndsl.program.program import Function
from nndsl.record import record


@record
class Order:
    """Another order of a function's arguments, and of its results."""

    arguments: tuple[int, ...]
    results: tuple[int, ...]


def reordered(function: Function, orders: Mapping[str, Order]) -> Function:
    """Return a function with other orders of arguments and results: its own, and of its calls."""
    if not orders:
        return function
    statements = tuple(_reordered_call(made, orders) for made in function.statements)
    function = replace(function, statements=statements)
    order = orders.get(function.name)
    if order is None:
        return function
    arguments = tuple(function.arguments[at] for at in order.arguments)
    returns = function.returns
    match returns:
        case Operation("tuple", operands) if list(order.results) != sorted(order.results):
            returns = wrapped(Operation("tuple", tuple(operands[at] for at in order.results)))
    return replace(function, arguments=arguments, returns=returns)


def in_own_names(
    function: Function, orders: Mapping[str, Order], first_copy: str, inputs: set[str]
) -> Function:
    """Return a function of a stack in names without the number of a copy.

    `x` is what goes in: one of the `inputs` of the forward passes.
    """
    if function.name not in orders:
        return function
    statements = function.statements
    bound = {*function.arguments, *(name for made in statements for name in made.writes)}
    said = {name for made in statements for name in made.comment.names}
    part = f"{first_copy}_part"
    changes = {
        name: name.removesuffix(first_copy) for name in bound | said if name.endswith(first_copy)
    }
    changes |= {name: name.replace(part, "_part") for name in bound if name.endswith(part)}
    match function.returns:
        case Operation("tuple", (Name(first), *_)) if first[:1] == "d" and first not in changes:
            changes |= {first: "dx", f"{first}_part": "dx_part"}
    changes |= {name: "x" for name in inputs & bound if name not in changes}
    changes = {old: new for old, new in changes.items() if new not in bound}
    made = function.rename(changes)
    return replace(
        made,
        statements=tuple(map(_on_fewer_lines, made.statements)),
        returns=_short(made.returns, 11) if made.returns is not None else None,
    )


def joined(function: Function) -> Function:
    """Return a function whose short statements are joined, as those of `predict` are."""
    returned = names_of(function.returns) if function.returns is not None else ()
    statements = inline(function.statements, SHORT, returned)
    return return_value(replace(function, statements=tuple(statements)))


def _on_fewer_lines(made: Statement) -> Statement:
    """Return a statement whose tuples, and whose call, stand on one line where they fit."""
    match made.node:
        case Assign((Operation("tuple") as target,), value):
            short = _short(target, len("     = cache"))
            before = len(f"    {expression(short)} = ".rpartition("\n")[2])
            return made.with_node(Assign((short,), _short(value, before)))
    return made


def _short(node: Expression, before: int) -> Expression:
    """Return a tuple or a call on one line where it fits beside what stands before it."""
    match node:
        case Operation("tuple", (*values, Operation("tuple") as last)):
            beside = before + len(", ".join([*map(expression, values), ""]))
            return replace(node, operands=(*values, _short(last, beside)), lines=())
        case Operation(lines=(_, *_)):
            return wrapped(replace(node, lines=()), before)
    return node


def _reordered_call(made: Statement, orders: Mapping[str, Order]) -> Statement:
    match made.node:
        case Assign((target,), Operation(op, operands, ())) if op[:-2] in orders:
            order = orders[op[:-2]]
            if len(operands) != len(order.arguments):
                return made
            given = tuple(operands[at] for at in order.arguments)
            if isinstance(target, Operation):
                found = tuple(names_of(target))
                target = wrapped(name_tuple(found[at] for at in order.results))
            before = len(f"    {expression(target)} = ".rpartition("\n")[2])
            return assign(target, wrapped(Operation(op, given), before), like=made)
    return made
