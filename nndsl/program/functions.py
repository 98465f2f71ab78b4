"""Functions that the sources of builtins call: each stands in a script once, where it is called."""

from collections.abc import Iterable

from nndsl.ir import (
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Literal,
    Name,
    Operation,
    Statement,
    parse_text,
    statement,
)
from nndsl.ir.tree import Block
from nndsl.program.program import Function


def called_functions(sources: Iterable[str], callers: Iterable[Function]) -> tuple[Function, ...]:
    """Return each function in `sources` that is called, by `callers` or by another.

    Builtins may share a function: it comes with each of them, and stands in the script once, as
    the first of them has it.
    """
    known: dict[str, Function] = {}
    for source in dict.fromkeys(sources):
        for function in map(_function, parse_text(source)):
            known.setdefault(function.name, function)
    wanted: set[str] = set()
    waiting = {name for caller in callers for name in caller.reads & set(known)}
    while waiting:
        wanted |= waiting
        waiting = {name for called in waiting for name in known[called].reads & set(known)} - wanted
    return tuple(function for name, function in known.items() if name in wanted)


def _function(definition: Statement) -> Function:
    """Return what a `def` with a docstring says as a function of the program."""
    match definition.node:
        case Block("def", Operation(head, names), _, (docstring, *body)):
            says = docstring.node
            assert isinstance(says, ExpressionStatement)
            assert isinstance(says.value, Literal)
            result: Expression | None = None
            match body[-1].node:
                case KeywordStatement("return", returned):
                    result = returned
                    body.pop()
            return Function(
                head.removesuffix("()"),
                tuple(name.id for name in names if isinstance(name, Name)),
                str(says.value.value),
                tuple(statement(line.node, line.comment) for line in body),
                result,
            )
    raise TypeError("a text of functions holds functions alone, each with a docstring")
