"""Writes the statements of a function where it is called, so that they write into memory, too."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nndsl.ir import Expression, Literal, Name, Operation, Statement, assign, renamed
from nndsl.ir.tree import parts, putting, replacing, transformed
from nndsl.program.names import Names
from nndsl.program.program import Function


def write_out_calls(
    statements: Iterable[Statement], functions: Iterable[Function], names: Names
) -> Iterator[Statement]:
    """Yield statements in which no plain assignment calls a function that assigns names alone."""
    known = {
        f"{function.name}()": function
        for function in functions
        if function.returns is not None and all(made.target for made in function.statements)
    }
    for made in statements:
        while (call := _call_in(made.value, known)) is not None:
            function = known[call.op]
            own = {name: names.fresh(name) for step in function.statements for name in step.writes}
            literals: dict[str, Expression] = {}  # what is made of these alone is made once
            for argument, given in zip(function.arguments, call.operands, strict=True):
                if isinstance(given, Name):
                    own[argument] = given.id
                elif isinstance(given, Literal) and argument not in own:
                    literals[argument] = given
                else:
                    own[argument] = names.fresh(argument)
                    yield _beside(made, assign(own[argument], given))
            for inner in function.statements:
                yield _beside(made, inner.rewrite(putting(literals)).rename(own))
            assert function.returns is not None
            result = renamed(transformed(function.returns, putting(literals)), own)
            assert made.value is not None
            value = transformed(made.value, replacing({call: result}))
            made = assign(made.writes[0], value, like=made)
        yield made


def _call_in(value: Expression | None, known: dict[str, Function]) -> Operation | None:
    """Return the innermost call of a known function in an expression."""
    calls = [
        part
        for part in (parts(value) if value is not None else ())
        if isinstance(part, Operation) and part.op in known and not part.options
    ]
    return calls[-1] if calls else None


def _beside(call: Statement, made: Statement) -> Statement:
    """Return a statement with the place of the call that it stands for."""
    return replace(made, origin=call.origin, section=call.section)
