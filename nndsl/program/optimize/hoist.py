"""Makes once what a loop would make at every turn: transposed factors, in the order of rows."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nndsl.ir import Expression, Name, Operation, Statement, assign
from nndsl.ir.tree import Block, Rule
from nndsl.program.names import Names


def hoist_transposes(statements: Iterable[Statement], names: Names) -> Iterator[Statement]:
    """Yield statements in whose loops a product with `W.T` reads a copy made before the loop.

    A product of few rows takes half as long where the rows of the other factor lie in a row.
    """
    for made in statements:
        if not isinstance(made.node, Block) or made.node.word != "for":
            yield made
            continue
        copies: dict[str, str] = {}
        yielded = made.rewrite(_rule(made, names, copies))
        for name, copied in copies.items():
            turned = Operation(".copy()", (Operation(".T", (Name(name),)),))
            yield replace(assign(copied, turned), origin=made.origin, section=made.section)
        yield yielded


def _rule(loop: Statement, names: Names, copies: dict[str, str]) -> Rule:
    def rule(node: Expression) -> Expression:
        match node:
            case Operation("@", (left, Operation(".T", (Name(name),)))) if name not in loop.writes:
                if name not in copies:
                    copies[name] = names.fresh(f"{name}_T")
                return replace(node, operands=(left, Name(copies[name])))
        return node

    return rule
