"""Hints for a blank in three steps: where it belongs, what it is made of, how it is built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

from nndsl.course.observation import ME
from nndsl.course.units import reads_of, writes_of
from nndsl.ir import Assign, AugmentedAssign, Name, Operation, Statement, statement
from nndsl.ir.printer import comment as print_comment
from nndsl.ir.printer import statement as print_statement
from nndsl.ir.tree import (
    NO_COMMENT,
    Block,
    Expression,
    KeywordStatement,
    Line,
    Node,
    expressions,
    parts,
)
from nndsl.languages import in_a_row, listed, sentence, translated

HOLE = Name("___")
SAYS = {
    "@": "a product of matrices",
    ".T": "a transpose",
    "*": "a product, number by number",
    "/": "a division",
    "**": "a power",
    ".sum()": "a sum",
    ".mean()": "a mean",
    ".reshape()": "another shape",
    ">": "a comparison",
    "[]": "an index",
    "-": "a difference",
}
NOTHING_MORE = "Read the comments around the blank, and the docstring of its function."
CALLS = ("np.", "math.")


def hints(
    variables: Sequence[str],
    lines: Sequence[Statement | Line],
    forward: Iterable[Statement],
    docstring: str,
) -> tuple[str, ...]:
    """Return the hints for what writes some variables on some lines.

    `forward` are the statements of the forward pass that it may be the derivative of, and
    `docstring` says what the function is for.
    """
    made = [line if isinstance(line, Statement) else statement(line.node) for line in lines]
    found = [_where(name, forward, made) for name in variables]
    is_gradient = any(name.startswith("d") and name[1:] for name in variables)
    says = docstring if not is_gradient else ""  # of what is no gradient, what it is made for
    said = map(sentence, dict.fromkeys(filter(None, [*found, says])) or [NOTHING_MORE])
    first = reduce(lambda before, then: sentence("{before} {then}", before=before, then=then), said)
    if not made:
        return (translated(first),)
    written = {"np", "math", *(name for one in made for name in (*one.writes, *writes_of(one)))}
    operations = dict.fromkeys(
        name for one in made for value in expressions(one.node) for name in _operations(value)
    )
    called = {name.strip("`") for name in operations}
    reads = sorted({name for one in made for name in reads_of(one)} - written - called)
    names = in_a_row(*reads) if reads else sentence("nothing else")
    second = sentence("It is made of {names}.", names=names)
    if operations:
        template = "It is made of {names}, with {operations}."
        used = in_a_row(*map(sentence, operations))
        second = sentence(template, names=names, operations=used)
    third = "\n".join(print_statement(_with_hole(one.node)) for one in made)
    return (translated(first), translated(second), third)


def _where(name: str, forward: Iterable[Statement], made: Sequence[Statement]) -> str:
    """Say where the forward pass uses the value whose gradient is looked for."""
    value = name.removeprefix("d")
    if value == name:
        comments = (one.comment for one in made if one.comment)
        said = next(map(print_comment, comments), "")
        return sentence("{said}.", said=said[:1].upper() + said[1:]) if said else ""
    names = {value, f"{ME}.{value}"}
    used = [one.text for one in forward if names & reads_of(one) and not one.is_compound]
    if not used:
        template = "{name} is the gradient of the loss with respect to {value}."
        return sentence(template, name=name, value=value)
    return sentence(
        "{name} says how the loss changes with {value}, and has its shape. The forward pass uses "
        "{value} in {where}: the chain rule multiplies the gradient of what that gives.",
        name=name,
        value=value,
        where=listed(*(f"`{text}`" for text in used)),
    )


def _operations(value: Expression) -> Iterable[str]:
    for part in parts(value):
        if isinstance(part, Operation):
            if part.op in SAYS and (part.op != "-" or len(part.operands) == 2):
                yield SAYS[part.op]
            elif part.op.startswith(CALLS) or (part.op[0].isalpha() and part.op.endswith("()")):
                yield f"`{part.op.removesuffix('()')}`"


def _with_hole(node: Node) -> Node:
    """Return a statement in which the last operand of its value is to be found."""
    match node:
        case Assign(_, value):
            return replace(node, value=_hollow(value))
        case AugmentedAssign(_, _, value):
            return replace(node, value=_hollow(value))
        case KeywordStatement("return", value) if value is not None:
            return replace(node, value=_hollow(value))
        case Block(body=body):
            holes = tuple(
                replace(line, node=_with_hole(line.node), comment=NO_COMMENT) for line in body
            )
            return replace(node, body=holes)
    return node


def _hollow(value: Expression) -> Expression:
    match value:
        case Operation(".astype()", (inner, *others)):
            return replace(value, operands=(_hollow(inner), *others))
        case Operation("-", (inner,)) if isinstance(inner, Operation) and inner.op[0] == ".":
            return replace(value, operands=(_hollow(inner),))
        case Operation(".mean()" | ".sum()", (_,), ()):
            return replace(value, operands=(HOLE,))
        case Operation(op, operands) if op.endswith("()") and len(operands) > 2:
            at = max(range(len(operands)), key=lambda n: len([*parts(operands[n])]))
            holed = (HOLE if n == at else operand for n, operand in enumerate(operands))
            return replace(value, operands=tuple(holed))
        case Operation(op, (first, *others, _)) if op[0] != "[" and op != "tuple":
            return replace(value, operands=(first, *others, HOLE))
        case Operation(op, (_,)) if op[0] != ".":
            return replace(value, operands=(HOLE,))
        case Operation(_, (_,), options) if options:
            holes = tuple((name, HOLE) for name, _ in options)
            return replace(value, options=holes)
    return HOLE
